package dev.manul.e2e.cni;

import dev.manul.datastore.Document;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A node for pods: a network namespace with a link, a real agent in it, and the agent's files. One
 * thread at a time starts and ends the agent; all else may be called from any thread.
 */
public final class PodNode implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final String ADDRESS = "192.0.2.10/24";

  private final String name;
  private final Path directory;
  private final Path dist;
  private final Map<String, String> store;
  private final Thread atExit = new Thread(this::killAgent, "pod-node-end");
  private volatile Process agent;

  private PodNode(String name, Path directory, Path dist, Map<String, String> store) {
    this.name = name;
    this.directory = directory;
    this.dist = dist;
    this.store = store;
  }

  /**
   * Makes a node on a file datastore with one pool of mode Never; its agent is not started yet.
   *
   * @param name of the namespace and of the node
   * @param directory where all files go; made if need be
   * @param dist the build's programs
   * @param pool the pool's prefix
   * @param blockSize the prefix length of its blocks
   */
  public static PodNode up(String name, Path directory, Path dist, String pool, int blockSize) {
    Path datastore = directory.resolve("datastore");
    PodNode node = up(name, directory, dist, Map.of("MANUL_DATASTORE_PATH", datastore.toString()));
    try (FileDatastore open = node.datastore()) {
      ResourceText.parse(pool(pool, blockSize), "pool").stream()
          .map(Document::resource)
          .forEach(open::create);
    }
    return node;
  }

  /** A pool of mode Never, as text. */
  static String pool(String cidr, int blockSize) {
    return """
        apiVersion: projectcalico.org/v3
        kind: IPPool
        metadata:
          name: pods
        spec:
          cidr: %s
          blockSize: %d
          ipipMode: Never
          natOutgoing: false
        """
        .formatted(cidr, blockSize);
  }

  /** Makes a node whose agent finds its store by these variables. */
  public static PodNode up(String name, Path directory, Path dist, Map<String, String> store) {
    var node = new PodNode(name, directory, dist, store);
    try {
      Files.createDirectories(directory.resolve("datastore"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Run.ok("ip", "netns", "add", name);
    Run.ip(
        name,
        List.of(
            "link set lo up",
            "link add eth0 type veth peer name wire0",
            "address add " + ADDRESS + " dev eth0",
            "link set eth0 up",
            "link set wire0 up"));
    Runtime.getRuntime().addShutdownHook(node.atExit);
    return node;
  }

  /** The store's files, for a look from outside. */
  public FileDatastore datastore() {
    return FileDatastore.open(Path.of(store.get("MANUL_DATASTORE_PATH")));
  }

  public String name() {
    return name;
  }

  /** The file of the node's namespace. */
  public Path namespace() {
    return Path.of("/run/netns", name);
  }

  public Path stateDirectory() {
    return directory.resolve("state");
  }

  /** The plugin's program on the host. */
  public Path program() {
    return dist.resolve("cni/manul");
  }

  public Path log() {
    return directory.resolve("agent.log");
  }

  /** What the program on the host finds in its environment, besides a request. */
  public Map<String, String> environment() {
    return Map.of(
        "MANUL_CNI_SOCKET", directory.resolve("run/cni.sock").toString(),
        "MANUL_CNI_QUEUE", stateDirectory().resolve("cni/queue").toString());
  }

  /** A runtime on this node that finds this plugin, and Debian's. */
  public PluginChain runtime() {
    return new PluginChain(
        namespace(),
        List.of(program().getParent(), Path.of("/usr/lib/cni")),
        new TreeMap<>(environment()));
  }

  /** Starts the agent; does not wait for it. */
  public void startAgent() {
    var builder =
        new ProcessBuilder(
                "nsenter", "--net=" + namespace(), dist.resolve("bin/manul-agent").toString())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.appendTo(log().toFile()))
            .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.put("NODENAME", name);
    environment.put("MANUL_RUN_DIR", directory.resolve("run").toString());
    environment.put("MANUL_STATE_DIR", stateDirectory().toString());
    environment.put("NO_DEFAULT_POOLS", "true");
    environment.put("CALICO_MANAGE_CNI", "true");
    environment.putAll(store);
    try {
      agent = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the agent, SIGKILL, and waits for its end. */
  public void killAgent() {
    Process running = agent;
    if (running == null) {
      return;
    }
    running.destroyForcibly();
    try {
      running.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    agent = null;
  }

  /** The agent's process, where it runs. */
  public Optional<Process> agent() {
    return Optional.ofNullable(agent).filter(Process::isAlive);
  }

  /** Waits until the plugin says that it can serve pods. */
  public void awaitReady() {
    var request = PluginRequest.of("STATUS").withEnvironment(environment());
    Waiting.until(
        "the agent of " + name,
        LIMIT,
        Progress.NONE,
        () -> {
          PluginRequest.Outcome outcome =
              request.run(namespace(), program(), "{\"cniVersion\":\"1.1.0\",\"name\":\"pods\"}");
          if (outcome.status() != 0 && agent().isEmpty()) {
            throw new LabException("%s: the agent has ended; see %s", name, log());
          }
          return outcome.status() == 0 ? List.of() : List.of(outcome.output());
        });
  }

  @Override
  public void close() {
    killAgent();
    Runtime.getRuntime().removeShutdownHook(atExit);
    Run.of(List.of("ip", "netns", "delete", name));
  }
}
