package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.ipam.Ipam;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSelection;
import dev.manul.netlink.RouteSocket;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A node in a namespace of its own, with a CNI server, and pods to attach to it. */
final class CniLab implements AutoCloseable {

  static final String NODE = "node-1";

  private static final AtomicInteger NEXT = new AtomicInteger();

  private final Path directory;
  private final Datastore datastore;
  private final Ipam ipam;
  private final NetworkNamespace host;
  private final Deque<NetworkNamespace> pods = new ArrayDeque<>();
  private final Map<String, Set<Prefix>> routes = new ConcurrentHashMap<>();
  private CniOptions options;
  private CniServer server;

  /**
   * @param directory for state and socket
   * @param datastore gets a node and pools
   */
  CniLab(Path directory, Datastore datastore) {
    this.directory = directory;
    this.datastore = datastore;
    this.ipam = new Ipam(datastore, Clock.systemUTC());
    this.host = fresh("h");
    try (RouteSocket socket = RouteSocket.open(host)) {
      // the node's own addresses, for what it sends itself
      for (String own : List.of("10.1.5.10/32", "fd00:1::10/128")) {
        var _ =
            socket.apply(
                List.of(new Change.AddAddress(LinkAddress.of(1, InterfaceAddress.parse(own)))));
      }
    }
    host.writeSysctl("ipv4/ip_forward", "1");
    host.writeSysctl("ipv6/conf/all/forwarding", "1");
    this.options =
        new CniOptions(
                NODE,
                directory.resolve("run/cni.sock"),
                directory.resolve("state"),
                () -> 1430,
                () -> true)
            .withHost(host);
  }

  /** What every test's datastore holds. */
  static void fill(Datastore datastore) {
    var _ = datastore.create(new Node(Metadata.named(NODE), Node.Spec.EMPTY, Node.Status.EMPTY));
    pool(datastore, "v4", "10.65.0.0/16");
    pool(datastore, "v6", "fd00:65::/48");
  }

  static void pool(Datastore datastore, String name, String cidr) {
    IPPool.Spec spec = IPPool.Spec.of(Prefix.parse(cidr));
    if (spec.cidr().isSingleAddress()) {
      spec = spec.withBlockSize(spec.cidr().length());
    }
    var _ = datastore.create(new IPPool(Metadata.named(name), spec));
  }

  private NetworkNamespace fresh(String kind) {
    NetworkNamespace namespace =
        NetworkNamespace.create(
            "mncni-" + ProcessHandle.current().pid() + "-" + kind + NEXT.incrementAndGet());
    pods.push(namespace);
    try (RouteSocket socket = RouteSocket.open(namespace)) {
      var _ = socket.apply(List.of(new Change.SetLink(1, LinkUpdate.NOTHING.withUp(true))));
    }
    return namespace;
  }

  NetworkNamespace pod() {
    return fresh("p");
  }

  NetworkNamespace host() {
    return host;
  }

  Ipam ipam() {
    return ipam;
  }

  CniServer server() {
    return server;
  }

  CniOptions options() {
    return options;
  }

  void options(CniOptions newOptions) {
    options = newOptions;
  }

  Map<String, Set<Prefix>> routes() {
    return routes;
  }

  CniLab start() {
    return start(Work.Stages.NONE);
  }

  CniLab start(Work.Stages stages) {
    return start(datastore, stages);
  }

  CniLab start(Datastore seen, Work.Stages stages) {
    WorkloadRoutes told =
        new WorkloadRoutes() {
          @Override
          public void add(String device, Set<Prefix> addresses) {
            routes.put(device, addresses);
          }

          @Override
          public void remove(String device) {
            routes.remove(device);
          }
        };
    Clock clock = Clock.systemUTC();
    server = CniServer.start(options, seen, seen, new Ipam(seen, clock), told, clock, stages);
    return this;
  }

  CniLab stop() {
    server.close();
    return this;
  }

  /** A container's request. */
  static Map<String, String> environment(
      String verb, String container, NetworkNamespace pod, String podName) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("CNI_COMMAND", verb);
    variables.put("CNI_CONTAINERID", container);
    variables.put("CNI_NETNS", pod.path().orElseThrow().toString());
    variables.put("CNI_IFNAME", "eth0");
    variables.put("CNI_PATH", "/opt/cni/bin");
    if (!podName.isEmpty()) {
      variables.put(
          "CNI_ARGS",
          "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME="
              + podName
              + ";K8S_POD_INFRA_CONTAINER_ID="
              + container);
    }
    return variables;
  }

  /** Calico's configuration of a network, for one family or both. */
  static String network(String version, boolean v4, boolean v6) {
    return """
    {"name": "k8s-pod-network", "cniVersion": "%s", "type": "calico", "log_level": "info",
     "log_file_path": "/var/log/calico/cni/cni.log", "datastore_type": "kubernetes",
     "nodename": "%s", "mtu": 0,
     "ipam": {"type": "calico-ipam", "assign_ipv4": "%s", "assign_ipv6": "%s"},
     "policy": {"type": "k8s"}, "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}}
    """
        .formatted(version, NODE, v4, v6);
  }

  static final String IPV4 = network("1.0.0", true, false);

  Reply add(String container, NetworkNamespace pod, String podName) {
    return call(environment("ADD", container, pod, podName), IPV4);
  }

  Reply del(String container, NetworkNamespace pod, String podName) {
    return call(environment("DEL", container, pod, podName), IPV4);
  }

  /** An answer of the server. */
  record Reply(boolean success, String text) {
    ObjectNode json() {
      try {
        return Json.object(text);
      } catch (IOException e) {
        throw new AssertionError("not JSON: " + text, e);
      }
    }

    int code() {
      return json().path("code").asInt();
    }

    /** The addresses without their lengths. */
    List<String> addresses() {
      if (!success) {
        throw new AssertionError(text);
      }
      return CniResult.addresses(json()).stream().map(a -> a.substring(0, a.indexOf('/'))).toList();
    }

    Reply ok() {
      if (!success) {
        throw new AssertionError(text);
      }
      return this;
    }
  }

  static byte[] frame(Map<String, String> environment, String input) {
    StringBuilder text = new StringBuilder("manul-cni/1\0");
    environment.forEach((key, value) -> text.append(key).append('=').append(value).append('\0'));
    return text.append('\0').append(input).toString().getBytes(StandardCharsets.UTF_8);
  }

  Reply call(Map<String, String> environment, String input) {
    return exchange(frame(environment, input));
  }

  Reply exchange(byte[] body) {
    return send(ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).array());
  }

  /** Sends octets as they are. */
  Reply send(byte[] frame) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(options.socket()));
      DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
      out.write(frame);
      DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
      byte[] answer = in.readNBytes(in.readInt());
      return new Reply(
          answer[0] == 0, new String(answer, 1, answer.length - 1, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The pods' devices that the node has. */
  List<String> devices() {
    try (RouteSocket socket = RouteSocket.open(host)) {
      return socket.links().stream()
          .map(Link::name)
          .filter(name -> name.startsWith("cali"))
          .sorted()
          .toList();
    }
  }

  /** The destinations of the project's routes on the node. */
  List<String> hostRoutes() {
    try (RouteSocket socket = RouteSocket.open(host)) {
      return socket
          .routes(RouteSelection.ofTable(Route.MAIN_TABLE).withProtocol(PodLink.PROTOCOL))
          .stream()
          .map(route -> route.destination().toString())
          .sorted()
          .toList();
    }
  }

  /** The names of the files below the state's directory, of spare ones apart. */
  List<String> files() {
    try (Stream<Path> all = Files.walk(directory.resolve("state"))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.getParent().endsWith("attachments.spare"))
          .map(file -> file.getFileName().toString())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many addresses of a family are allocated. */
  long allocated(AddressFamily family) {
    return datastore.list(IPAMBlock.KIND, Selection.ALL).items().stream()
        .filter(block -> block.spec().cidr().family() == family)
        .mapToLong(
            block ->
                IntStream.range(0, block.spec().cidr().size().intValue())
                    .filter(
                        i ->
                            ipam.lookup(block.spec().cidr().address().plus(i))
                                .filter(info -> info.coolingSince().isEmpty())
                                .isPresent())
                    .count())
        .sum();
  }

  /** Fails if anything of any pod is there. */
  void nothingIsLeft() {
    assertThat(devices()).isEmpty();
    assertThat(hostRoutes()).isEmpty();
    assertThat(allocated(AddressFamily.IPV4)).isZero();
    assertThat(allocated(AddressFamily.IPV6)).isZero();
    assertThat(datastore.list(WorkloadEndpoint.KIND, Selection.ALL).items()).isEmpty();
    assertThat(files()).isEmpty();
    assertThat(routes).isEmpty();
    assertThat(server.status().attachments()).isZero();
    assertThat(server.status().releasing()).isZero();
  }

  /** Runs a program in a namespace. */
  static String run(NetworkNamespace namespace, String... command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(namespace)));
    all.addAll(List.of(command));
    try {
      Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(all + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static String name(NetworkNamespace namespace) {
    return namespace.path().orElseThrow().getFileName().toString();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    while (!pods.isEmpty()) {
      pods.pop().delete();
    }
  }
}
