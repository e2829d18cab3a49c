package dev.manul.agent.trace;

import static dev.manul.agent.trace.HostHops.hop;
import static dev.manul.model.NodeTrace.BROKEN;
import static dev.manul.model.NodeTrace.DOUBT;
import static dev.manul.model.NodeTrace.OK;

import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.RouteExplanation;
import dev.manul.bgp.RouteExplanation.PathVerdict;
import dev.manul.model.Address;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.netlink.RouteAnswer;
import dev.manul.routes.ProgrammerOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who has told this node of the way to another one, and whether they still speak. Pure. */
final class BgpHops {

  private BgpHops() {}

  /** The session that brings the route, or that ought to. */
  static Hop session(Leg leg, OtherNode other) {
    List<NeighborStatus> sessions = leg.bgp().sessions();
    Optional<NeighborStatus> direct =
        sessions.stream().filter(n -> n.address().equals(other.address())).findFirst();
    if (direct.isPresent()) {
      return direct(leg, other, direct.get());
    }
    if (sessions.isEmpty()) {
      return hasOwnRoute(leg)
          ? hop(leg, "bgp-session", OK, "none is configured, and the route is there without", 0)
          : hop(
              leg,
              "bgp-session",
              BROKEN,
              "none is configured on this node: there is no node-to-node mesh and no BGPPeer for it",
              0);
    }
    Optional<Address> teller = teller(leg);
    if (teller.isPresent()) {
      return hop(leg, "bgp-session", OK, "the route comes from " + teller.get(), 0);
    }
    List<NeighborStatus> down = sessions.stream().filter(n -> !n.established()).toList();
    if (!down.isEmpty()) {
      return hop(
          leg,
          "bgp-session",
          BROKEN,
          "nobody tells of the route, and these sessions are down: "
              + down.stream().map(BgpHops::downText).collect(Collectors.joining(", ")),
          0);
    }
    return hop(
        leg,
        "bgp-session",
        DOUBT,
        "none is configured with node "
            + other.name()
            + " ("
            + other.address()
            + "); the peers there are do not tell of its routes",
        0);
  }

  private static Hop direct(Leg leg, OtherNode other, NeighborStatus neighbor) {
    String with = "with node " + other.name() + " (" + other.address() + ")";
    if (neighbor.established()) {
      return hop(
          leg,
          "bgp-session",
          OK,
          with + " established, " + neighbor.prefixesReceived() + " routes received",
          0);
    }
    if (neighbor.asNumber() != other.asNumber()) {
      return hop(
          leg,
          "bgp-session",
          BROKEN,
          with
              + ": wrong AS: a BGPPeer says AS "
              + neighbor.asNumber()
              + ", and the node is AS "
              + other.asNumber()
              + because(neighbor),
          0);
    }
    return hop(
        leg, "bgp-session", BROKEN, with + " is down: " + neighbor.state() + because(neighbor), 0);
  }

  private static String because(NeighborStatus neighbor) {
    return neighbor.lastError().isEmpty() ? "" : "; last: " + neighbor.lastError();
  }

  private static String downText(NeighborStatus neighbor) {
    return neighbor.address() + " (" + neighbor.state() + because(neighbor) + ")";
  }

  private static Optional<Address> teller(Leg leg) {
    return used(leg).flatMap(PathVerdict::peer);
  }

  private static Optional<PathVerdict> used(Leg leg) {
    return leg.bgp().why().stream()
        .flatMap(why -> why.paths().stream())
        .filter(PathVerdict::used)
        .findFirst();
  }

  /** The best path to the other end. */
  static Hop route(Leg leg) {
    Optional<RouteExplanation> why = leg.bgp().why();
    Optional<PathVerdict> used = used(leg);
    if (used.isPresent()) {
      PathVerdict path = used.get();
      String from = path.peer().map(peer -> "from " + peer).orElse("this node's own");
      String via = path.attributes().nextHop().map(hop -> " via " + hop).orElse("");
      String text = why.orElseThrow().prefix() + via + ", " + from + ": " + path.reason();
      return path.stale()
          ? hop(leg, "bgp-route", DOUBT, text + "; kept while that peer is away", 0)
          : hop(leg, "bgp-route", OK, text, 0);
    }
    if (why.isPresent() && !why.get().paths().isEmpty()) {
      PathVerdict first = why.get().paths().getFirst();
      return hop(
          leg,
          "bgp-route",
          BROKEN,
          why.get().prefix()
              + " is known, but no path is used: "
              + first.reason()
              + (first.filter().isEmpty() ? "" : " (" + first.filter() + ")"),
          0);
    }
    return hasOwnRoute(leg)
        ? hop(leg, "bgp-route", OK, "none, and the route is there without", 0)
        : hop(leg, "bgp-route", BROKEN, "BGP knows no route to " + leg.far(), 0);
  }

  /** Whether the kernel takes a route of ours. */
  private static boolean hasOwnRoute(Leg leg) {
    return leg.answer()
        .filter(
            answer ->
                answer instanceof RouteAnswer.Taken(var route)
                    && route.protocol() == ProgrammerOptions.MANUL_PROTOCOL)
        .isPresent();
  }
}
