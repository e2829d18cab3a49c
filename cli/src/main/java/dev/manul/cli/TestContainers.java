package dev.manul.cli;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Containers for a test: network namespaces, wired by real requests to the CNI servers of agents,
 * which are asked as the plugin's program on the host asks them ({@code manul-cni.c}). Each
 * namespace is that of a process which does nothing and ends when this one does. Closing removes
 * all of them.
 */
final class TestContainers implements AutoCloseable {
  private static final String NETWORK =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"k8s-pod-network\",\"type\":\"manul\"}";
  private static final String MAGIC = "manul-cni/1";

  private final String namespace;
  private final Consumer<String> progress;
  private final long pid = ProcessHandle.current().pid();
  private final List<Container> made = new ArrayList<>();
  private final Thread atExit = new Thread(this::removeAll);

  private record Container(String name, Process process, Path socket) {
    Path netns() {
      return Path.of("/proc", Long.toString(process.pid()), "ns/net");
    }
  }

  TestContainers(String namespace, Consumer<String> progress) {
    this.namespace = namespace;
    this.progress = progress;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Attaches so many containers to every node whose agent can be asked. */
  List<FlowEnd> attach(Agents.Found agents, int each) {
    List<FlowEnd> ends = new ArrayList<>();
    agents
        .byNode()
        .forEach(
            (node, agent) -> {
              for (int i = 0; i < each; i++) {
                ends.add(attach(node, serverOf(agent), ends.size()));
              }
              progress.accept("attached %d containers to node %s".formatted(each, node));
            });
    return ends;
  }

  /** The CNI server of an agent, which with a datastore of files has a socket here. */
  private static Path serverOf(AgentClient agent) {
    if (agent.line() instanceof SocketLine(Path socket)) {
      return socket.resolveSibling("cni.sock");
    }
    throw CommandFailure.failed("no container can be attached " + agent.line().place());
  }

  private FlowEnd attach(String node, Path socket, int number) {
    var container = new Container("manul-test-" + pid + "-" + number, holder(), socket);
    synchronized (made) {
      made.add(container);
    }
    awaitNamespace(container);
    Map<?, ?> result = ask(container, "ADD");
    List<Address> addresses =
        BgpQuestion.objects(result, "ips").stream()
            .map(ip -> BgpQuestion.text(ip, "address"))
            .map(text -> Address.parse(text.replaceFirst("/.*", "")))
            .toList();
    return new FlowEnd(namespace + "/" + container.name(), addresses, node);
  }

  /** A process in a namespace of its own, which waits for the end of its input: for our end. */
  private static Process holder() {
    try {
      return new ProcessBuilder("unshare", "--net", "cat").redirectErrorStream(true).start();
    } catch (IOException e) {
      throw CommandFailure.failed(Main.oneLine(e.getMessage()));
    }
  }

  /** The process begins in our namespace and leaves it soon. */
  private static void awaitNamespace(Container container) {
    try {
      Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
      while (container.process().isAlive()) {
        if (!Files.readSymbolicLink(container.netns()).equals(own)) {
          return;
        }
        if (!Repeat.pause(1)) {
          throw CommandFailure.failed("interrupted");
        }
      }
      String said =
          new String(container.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      throw CommandFailure.failed("no network namespace can be made: " + Main.oneLine(said));
    } catch (IOException e) {
      throw CommandFailure.failed("no network namespace can be made: " + e.getMessage());
    }
  }

  /** The answer to a request of CNI; an empty one where there is none. */
  private Map<?, ?> ask(Container container, String verb) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(container.socket()));
      byte[] request = request(container, verb);
      var out = new DataOutputStream(Channels.newOutputStream(channel));
      out.writeInt(request.length);
      out.write(request);
      out.flush();
      var in = new DataInputStream(Channels.newInputStream(channel));
      byte[] answer = in.readNBytes(in.readInt());
      String text = new String(answer, 1, answer.length - 1, StandardCharsets.UTF_8);
      if (answer[0] != 0) {
        throw CommandFailure.failed(
            "CNI " + verb + " of " + container.name() + ": " + Main.oneLine(text));
      }
      return text.isBlank()
          ? Map.of()
          : (Map<?, ?>) ResourceText.parseTrees(text, "the answer of CNI").getFirst();
    } catch (IOException | MalformedTextException e) {
      throw CommandFailure.unreachable(container.socket() + ": " + Main.oneLine(e.getMessage()));
    }
  }

  private byte[] request(Container container, String verb) throws IOException {
    Map<String, String> variables =
        new TreeMap<>(
            Map.of(
                "CNI_COMMAND",
                verb,
                "CNI_CONTAINERID",
                container.name(),
                "CNI_NETNS",
                container.netns().toString(),
                "CNI_IFNAME",
                "eth0",
                "CNI_PATH",
                "/opt/cni/bin",
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE="
                    + namespace
                    + ";K8S_POD_NAME="
                    + container.name()));
    var bytes = new ByteArrayOutputStream();
    line(bytes, MAGIC);
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      line(bytes, variable.getKey() + "=" + variable.getValue());
    }
    line(bytes, "");
    bytes.write(NETWORK.getBytes(StandardCharsets.UTF_8));
    return bytes.toByteArray();
  }

  private static void line(ByteArrayOutputStream into, String text) throws IOException {
    into.write(text.getBytes(StandardCharsets.UTF_8));
    into.write(0);
  }

  /** Removes what there is; what cannot be removed is told, and the rest goes on. */
  private void removeAll() {
    synchronized (made) {
      for (Container container : made) {
        try {
          Map<?, ?> _ = ask(container, "DEL");
        } catch (CommandFailure left) {
          progress.accept("not detached: " + left.getMessage());
        }
        container.process().destroy();
      }
      made.clear();
    }
  }

  @Override
  public void close() {
    removeAll();
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // it is running already
    }
  }
}
