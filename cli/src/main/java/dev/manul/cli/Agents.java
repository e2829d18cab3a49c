package dev.manul.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * The agents that can be asked from here: this node's, and those whose sockets are named. An agent
 * answers on its own machine only, so that a socket of another node has to be brought here, as
 * {@code ssh -L} does.
 */
final class Agents {
  private static final Duration FIRST_WORD = Duration.ofSeconds(2);

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
    return new Found(byNode, silent);
  }
}
