package dev.manul.agent.trace;

import static dev.manul.agent.trace.HostHops.hop;
import static dev.manul.model.NodeTrace.BROKEN;
import static dev.manul.model.NodeTrace.DOUBT;
import static dev.manul.model.NodeTrace.OK;
import static dev.manul.model.NodeTrace.UNSEEN;

import dev.manul.model.FlowExplanation;
import dev.manul.model.NodeTrace;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.netlink.Link;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteAnswer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Whether policy, and others' rules in the packet filter, let a packet through. Pure. */
final class FilterHops {

  private FilterHops() {}

  /** This node's part of policy. */
  static List<Hop> policy(Leg leg) {
    return leg.policy().stream()
        .map(
            half -> {
              String text = half.direction() + ": " + half.decidedBy();
              return switch (half.verdict()) {
                case FlowExplanation.ALLOWED -> hop(leg, "policy", OK, text, 0);
                case FlowExplanation.DENIED -> hop(leg, "policy", BROKEN, "denied, " + text, 0);
                default -> hop(leg, "policy", UNSEEN, text, 0);
              };
            })
        .toList();
  }

  /** The chain FORWARD, as far as it can be followed without a packet. */
  static Hop forward(Leg leg, int protocol) {
    if (leg.filter().isEmpty()) {
      return hop(leg, "iptables-forward", UNSEEN, "the packet filter could not be listed", 0);
    }
    ForwardChain.Packet packet =
        new ForwardChain.Packet(
            leg.from(),
            leg.to(),
            leg.arrival().map(Link::name).orElse(""),
            out(leg).orElse(""),
            protocol,
            leg.direction().equals(NodeTrace.THERE) ? "NEW" : "ESTABLISHED");
    String passed = "";
    for (Map.Entry<String, List<String>> one : new TreeMap<>(leg.filter()).entrySet()) {
      ForwardChain.Outcome outcome = ForwardChain.follow(one.getValue(), packet);
      String by = one.getKey() + ": " + outcome.text();
      switch (outcome.verdict()) {
        case DROPPED -> {
          return hop(leg, "iptables-forward", BROKEN, by, 0);
        }
        case UNCERTAIN -> {
          return hop(leg, "iptables-forward", DOUBT, by, 0);
        }
        case PASSED -> passed = by;
      }
    }
    return hop(leg, "iptables-forward", OK, passed, 0);
  }

  private static Optional<String> out(Leg leg) {
    return leg.answer()
        .flatMap(
            answer ->
                answer instanceof RouteAnswer.Taken(Route route)
                    ? route.nextHops().stream().findFirst()
                    : Optional.empty())
        .map(hop -> leg.underlay().linkName(hop.linkIndex()))
        .or(() -> leg.receiver().map(PodEnd::device));
  }
}
