package dev.manul.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * The agents that can be asked from here: this node's, those whose sockets are named, and those of
 * a cluster's nodes. An agent answers on its own machine only, so that a socket of another node has
 * to be brought here, as {@code ssh -L} does, or a program has to ask beside it, as {@code kubectl
 * exec} runs one.
 */
final class Agents {
  private static final Duration FIRST_WORD = Duration.ofSeconds(2);

  /** Each takes a program here and one beside the agent. */
  private static final int MOST_PODS = 50;

  private final Root root;

  /** How long answers are waited for, where a command lets that be chosen. */
  static final class Patience {
    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        defaultValue = "10",
        description = "How long to wait for each agent's answer (default 10).")
    int timeout;

    Duration limit() {
      if (timeout <= 0) {
        throw CommandFailure.usage("--timeout must be 1 or more seconds, not " + timeout);
      }
      return Duration.ofSeconds(timeout);
    }
  }

  @Option(
      names = "--agent",
      paramLabel = "PATH",
      description = {
        "The run directory or socket of another node's agent, besides this node's; may be given",
        "several times. Of another machine: ssh -L /tmp/b.sock:/var/run/manul/agent.sock NODE."
      })
  List<Path> others = new ArrayList<>();

  @Option(
      names = "--node",
      paramLabel = "NODE",
      split = ",",
      description = {
        "Asks of a cluster's agents those of these nodes only. They are asked through the",
        "API, by kubectl exec, of many the first 50."
      })
  Set<String> chosen = new LinkedHashSet<>();

  @Option(
      names = "--no-exec",
      description = "Asks no agent through the Kubernetes API, only those with a socket here.")
  boolean noExec;

  Agents(Root root) {
    this.root = root;
  }

  /**
   * Who answers.
   *
   * @param byNode the agents by the names of their nodes
   * @param silent a line for each socket on which none answers
   */
  record Found(Map<String, AgentClient> byNode, List<String> silent) {}

  /**
   * Asks on every socket whose agent it is.
   *
   * @param limit how long an answer may take
   */
  Found find(Duration limit) {
    return find(limit, Set.of());
  }

  /**
   * Asks on every socket whose agent it is.
   *
   * @param limit how long an answer may take
   * @param wanted the nodes whose agents will be asked; empty for all
   */
  Found find(Duration limit, Set<String> wanted) {
    List<Path> sockets = new ArrayList<>(List.of(root.agentSocket()));
    others.forEach(
        path -> sockets.add(Files.isDirectory(path) ? path.resolve("agent.sock") : path));
    Duration first = limit.compareTo(FIRST_WORD) < 0 ? limit : FIRST_WORD;
    Map<String, AgentClient> byNode = new LinkedHashMap<>();
    List<String> silent = new ArrayList<>();
    for (Path socket : sockets) {
      try {
        Map<?, ?> answer = BgpQuestion.tree(new AgentClient(socket, first).get("/liveness"));
        byNode.putIfAbsent(BgpQuestion.text(answer, "node"), new AgentClient(socket, limit));
      } catch (CommandFailure away) {
        silent.add(away.getMessage());
      }
    }
    if (!noExec && StoreChoice.of(root) instanceof StoreChoice.Cluster cluster) {
      addPods(cluster, limit, wanted, byNode, silent);
    }
    return new Found(byNode, silent);
  }

  private void addPods(
      StoreChoice.Cluster cluster,
      Duration limit,
      Set<String> wanted,
      Map<String, AgentClient> byNode,
      List<String> silent) {
    if (!Kubectl.of(root, cluster).isThere()) {
      silent.add("kubectl is not there, so that no agent is asked through the Kubernetes API");
      return;
    }
    Map<String, RelayLine> lines = AgentPods.lines(root, cluster);
    chosen.stream()
        .filter(node -> !lines.containsKey(node))
        .forEach(node -> silent.add("no agent's pod runs on node " + node));
    lines.keySet().removeIf(node -> !wanted.isEmpty() && !wanted.contains(node));
    lines.keySet().removeIf(node -> !chosen.isEmpty() && !chosen.contains(node));
    lines.keySet().removeAll(byNode.keySet());
    if (lines.size() > MOST_PODS) {
      silent.add(
          "of %d agents %d are asked through the Kubernetes API; choose them with --node"
              .formatted(lines.size(), MOST_PODS));
    }
    lines.entrySet().stream()
        .limit(MOST_PODS)
        .forEach(
            line -> {
              line.getValue().begin(); // all at a time: starting takes longer than an answer
              byNode.put(line.getKey(), new AgentClient(line.getValue(), limit));
            });
    if (!lines.isEmpty()) {
      silent.removeIf(
          line -> line.contains(root.agentSocket().toString())); // it is another machine
    }
  }
}
