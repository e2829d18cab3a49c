package dev.manul.agent.trace;

import dev.manul.model.Address;
import dev.manul.model.FlowExplanation;
import dev.manul.netlink.Link;
import dev.manul.netlink.RouteAnswer;
import dev.manul.routes.Decision;
import dev.manul.routes.Underlay;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that was seen of a packet's way through this node, in one direction.
 *
 * @param direction of {@link dev.manul.model.NodeTrace}
 * @param from the packet's source
 * @param to its destination
 * @param sender the pod that sends it, where that is here
 * @param receiver the pod it is for, where that is here
 * @param other the node that it goes to or comes from; empty when both pods are here, or an end is
 *     no pod of the cluster
 * @param wanted the route to the other end by the mode of its pool; empty without another node
 * @param arrival the link by which it is forwarded: of the sender, or that of the way from the
 *     other node
 * @param answer what the kernel would do with it there; empty when it could not be asked
 * @param wayBack the kernel's way to the packet's source
 * @param nic the link of this node's address
 * @param outer the kernel's way to the other node itself
 * @param outerArrival what the kernel does with what comes from the other node itself by that link;
 *     empty where the packet begins here
 * @param bgp about the other end
 * @param policy this node's halves for this direction; of answers there are none, as they belong to
 *     a connection
 * @param filter what others have in the packet filter's chain FORWARD, by the program that lists it
 * @param settings of the kernel, by their names below {@code /proc/sys/net}
 * @param underlay the host's links and addresses
 */
record Leg(
    String direction,
    Address from,
    Address to,
    Optional<PodEnd> sender,
    Optional<PodEnd> receiver,
    Optional<OtherNode> other,
    Optional<Decision> wanted,
    Optional<Link> arrival,
    Optional<RouteAnswer> answer,
    Optional<RouteAnswer> wayBack,
    Optional<Link> nic,
    Optional<RouteAnswer> outer,
    Optional<RouteAnswer> outerArrival,
    BgpSight bgp,
    List<FlowExplanation.Half> policy,
    Map<String, List<String>> filter,
    Map<String, String> settings,
    Underlay underlay) {

  Leg {
    policy = List.copyOf(policy);
    filter = Map.copyOf(filter);
    settings = Map.copyOf(settings);
  }

  /** Whether the packet begins on this node. */
  boolean sends() {
    return sender.isPresent();
  }

  /** The address at the far side. */
  Address far() {
    return sends() ? to : from;
  }

  int setting(String name, int absent) {
    try {
      return Integer.parseInt(settings.getOrDefault(name, "").strip());
    } catch (NumberFormatException e) {
      return absent;
    }
  }
}
