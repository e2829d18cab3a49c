package dev.manul.cli;

import dev.manul.model.NodeTrace;
import java.util.Map;

/**
 * A hop of a trace, with the node that it is on.
 *
 * @param mtu in octets; 0 where it says nothing of that
 */
record TracedHop(
    String node, String direction, String name, String status, String summary, int mtu) {

  static final String PROBE = "probe";

  /** Reads a hop of an agent's answer; leniently, for the two need not be of one version. */
  static TracedHop of(String node, Map<?, ?> tree) {
    return new TracedHop(
        node,
        BgpQuestion.text(tree, "direction"),
        BgpQuestion.text(tree, "name"),
        BgpQuestion.text(tree, "status"),
        Main.oneLine(BgpQuestion.text(tree, "summary")),
        tree.get("mtu") instanceof Number number ? number.intValue() : 0);
  }

  boolean is(String wanted) {
    return status.equals(wanted);
  }

  boolean isProbe() {
    return name.equals(PROBE);
  }

  boolean isThere() {
    return direction.equals(NodeTrace.THERE);
  }

  Map<String, Object> tree() {
    return Json.object(
        "node",
        node,
        "direction",
        direction,
        "hop",
        name,
        "status",
        status,
        "summary",
        summary,
        "mtu",
        mtu == 0 ? null : mtu);
  }
}
