package dev.manul.cli;

import dev.manul.model.FlowExplanation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An agent's explanation for people. Reads the answer leniently, because tool and agent need not be
 * of one version.
 */
final class PolicyExplainView {

  private final Map<?, ?> answer;
  private final List<FlowEnd> ends;

  PolicyExplainView(Map<?, ?> answer, FlowEnd source, FlowEnd destination) {
    this.answer = answer;
    this.ends = List.of(source, destination);
  }

  /** What becomes of the flow: an address that is nobody's in the cluster has no policy. */
  String verdict() {
    boolean open = false;
    List<Map<?, ?>> halves = halves();
    for (int i = 0; i < halves.size(); i++) {
      switch (text(halves.get(i), "verdict")) {
        case FlowExplanation.DENIED -> {
          return FlowExplanation.DENIED;
        }
        case FlowExplanation.ALLOWED -> {}
        default -> open |= isElsewhere(i);
      }
    }
    return open || halves.isEmpty() ? FlowExplanation.UNDECIDED : FlowExplanation.ALLOWED;
  }

  private boolean isElsewhere(int half) {
    return !ends.get(half).node().isEmpty();
  }

  /** The answer with what the datastore knows besides. */
  String json() {
    Map<String, Object> whole = new LinkedHashMap<>();
    answer.forEach((name, value) -> whole.put(String.valueOf(name), value));
    whole.put("verdict", verdict());
    whole.put("from", Json.object("name", ends.get(0).name(), "node", ends.get(0).node()));
    whole.put("to", Json.object("name", ends.get(1).name(), "node", ends.get(1).node()));
    return Json.text(whole);
  }

  /** The verdict first, then each half. */
  String text() {
    var out = new StringBuilder();
    String port = number(answer, "port") == 0 ? "" : " port " + number(answer, "port");
    out.append(
        "%s: %s -> %s, %s%s%n"
            .formatted(
                switch (verdict()) {
                  case FlowExplanation.ALLOWED -> "Allowed";
                  case FlowExplanation.DENIED -> "Denied";
                  default -> "Not decided on this node alone";
                },
                end(0, text(answer, "source")),
                end(1, text(answer, "destination")),
                text(answer, "protocol"),
                port));
    List<Map<?, ?>> halves = halves();
    for (int i = 0; i < halves.size(); i++) {
      half(out, halves.get(i), i);
    }
    return out.toString();
  }

  private String end(int which, String address) {
    String name = ends.get(which).name();
    return name.equals(address) ? name : name + " (" + address + ")";
  }

  private void half(StringBuilder out, Map<?, ?> half, int which) {
    FlowEnd end = ends.get(which);
    String verdict = text(half, "verdict");
    boolean here = !verdict.equals(FlowExplanation.ELSEWHERE);
    String direction = text(half, "direction");
    out.append(
        "%n%s of %s: %s%n"
            .formatted(
                direction.equals("egress") ? "Egress" : "Ingress",
                end.name(),
                here ? verdict : isElsewhere(which) ? "decided elsewhere" : "nothing to ask"));
    if (!here) {
      out.append(
          isElsewhere(which)
              ? "  node %s decides; run the same command there%n".formatted(end.node())
              : "  no pod of the cluster has this address, so no policy of a pod is asked%n"
                  .formatted());
      return;
    }
    out.append("  by %s%n".formatted(text(half, "decidedBy")));
    List<Map<?, ?>> steps = maps(half, "steps");
    if (!steps.isEmpty()) {
      out.append("  asked:%n".formatted());
    }
    for (Map<?, ?> step : steps) {
      String tier = text(step, "tier");
      out.append(
          "    %s%s%s: %s%n"
              .formatted(
                  tier.isEmpty() ? "" : "tier " + tier + ", ",
                  text(step, "asked"),
                  Boolean.TRUE.equals(step.get("staged")) ? " (staged)" : "",
                  text(step, "outcome")));
    }
    rules(out, half);
  }

  private static void rules(StringBuilder out, Map<?, ?> half) {
    List<Map<?, ?>> lines = maps(half, "lines");
    if (lines.isEmpty()) {
      return;
    }
    out.append(
        "  iptables (%s, table %s), from chain %s:%n"
            .formatted(text(half, "backend"), text(half, "table"), text(half, "endpointChain")));
    for (Map<?, ?> line : lines) {
      long packets = number(line, "packets");
      out.append(
          "    %s%n      rule %d of its chain, %s%n"
              .formatted(
                  text(line, "rule"),
                  number(line, "number"),
                  packets < 0
                      ? "not in the kernel now"
                      : "%d packets, %d bytes".formatted(packets, number(line, "bytes"))));
    }
  }

  private List<Map<?, ?>> halves() {
    List<Map<?, ?>> halves = maps(answer, "halves");
    return halves.size() > ends.size() ? halves.subList(0, ends.size()) : halves;
  }

  private static List<Map<?, ?>> maps(Map<?, ?> tree, String name) {
    List<Map<?, ?>> maps = new ArrayList<>();
    if (tree.get(name) instanceof List<?> items) {
      for (Object item : items) {
        if (item instanceof Map<?, ?> map) {
          maps.add(map);
        }
      }
    }
    return maps;
  }

  private static String text(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof String text ? text : "";
  }

  private static long number(Map<?, ?> tree, String name) {
    return tree.get(name) instanceof Number number ? number.longValue() : 0;
  }
}
