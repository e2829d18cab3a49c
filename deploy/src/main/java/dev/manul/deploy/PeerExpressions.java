package dev.manul.deploy;

/** The rules of a BGPPeer in CEL, for servers that know it. */
final class PeerExpressions {
  private PeerExpressions() {}

  private static String given(String field) {
    return "(has(self.F) && self.F != '')".replace("F", field);
  }

  private static String missing(String field) {
    return "(!has(self.F) || self.F == '')".replace("F", field);
  }

  /** The facts with the rules on the {@code spec}. */
  static FieldFacts on(FieldFacts facts) {
    return facts
        .rule(
            missing("node") + " || " + missing("nodeSelector"),
            "only one of node and nodeSelector may be set")
        .rule(
            missing("peerIP") + " || " + missing("peerSelector"),
            "only one of peerIP and peerSelector may be set")
        .rule(
            given("peerIP")
                + " || "
                + given("peerSelector")
                + " || "
                + given("localWorkloadSelector"),
            "one of peerIP, peerSelector and localWorkloadSelector must be set")
        .rule(
            missing("peerSelector") + " || !has(self.asNumber)",
            "asNumber cannot be combined with peerSelector: nodes have their own")
        .rule(
            missing("localWorkloadSelector")
                + " || "
                + missing("peerIP")
                + " && "
                + missing("peerSelector"),
            "localWorkloadSelector cannot be combined with peerIP or peerSelector")
        .rule(
            missing("localWorkloadSelector")
                + " && "
                + missing("peerIP")
                + " || has(self.asNumber)",
            "asNumber must be set")
        .rule(missing("reachableBy") + " || " + given("peerIP"), "reachableBy needs peerIP")
        .rule(
            "!has(self.keepOriginalNextHop) || !self.keepOriginalNextHop || !has(self.nextHopMode)",
            "keepOriginalNextHop cannot be combined with nextHopMode");
  }
}
