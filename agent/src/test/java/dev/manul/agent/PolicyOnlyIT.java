package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.BlockAffinity;
import dev.manul.model.Node;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real agent that does policy alone: pods are wired by CNI's own plugins host-local and ptp or
 * bridge, whose names of interfaces say nothing.
 */
class PolicyOnlyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Path PLUGINS = Path.of("/usr/lib/cni");
  private static final String NODE = "mnpo-n";
  private static final List<String> PODS = List.of("mnpo-a", "mnpo-b");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;
  private final List<String> addresses = new ArrayList<>();
  private final List<ServerSocket> servers = new ArrayList<>();
  private Process agent;

  @BeforeEach
  void nothingIsThere() throws Exception {
    removeNetwork();
  }

  private void podsOfAnotherNetwork(String plugin) throws Exception {
    run(Map.of(), "", "ip", "netns", "add", NODE);
    run(Map.of(), "", "ip", "-n", NODE, "link", "set", "lo", "up");
    for (String pod : PODS) {
      run(Map.of(), "", "ip", "netns", "add", pod);
      addresses.add(attach(plugin, pod));
    }
    for (int port : new int[] {80, 81}) {
      servers.add(
          NetworkNamespace.named("mnpo-b")
              .call(
                  () -> {
                    var server = new ServerSocket();
                    server.setReuseAddress(true);
                    server.bind(new InetSocketAddress(addresses.get(1), port));
                    return server;
                  }));
    }
  }

  /** As kubelet has it done. */
  private String attach(String plugin, String pod) throws Exception {
    String configuration =
        """
        {"cniVersion": "0.4.0", "name": "other", "type": "%s", "ipMasq": false, "isGateway": true,
         "ipam": {"type": "host-local", "subnet": "10.31.0.0/24", "dataDir": "%s",
                  "routes": [{"dst": "0.0.0.0/0"}]}}
        """
            .formatted(plugin, directory.resolve("ipam"));
    String result =
        run(
            Map.of(
                "CNI_COMMAND",
                "ADD",
                "CNI_CONTAINERID",
                pod,
                "CNI_NETNS",
                "/run/netns/" + pod,
                "CNI_IFNAME",
                "eth0",
                "CNI_PATH",
                PLUGINS.toString()),
            configuration,
            "ip",
            "netns",
            "exec",
            NODE,
            PLUGINS.resolve(plugin).toString());
    return JSON.readTree(result).at("/ips/0/address").asText().split("/", 2)[0];
  }

  @AfterEach
  void clear() throws Exception {
    for (ServerSocket server : servers) {
      server.close();
    }
    if (agent != null) {
      agent.destroyForcibly().waitFor();
    }
    removeNetwork();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ptp", "bridge"})
  void policyIsEnforcedExplainedAndCountedBesideAnotherNetwork(String plugin) throws Exception {
    podsOfAnotherNetwork(plugin);
    try (Datastore datastore = FileDatastore.open(directory.resolve("datastore"))) {
      for (int i = 0; i < PODS.size(); i++) {
        create(datastore, endpoint(PODS.get(i), addresses.get(i)));
      }
      start();
      await().atMost(PATIENCE).ignoreExceptions().until(() -> status().at("/ready").asBoolean());
      await().atMost(PATIENCE).until(() -> connects(80) && connects(81));

      create(
          datastore,
          """
          apiVersion: projectcalico.org/v3
          kind: NetworkPolicy
          metadata: {name: only-80, namespace: default}
          spec:
            selector: pod == 'mnpo-b'
            types: [Ingress]
            ingress:
            - action: Allow
              protocol: TCP
              source: {selector: pod == 'mnpo-a'}
              destination: {ports: [80]}
          """);
      create(
          datastore,
          """
          apiVersion: projectcalico.org/v3
          kind: StagedNetworkPolicy
          metadata: {name: soon, namespace: default}
          spec:
            selector: pod == 'mnpo-b'
            order: 1
            types: [Ingress]
            ingress:
            - {action: Deny, protocol: TCP}
          """);
      await().atMost(PATIENCE).until(() -> !connects(81));
      assertThat(connects(80)).isTrue();

      await().atMost(PATIENCE).untilAsserted(this::allowedIsExplained);
      deniedIsExplained();
      decisionsAreCounted();
      assertThat(run(Map.of(), "", "ip", "-n", NODE, "route", "show", "proto", "77")).isEmpty();
      assertThat(datastore.list(Node.KIND, Selection.ALL).items()).isEmpty();
      assertThat(datastore.list(BlockAffinity.KIND, Selection.ALL).items()).isEmpty();
      assertThat(run(Map.of(), "", "ip", "netns", "exec", NODE, "iptables-nft-save", "-t", "nat"))
          .doesNotContain("MASQUERADE");
    }
  }

  private void allowedIsExplained() throws IOException {
    JsonNode explanation = explain(80);
    assertThat(explanation.at("/verdict").asText()).isEqualTo("allowed");
    assertThat(explanation.at("/halves/0/decidedBy").asText())
        .isEqualTo("rule 1 of egress of profile kns.default");
    assertThat(explanation.at("/halves/1/decidedBy").asText())
        .isEqualTo("rule 1 of ingress of NetworkPolicy default/only-80");
    assertThat(explanation.at("/halves/1/steps/0/outcome").asText())
        .isEqualTo("rule 1 of ingress would deny");
    assertThat(explanation.at("/halves/1/endpointChain").asText()).startsWith("manul-tw-");
    // the staged policy may have come after the first probes, and with it a chain that counts anew
    await().atMost(PATIENCE).until(() -> connects(80) && packets(80) > 0);
  }

  private void deniedIsExplained() throws IOException {
    JsonNode explanation = explain(81);
    assertThat(explanation.at("/verdict").asText()).isEqualTo("denied");
    assertThat(explanation.at("/halves/1/decidedBy").asText()).startsWith("end of tier default");
    assertThat(explanation.at("/halves/1/lines/0/rule").asText()).endsWith("-j DROP");
    await().atMost(PATIENCE).until(() -> !connects(81) && packets(81) > 0);
  }

  /** What the rule that decides about a port has counted. */
  private long packets(int port) throws IOException {
    return explain(port).at("/halves/1/lines/0/packets").asLong();
  }

  private void decisionsAreCounted() throws Exception {
    String metrics = metrics();
    assertThat(metrics).startsWith("HTTP/1.1 200").contains("felix_active_local_endpoints 2.0");
    assertThat(metrics.lines())
        .anyMatch(
            line ->
                line.matches(
                    "manul_policy_packets_total\\{action=\"allow\",direction=\"ingress\","
                        + "kind=\"NetworkPolicy\",name=\"only-80\",.*} [1-9].*"))
        .anyMatch(
            line ->
                line.matches(
                    "manul_policy_packets_total\\{action=\"deny\",direction=\"ingress\","
                        + "kind=\"StagedNetworkPolicy\",name=\"soon\",.*} [1-9].*"));
  }

  /** The name of the interface is the one that Manul would have given: there is none of it. */
  private static String endpoint(String pod, String address) {
    return """
    apiVersion: projectcalico.org/v3
    kind: WorkloadEndpoint
    metadata:
      name: mnpo--n-k8s-%s-eth0
      namespace: default
      labels: {pod: %s}
    spec:
      orchestrator: k8s
      node: mnpo-n
      pod: %s
      endpoint: eth0
      containerID: abcdef
      ipNetworks: [%s/32]
      interfaceName: cali0a1b2c3d4e5
      profiles: [kns.default]
    """
        .formatted(pod.replace("-", "--"), pod, pod, address);
  }

  private static void create(Datastore datastore, String document) {
    Object tree = ResourceText.parseTrees(document, "test").getFirst();
    assertThat(datastore.create(ResourceText.fromTree(tree, "test")))
        .isNotInstanceOf(WriteResult.Conflict.class);
  }

  private void start() throws IOException {
    ProcessBuilder builder =
        AgentCluster.program(NODE, "--policy-only", "--interface-prefix", "veth");
    Map<String, String> environment = builder.environment();
    environment.put("NODENAME", NODE);
    environment.put("MANUL_DATASTORE_PATH", directory.resolve("datastore").toString());
    environment.put("MANUL_RUN_DIR", directory.resolve("run").toString());
    environment.put("FELIX_PROMETHEUSMETRICSENABLED", "true");
    environment.put("FELIX_IPTABLESBACKEND", "NFT");
    agent =
        builder
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("agent.log").toFile())
            .start();
  }

  private boolean connects(int port) {
    return NetworkNamespace.named("mnpo-a")
        .call(
            () -> {
              try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(addresses.get(1), port), 400);
                return true;
              } catch (IOException e) {
                return false;
              }
            });
  }

  private JsonNode status() throws IOException {
    return JSON.readTree(body(asked("/v1/status")));
  }

  private JsonNode explain(int port) throws IOException {
    return JSON.readTree(
        body(
            asked(
                "/v1/policy/explain?source=%s&destination=%s&protocol=tcp&port=%d"
                    .formatted(addresses.get(0), addresses.get(1), port))));
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  private String asked(String path) throws IOException {
    Path socket = directory.resolve("run").resolve("agent.sock");
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return answer(channel, UnixDomainSocketAddress.of(socket), path);
    }
  }

  private static String metrics() {
    return NetworkNamespace.named(NODE)
        .call(
            () -> {
              try (SocketChannel channel = SocketChannel.open()) {
                return answer(
                    channel,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 9091),
                    "/metrics");
              }
            });
  }

  private static String answer(SocketChannel channel, SocketAddress where, String path)
      throws IOException {
    channel.connect(where);
    channel.write(
        ByteBuffer.wrap(
            ("GET " + path + " HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
    ByteBuffer answer = ByteBuffer.allocate(1 << 20);
    while (channel.read(answer) >= 0) {
      assertThat(answer.hasRemaining()).isTrue();
    }
    return StandardCharsets.UTF_8.decode(answer.flip()).toString();
  }

  private static void removeNetwork() throws Exception {
    List<String> all = new ArrayList<>(PODS);
    all.add(NODE);
    for (String namespace : all) {
      if (Files.exists(Path.of("/run/netns", namespace))) {
        run(Map.of(), "", "ip", "netns", "del", namespace);
      }
    }
  }

  private static String run(Map<String, String> environment, String input, String... command)
      throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (var stdin = process.outputWriter()) {
      stdin.write(input);
    }
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", List.of(command), printed).isZero();
    return printed;
  }
}
