package dev.manul.cli;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whom the commands about BGP ask, and in what form they answer. */
final class BgpQuestion {
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Ask on this socket, such as that of manul-bgp, and not the node's agent.")
  Path socket;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long to wait for an answer (default 10).")
  int timeout;

  @Mixin final OneAgent agent;

  BgpQuestion(Root root) {
    this.agent = new OneAgent(root);
  }

  AgentClient client() {
    if (timeout <= 0) {
      throw CommandFailure.usage("--timeout must be 1 or more seconds, not " + timeout);
    }
    if (socket != null && agent.node != null) {
      throw CommandFailure.usage("--socket and --node name two agents; give one only");
    }
    Duration limit = Duration.ofSeconds(timeout);
    return socket == null ? agent.client(limit) : new AgentClient(socket, limit);
  }

  /** The answer as it came. */
  String ask(String path) {
    return client().get(path);
  }

  /** An answer's tree; read leniently, for the two programs need not be of one version. */
  static Map<?, ?> tree(String answer) {
    try {
      List<Object> trees = ResourceText.parseTrees(answer, "the answer");
      if (trees.size() == 1 && trees.getFirst() instanceof Map<?, ?> tree) {
        return tree;
      }
    } catch (MalformedTextException e) {
      throw CommandFailure.unreachable(Main.oneLine(e.getMessage()));
    }
    throw CommandFailure.unreachable("the answer is no JSON object");
  }

  /** A field's text; "" when it is not there. */
  static String text(Map<?, ?> tree, String name) {
    Object value = tree.get(name);
    return value == null ? "" : String.valueOf(value);
  }

  static boolean truth(Map<?, ?> tree, String name) {
    return Boolean.TRUE.equals(tree.get(name));
  }

  /** A list of objects; empty when it is not there. */
  static List<Map<?, ?>> objects(Map<?, ?> tree, String name) {
    if (!(tree.get(name) instanceof List<?> items)) {
      return List.of();
    }
    List<Map<?, ?>> objects = new ArrayList<>();
    for (Object item : items) {
      if (item instanceof Map<?, ?> object) {
        objects.add(object);
      }
    }
    return objects;
  }

  /** A list of texts; empty when it is not there. */
  static List<String> texts(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof List<?> items
        ? items.stream().map(String::valueOf).toList()
        : List.of();
  }
}
