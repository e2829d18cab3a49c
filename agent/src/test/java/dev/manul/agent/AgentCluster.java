package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Real agents in network namespaces of their own on one datastore directory, joined by a bridge:
 * node {@code i} of them, from 1, has 10.9.0.i/24 and fd09::i/64 on {@code eth0}.
 */
final class AgentCluster implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final String bridge;
  private final List<String> nodes;
  private final Map<String, Process> agents = new HashMap<>();

  /**
   * Makes the network.
   *
   * @param nodes the namespaces' names and the nodes', which all begin alike
   */
  AgentCluster(Path directory, List<String> nodes) throws Exception {
    this.directory = directory;
    this.nodes = List.copyOf(nodes);
    this.bridge = nodes.getFirst() + "-br";
    removeNetwork();
    ip("netns", "add", bridge);
    ip("-n", bridge, "link", "add", "br0", "type", "bridge");
    ip("-n", bridge, "link", "set", "br0", "up");
    for (int i = 0; i < nodes.size(); i++) {
      String node = nodes.get(i);
      ip("netns", "add", node);
      ip("-n", node, "link", "set", "lo", "up");
      ip(
          "-n", node, "link", "add", "eth0", "type", "veth", "peer", "name", "p" + i, "netns",
          bridge);
      ip("-n", bridge, "link", "set", "p" + i, "master", "br0", "up");
      ip("-n", node, "addr", "add", "10.9.0." + (i + 1) + "/24", "dev", "eth0");
      ip("-n", node, "addr", "add", "fd09::" + (i + 1) + "/64", "dev", "eth0", "nodad");
      ip("-n", node, "link", "set", "eth0", "up");
    }
  }

  Path datastore() {
    return directory.resolve("datastore");
  }

  Path log(String node) {
    return directory.resolve(node + ".log");
  }

  void start(String node, Map<String, String> more) throws IOException {
    agents.put(
        node,
        agent(node, more)
            .redirectError(ProcessBuilder.Redirect.appendTo(log(node).toFile()))
            .start());
  }

  /** Ends an agent as a crash would. */
  void kill(String node) throws InterruptedException {
    agents.get(node).destroyForcibly().waitFor();
  }

  /** The agent's program in a network namespace, with flags. */
  static ProcessBuilder program(String namespace, String... flags) {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.manul.agent.Main"));
    command.addAll(List.of(flags));
    return new ProcessBuilder(command);
  }

  ProcessBuilder agent(String node, Map<String, String> more) {
    ProcessBuilder builder = program(node);
    Map<String, String> environment = builder.environment();
    environment.put("NODENAME", node);
    environment.put("IP", "autodetect");
    environment.put("MANUL_DATASTORE_PATH", datastore().toString());
    environment.put("MANUL_RUN_DIR", directory.resolve(node).toString());
    environment.put("CALICO_IPV4POOL_CIDR", "10.77.0.0/16");
    environment.putAll(more);
    return builder;
  }

  void awaitReady(String node) {
    await("readiness of " + node)
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> status(node).path("ready").asBoolean());
  }

  JsonNode status(String node) throws IOException {
    return answer(node, "/v1/status");
  }

  /** What an agent answers on its socket. */
  JsonNode answer(String node, String path) throws IOException {
    Path socket = directory.resolve(node).resolve("agent.sock");
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(
          ByteBuffer.wrap(
              ("GET " + path + " HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII)));
      String text =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
      return new ObjectMapper().readTree(text.substring(text.indexOf("\r\n\r\n") + 4));
    }
  }

  /** Takes a node off the bridge, of which its link notices nothing. */
  void cutOff(String node) throws Exception {
    ip("-n", bridge, "link", "set", "p" + nodes.indexOf(node), "nomaster");
  }

  static List<String> routes(String node) throws Exception {
    return ip("-n", node, "route").stream().map(String::strip).toList();
  }

  private void removeNetwork() throws Exception {
    List<String> all = new ArrayList<>(nodes);
    all.add(bridge);
    for (String namespace : all) {
      if (Files.exists(Path.of("/run/netns", namespace))) {
        ip("netns", "del", namespace);
      }
    }
  }

  /** Runs {@code ip}, which must succeed. */
  static List<String> ip(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as("%s: %s", command, lines).isZero();
    return lines;
  }

  @Override
  public void close() {
    try {
      for (Process agent : agents.values()) {
        agent.destroyForcibly().waitFor();
      }
      removeNetwork();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
