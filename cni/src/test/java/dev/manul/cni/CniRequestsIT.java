package dev.manul.cni;

import static dev.manul.cni.CniLab.environment;
import static dev.manul.cni.CniLab.network;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.cni.CniLab.Reply;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may ask, what is answered to nonsense, and what annotations ask for. */
final class CniRequestsIT {

  private final MemoryDatastore datastore = new MemoryDatastore();
  private final Map<String, Resource> kubernetes = new ConcurrentHashMap<>();
  private Path directory;
  private CniLab lab;

  @BeforeEach
  void build(@TempDir Path temporary) {
    directory = temporary;
    CniLab.fill(datastore);
    lab = new CniLab(directory, datastore).start();
  }

  @AfterEach
  void tearDown() {
    lab.close();
    datastore.close();
  }

  static Stream<Arguments> nonsense() {
    Map<String, String> none = Map.of();
    String good = CniLab.IPV4;
    return Stream.of(
        Arguments.of(none, "{", 6, "the network configuration is not JSON"),
        Arguments.of(none, "[]", 6, "the network configuration is not JSON"),
        Arguments.of(none, "", 6, "the network configuration is not JSON"),
        Arguments.of(none, good.replace("1.0.0", "9.9.9"), 1, "cniVersion \\\"9.9.9\\\" is not"),
        Arguments.of(none, good.replace("calico-ipam", "dhcp"), 2, "ipam.type \\\"dhcp\\\""),
        Arguments.of(none, good.replace("k8s-pod-network", "a b"), 7, "name \\\"a b\\\""),
        Arguments.of(none, good.replace("\"mtu\": 0", "\"mtu\": \"x\""), 7, "field mtu is"),
        Arguments.of(none, good.replace("\"mtu\": 0", "\"mtu\": 12"), 7, "mtu 12 is not 0"),
        Arguments.of(Map.of("CNI_COMMAND", "PUT"), good, 4, "CNI_COMMAND is \\\"PUT\\\""),
        Arguments.of(Map.of("CNI_CONTAINERID", ""), good, 4, "CNI_CONTAINERID is not set"),
        Arguments.of(Map.of("CNI_CONTAINERID", "../x"), good, 4, "CNI_CONTAINERID is"),
        Arguments.of(Map.of("CNI_IFNAME", ".."), good, 4, "CNI_IFNAME is"),
        Arguments.of(Map.of("CNI_IFNAME", "a/b"), good, 4, "CNI_IFNAME is"),
        Arguments.of(Map.of("CNI_NETNS", ""), good, 4, "CNI_NETNS is not set"),
        Arguments.of(Map.of("CNI_ARGS", "x"), good, 4, "CNI_ARGS has \\\"x\\\""),
        Arguments.of(Map.of("CNI_NETNS", "/run/netns/mncni-no"), good, 3, "is not there"),
        Arguments.of(Map.of("CNI_NETNS", "/proc/self/ns/net"), good, 4, "the node's own"));
  }

  @ParameterizedTest
  @MethodSource("nonsense")
  void answersNonsenseWithAnErrorAndLeavesNothing(
      Map<String, String> changes, String input, int code, String text) {
    Map<String, String> environment = environment("ADD", "c1", lab.pod(), "web-0");
    environment.putAll(changes);

    Reply reply = lab.call(environment, input);

    assertThat(reply.success()).isFalse();
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.text()).contains(text);
    assertThat(reply.json().path("cniVersion").asText()).isIn("1.0.0", "1.1.0");
    lab.nothingIsLeft();
  }

  @Test
  void refusesWhatIsNoRequest() {
    assertThat(lab.exchange("GET / HTTP/1.1\0\0".getBytes(StandardCharsets.UTF_8)))
        .satisfies(reply -> assertThat(reply.code()).isEqualTo(6));
    assertThat(lab.send(new byte[] {0, 0x10, 0, 1}))
        .satisfies(reply -> assertThat(reply.text()).contains("at most 1048576 octets"));
  }

  @Test
  void onlyRootMayAsk() throws Exception {
    assertThat(Files.getPosixFilePermissions(lab.options().socket()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    // even if the file's mode let others in
    for (Path path = lab.options().socket(); !path.equals(Path.of("/tmp")); path = parent(path)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    String connect =
        "use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => shift) or die 'no';"
            + "print defined(<$s>) ? 'answered' : 'closed';";
    Process process =
        new ProcessBuilder(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "perl",
                "-e",
                connect,
                lab.options().socket().toString())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("closed");
    lab.add("c1", lab.pod(), "web-0").ok();
  }

  private static Path parent(Path path) {
    return path.toAbsolutePath().getParent();
  }

  @Test
  void tellsItsVersionsAndWhetherItCanServe() {
    Reply versions = lab.call(Map.of("CNI_COMMAND", "VERSION"), "{\"cniVersion\":\"1.0.0\"}").ok();
    assertThat(versions.text())
        .isEqualTo(
            "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":"
                + "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}");
    String network = network("1.1.0", true, false);
    assertThat(lab.call(Map.of("CNI_COMMAND", "STATUS"), network).success()).isTrue();
    assertThat(lab.call(Map.of("CNI_COMMAND", "STATUS"), CniLab.IPV4).code()).isEqualTo(1);
    for (String name : List.of("v4", "v6")) {
      IPPool pool = datastore.get(IPPool.KIND, Key.of(name)).orElseThrow();
      var _ = datastore.update(pool.withSpec(pool.spec().withDisabled(true)));
    }
    assertThat(lab.call(Map.of("CNI_COMMAND", "STATUS"), network))
        .satisfies(reply -> assertThat(reply.code()).isEqualTo(50))
        .satisfies(reply -> assertThat(reply.text()).contains("no enabled IPPool"));
  }

  @Test
  void keepsToTheAnnotationsOfPodAndNamespace() {
    CniLab.pool(datastore, "special", "10.77.0.0/24");
    lab.stop().start(withKubernetes(), Work.Stages.NONE);
    put("web-0", Map.of(), "ipv4pools", "[\"special\"]");
    put("web-1", Map.of("ipAddrs", "[\"10.65.3.9\"]", "hwAddr", "02:42:0A:01:05:0A"), "", "");

    NetworkNamespace first = lab.pod();
    assertThat(lab.add("c0", first, "web-0").addresses().getFirst()).startsWith("10.77.0.");
    NetworkNamespace second = lab.pod();
    Reply fixed = lab.add("c1", second, "web-1");
    assertThat(fixed.addresses()).containsExactly("10.65.3.9");
    assertThat(CniLab.run(second, "ip", "-o", "link", "show", "dev", "eth0"))
        .contains("02:42:0a:01:05:0a");
    CniLab.run(
        second, "ping", "-c", "1", "-W", "2", lab.add("c0", first, "web-0").addresses().getFirst());

    put("web-2", Map.of("ipAddrs", "[\"10.65.3.9\"]"), "", "");
    assertThat(lab.add("c2", lab.pod(), "web-2").code()).isEqualTo(103);
    put("web-3", Map.of("ipAddrs", "{}"), "", "");
    assertThat(lab.add("c3", lab.pod(), "web-3").code()).isEqualTo(102);
    put("web-4", Map.of("ipv4pools", "[\"nowhere\"]"), "", "");
    assertThat(lab.add("c4", lab.pod(), "web-4").code()).isEqualTo(101);
    put("web-5", Map.of("ipAddrsNoIpam", "[\"192.0.2.7\"]"), "", "");
    assertThat(lab.add("c5", lab.pod(), "web-5").code()).isEqualTo(102);
    String free =
        CniLab.IPV4.replace(
            "\"policy\"", "\"feature_control\": {\"ip_addrs_no_ipam\": true}, \"policy\"");
    assertThat(lab.call(environment("ADD", "c5", lab.pod(), "web-5"), free).addresses())
        .containsExactly("192.0.2.7");
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(2);
    assertThat(lab.devices()).hasSize(3);
  }

  private void put(String pod, Map<String, String> annotations, String key, String value) {
    if (!key.isEmpty()) {
      kubernetes.put(
          Namespace.KIND + " default", new Namespace(annotated("", "default", Map.of(key, value))));
    }
    kubernetes.put(
        Pod.KIND + " default/" + pod, new Pod(annotated("default", pod, annotations), null, null));
  }

  /** The datastore, with Kubernetes' own resources, which cannot be written through it. */
  private Datastore withKubernetes() {
    return (Datastore)
        Proxy.newProxyInstance(
            Datastore.class.getClassLoader(),
            new Class<?>[] {Datastore.class},
            (_, method, arguments) -> {
              if (method.getName().equals("get")
                  && List.of(Pod.KIND, Namespace.KIND).contains(arguments[0])) {
                return Optional.ofNullable(kubernetes.get(arguments[0] + " " + arguments[1]));
              }
              try {
                return method.invoke(datastore, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Metadata annotated(String namespace, String name, Map<String, String> values) {
    Map<String, String> annotations = new HashMap<>();
    values.forEach((key, value) -> annotations.put("cni.projectcalico.org/" + key, value));
    return new Metadata(name, namespace, Map.of(), annotations, "", "", "");
  }

  @Test
  void aSecondLinkOfAContainerLivesAndDiesByItself() {
    NetworkNamespace pod = lab.pod();
    String first = lab.add("c1", pod, "web-0").addresses().getFirst();
    Map<String, String> second = environment("ADD", "c1", pod, "web-0");
    second.put("CNI_IFNAME", "net1");
    // a container has one default route: the second network's is another family's
    String other = network("1.0.0", false, true);
    lab.call(second, other).ok();
    assertThat(lab.devices()).hasSize(2);

    second.put("CNI_COMMAND", "DEL");
    lab.call(second, other).ok();

    assertThat(lab.hostRoutes()).containsExactly(first + "/32");
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);
    assertThat(lab.allocated(AddressFamily.IPV6)).isZero();
    assertThat(
            datastore
                .get(
                    WorkloadEndpoint.KIND,
                    new Key("default", WorkloadEndpoint.nameOf(CniLab.NODE, "web-0")))
                .orElseThrow()
                .spec()
                .ipNetworks())
        .containsExactly(Prefix.parse(first + "/32"));
  }

  @Test
  void replacesTheSocketOfADeadProcessAndNoOther() throws IOException {
    Path socket = directory.resolve("other/cni.sock");
    Files.createDirectories(socket.getParent());
    try (var left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    CniOptions options =
        new CniOptions(CniLab.NODE, socket, directory.resolve("s"), () -> 1500, () -> true);
    var clock = Clock.systemUTC();
    try (CniServer server =
        CniServer.start(options, datastore, datastore, lab.ipam(), new NoRoutes(), clock)) {
      assertThat(server.status().attachments()).isZero();
      assertThatThrownBy(
              () ->
                  CniServer.start(options, datastore, datastore, lab.ipam(), new NoRoutes(), clock))
          .hasMessageContaining("another process listens there");
    }
    assertThat(socket).doesNotExist();
  }

  private static final class NoRoutes implements WorkloadRoutes {
    @Override
    public void add(String device, Set<Prefix> addresses) {}

    @Override
    public void remove(String device) {}
  }
}
