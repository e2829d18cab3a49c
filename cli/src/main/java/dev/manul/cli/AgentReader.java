package dev.manul.cli;

import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import dev.manul.model.AgentStatus;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads an agent's status. Lenient on purpose: what a newer agent adds is passed over and what an
 * older one lacks is empty, because tool and agent need not be of one version.
 */
final class AgentReader {
  /** Where the status is on the control socket. */
  static final String PATH = "/v1/status";

  private AgentReader() {}

  static AgentStatus read(AgentClient client) {
    return read(client.get(PATH));
  }

  static AgentStatus read(String answer) {
    List<Object> trees;
    try {
      trees = ResourceText.parseTrees(answer, "the agent's answer");
    } catch (MalformedTextException e) {
      throw CommandFailure.unreachable(Main.oneLine(e.getMessage()));
    }
    if (trees.size() != 1 || !(trees.getFirst() instanceof Map<?, ?> status)) {
      throw CommandFailure.unreachable("the agent's answer is not a status");
    }
    return new AgentStatus(
        text(status, "node"),
        text(status, "version"),
        text(status, "startedAt"),
        truth(status, "ready"),
        list(status, "conditions", AgentReader::condition),
        list(status, "startup", AgentReader::step),
        list(status, "sessions", AgentReader::session),
        status.get("routes") instanceof Map<?, ?> routes ? routes(routes) : null,
        status.get("policy") instanceof Map<?, ?> policy ? policy(policy) : null,
        list(status, "encapsulations", AgentReader::encapsulation),
        list(status, "carried", AgentReader::carried));
  }

  private static AgentStatus.Carried carried(Map<?, ?> tree) {
    return new AgentStatus.Carried(
        text(tree, "device"),
        number(tree, "sent"),
        number(tree, "received"),
        number(tree, "noNode"),
        number(tree, "unknownSender"),
        number(tree, "malformed"),
        number(tree, "refused"));
  }

  private static AgentStatus.Encapsulation encapsulation(Map<?, ?> tree) {
    return new AgentStatus.Encapsulation(
        text(tree, "name"), truth(tree, "available"), text(tree, "problem"));
  }

  private static AgentStatus.Condition condition(Map<?, ?> tree) {
    return new AgentStatus.Condition(
        text(tree, "type"), truth(tree, "status"), text(tree, "reason"), text(tree, "message"));
  }

  private static AgentStatus.StartupStep step(Map<?, ?> tree) {
    return new AgentStatus.StartupStep(
        text(tree, "name"),
        text(tree, "state"),
        number(tree, "milliseconds"),
        text(tree, "waitsFor"));
  }

  private static AgentStatus.Session session(Map<?, ?> tree) {
    return new AgentStatus.Session(
        text(tree, "peerAddress"),
        text(tree, "peerType"),
        text(tree, "state"),
        text(tree, "since"),
        text(tree, "info"),
        text(tree, "localAddress"),
        number(tree, "localAs"),
        number(tree, "peerAs"),
        number(tree, "received"),
        number(tree, "advertised"),
        number(tree, "flaps"));
  }

  private static AgentStatus.Routes routes(Map<?, ?> tree) {
    return new AgentStatus.Routes(
        (int) number(tree, "desired"),
        (int) number(tree, "installed"),
        number(tree, "repaired"),
        text(tree, "lastFullCheck"),
        texts(tree, "failing"),
        texts(tree, "lines"));
  }

  private static AgentStatus.Policy policy(Map<?, ?> tree) {
    return new AgentStatus.Policy(
        text(tree, "backend"),
        truth(tree, "settled"),
        (int) number(tree, "endpoints"),
        (int) number(tree, "policies"),
        (int) number(tree, "sets"),
        number(tree, "repaired"),
        text(tree, "lastFullCheck"),
        number(tree, "lastChangeMicroseconds"));
  }

  private static <T> List<T> list(Map<?, ?> tree, String name, Function<Map<?, ?>, T> read) {
    return tree.get(name) instanceof List<?> items
        ? items.stream()
            .filter(Map.class::isInstance)
            .map(item -> read.apply((Map<?, ?>) item))
            .toList()
        : List.of();
  }

  private static List<String> texts(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof List<?> items
        ? items.stream().map(String::valueOf).toList()
        : List.of();
  }

  private static String text(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof Number number ? number.longValue() : 0;
  }

  private static boolean truth(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof Boolean truth && truth;
  }
}
