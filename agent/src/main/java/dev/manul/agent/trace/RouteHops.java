package dev.manul.agent.trace;

import static dev.manul.agent.trace.HostHops.hop;
import static dev.manul.model.NodeTrace.BROKEN;
import static dev.manul.model.NodeTrace.DOUBT;
import static dev.manul.model.NodeTrace.OK;
import static dev.manul.model.NodeTrace.UNSEEN;

import dev.manul.model.AddressFamily;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Link;
import dev.manul.netlink.NextHop;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteAnswer;
import dev.manul.netlink.RouteType;
import dev.manul.routes.Decision;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.RouteIssue;
import dev.manul.routes.VxlanTunnel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which way the kernel sends a packet, and which way it ought to. Pure. */
final class RouteHops {

  /** An outer IPv4 header (RFC 2003). */
  private static final int IPIP_OVERHEAD = 20;

  private RouteHops() {}

  /** The tunnel device, where the way to the other node is to be by one. */
  static Optional<Hop> tunnel(Leg leg) {
    Optional<Decision> wanted = leg.wanted();
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    Optional<RouteIssue> missing =
        wanted
            .get()
            .issue()
            .filter(issue -> issue.reason() == RouteIssue.Reason.TUNNEL_DEVICE_MISSING);
    if (missing.isPresent()) {
      return Optional.of(hop(leg, "tunnel-device", BROKEN, missing(leg, missing.get()), 0));
    }
    return wantedLink(leg)
        .filter(link -> overhead(link, leg) > 0)
        .map(
            link ->
                link.up()
                    ? hop(
                        leg,
                        "tunnel-device",
                        OK,
                        link.name() + " (" + link.kind() + ") is up",
                        link.mtu())
                    : hop(leg, "tunnel-device", BROKEN, link.name() + " is down; set it up", 0));
  }

  /** A device that is there and not to be used is down, or another program's. */
  private static String missing(Leg leg, RouteIssue issue) {
    return leg.underlay().links().stream()
        .filter(link -> issue.message().contains("device " + link.name() + " "))
        .findFirst()
        .map(
            link ->
                link.name()
                    + " is "
                    + (link.up() ? "up" : "down")
                    + " and of kind "
                    + (link.kind().isEmpty() ? "none" : link.kind())
                    + "; "
                    + issue.message())
        .orElse(issue.message());
  }

  private static Optional<Link> wantedLink(Leg leg) {
    return leg.wanted()
        .flatMap(Decision::wanted)
        .flatMap(route -> route.nextHops().stream().findFirst())
        .flatMap(hop -> leg.underlay().link(hop.linkIndex()));
  }

  /** How many octets a link adds to a packet; 0 for one that is no tunnel. */
  private static int overhead(Link link, Leg leg) {
    return switch (link.kind()) {
      case "ipip" -> IPIP_OVERHEAD;
      case "vxlan" ->
          VxlanTunnel.overhead(
              leg.other().map(o -> o.address().family()).orElse(AddressFamily.IPV4));
      default -> 0;
    };
  }

  /** The kernel's own look-up for the packet. */
  static Hop kernelRoute(Leg leg) {
    if (leg.answer().isEmpty()) {
      return hop(
          leg, "kernel-route", UNSEEN, "not asked, as the link that it would come by is not up", 0);
    }
    return switch (leg.answer().get()) {
      case RouteAnswer.Refused(Errno errno) -> refused(leg, errno);
      case RouteAnswer.Taken(Route route) -> taken(leg, route);
    };
  }

  private static Hop refused(Leg leg, Errno errno) {
    boolean forwards = HostHops.forwarding(leg).status().equals(OK);
    boolean forged =
        HostHops.reversePath(leg).filter(hop -> hop.status().equals(BROKEN)).isPresent();
    if (forged || (errno.equals(Errno.EHOSTUNREACH) && !forwards)) {
      return hop(leg, "kernel-route", UNSEEN, "the kernel drops the packet before it looks", 0);
    }
    String why =
        errno.equals(Errno.ENETUNREACH)
            ? "no route of this node leads to " + leg.to()
            : "this node's route to " + leg.to() + " refuses: " + errno;
    return hop(leg, "kernel-route", BROKEN, why + wantedText(leg), 0);
  }

  private static String wantedText(Leg leg) {
    return leg.wanted()
        .flatMap(Decision::wanted)
        .map(route -> "; wanted is " + text(leg, route))
        .orElse("");
  }

  private static Hop taken(Leg leg, Route route) {
    String text = text(leg, route);
    if (leg.receiver().isPresent()) {
      return toPod(leg, leg.receiver().get(), route, text);
    }
    if (route.type() == RouteType.LOCAL) {
      return hop(leg, "kernel-route", BROKEN, leg.to() + " is an address of this host itself", 0);
    }
    if (route.type() != RouteType.UNICAST) {
      return hop(leg, "kernel-route", BROKEN, "the route refuses: " + text, 0);
    }
    if (leg.other().isPresent() && route.destination().length() == 0) {
      return hop(
          leg,
          "kernel-route",
          BROKEN,
          "no route to the pod: only the default route, " + text + ", is left" + wantedText(leg),
          0);
    }
    return hop(leg, "kernel-route", OK, text, 0);
  }

  private static Hop toPod(Leg leg, PodEnd pod, Route route, String text) {
    boolean right =
        route.type() == RouteType.UNICAST
            && pod.link().isPresent()
            && route.nextHops().stream()
                .anyMatch(hop -> hop.linkIndex() == pod.link().get().index());
    return right
        ? hop(leg, "kernel-route", OK, text, 0)
        : hop(
            leg,
            "kernel-route",
            BROKEN,
            "the pod is behind " + pod.device() + ", but the kernel takes " + text,
            0);
  }

  private static String text(Leg leg, Route route) {
    return route.text(leg.underlay()::linkName);
  }

  /** Whether the kernel sends by the way that the mode of the pool asks for. */
  static Optional<Hop> poolMode(Leg leg) {
    if (leg.wanted().isEmpty()) {
      return Optional.empty();
    }
    Decision decision = leg.wanted().get();
    Optional<Route> wanted = decision.wanted();
    if (wanted.isEmpty()) {
      return Optional.of(
          hop(
              leg,
              "pool-mode",
              decision instanceof Decision.Wait ? BROKEN : DOUBT,
              decision.issue().map(RouteIssue::message).orElse("no route is wanted"),
              0));
    }
    if (leg.answer().isEmpty()
        || !(leg.answer().get() instanceof RouteAnswer.Taken(Route route))
        || route.destination().length() == 0) {
      return Optional.of(hop(leg, "pool-mode", UNSEEN, "wanted is " + text(leg, wanted.get()), 0));
    }
    if (route.type() == RouteType.UNICAST && agree(wanted.get(), route)) {
      return Optional.of(
          decision
              .issue()
              .map(issue -> hop(leg, "pool-mode", DOUBT, issue.message(), 0))
              .orElseGet(() -> hop(leg, "pool-mode", OK, "packets go " + way(leg, route), 0)));
    }
    return Optional.of(
        hop(
            leg,
            "pool-mode",
            BROKEN,
            "by the mode of the pool packets go "
                + way(leg, wanted.get())
                + ", but the kernel sends them "
                + way(leg, route)
                + " because of the route "
                + text(leg, route)
                + (route.protocol() == ProgrammerOptions.MANUL_PROTOCOL
                    ? ""
                    : ", which is another program's; remove it"),
            0));
  }

  private static boolean agree(Route wanted, Route taken) {
    return ways(wanted).containsAll(ways(taken)) && !taken.nextHops().isEmpty();
  }

  private static List<NextHop> ways(Route route) {
    List<NextHop> ways = new ArrayList<>();
    for (NextHop hop : route.nextHops()) {
      ways.add(new NextHop(hop.gateway(), hop.linkIndex(), 1, false));
    }
    return ways;
  }

  private static String way(Leg leg, Route route) {
    return route.nextHops().stream()
        .findFirst()
        .map(
            hop -> {
              Optional<Link> link = leg.underlay().link(hop.linkIndex());
              String name = link.map(Link::name).orElse("if" + hop.linkIndex());
              String how =
                  link.filter(l -> overhead(l, leg) > 0)
                      .map(l -> "in " + (l.kind().equals("ipip") ? "IP-in-IP" : "VXLAN") + " by ")
                      .orElse("directly by ");
              return how + name + hop.gateway().map(gateway -> " to " + gateway).orElse("");
            })
        .orElse("nowhere");
  }

  /** The way to the other node itself, by which what goes through a tunnel travels, too. */
  static Optional<Hop> underlay(Leg leg) {
    if (leg.other().isEmpty() || leg.outer().isEmpty()) {
      return Optional.empty();
    }
    OtherNode other = leg.other().get();
    String node = "node " + other.name() + " (" + other.address() + ")";
    return Optional.of(
        switch (leg.outer().get()) {
          case RouteAnswer.Refused(Errno errno) ->
              hop(leg, "underlay", BROKEN, "no way to " + node + ": " + errno, 0);
          case RouteAnswer.Taken(Route route) ->
              isDown(leg, route)
                  ? hop(leg, "underlay", BROKEN, node + " is behind a link that is down", 0)
                  : hop(leg, "underlay", OK, node + " by " + text(leg, route), 0);
        });
  }

  private static boolean isDown(Leg leg, Route route) {
    return route.nextHops().stream()
        .flatMap(hop -> leg.underlay().link(hop.linkIndex()).stream())
        .anyMatch(link -> !link.up());
  }

  /**
   * Whether packets as long as pods send them fit: through the link that is taken and, with a
   * tunnel, with the outer headers through the link under it.
   */
  static Optional<Hop> mtu(Leg leg) {
    Optional<Link> taken = leg.sends() ? takenLink(leg.answer(), leg) : leg.arrival();
    if (taken.isEmpty() || leg.other().isEmpty()) {
      return Optional.empty();
    }
    Link link = taken.get();
    int most = link.mtu();
    String where = link.name() + " takes " + link.mtu();
    Optional<Link> under = takenLink(leg.outer(), leg);
    int overhead = overhead(link, leg);
    if (overhead > 0 && under.isPresent() && under.get().mtu() - overhead < most) {
      most = under.get().mtu() - overhead;
      where =
          under.get().name()
              + " takes "
              + under.get().mtu()
              + " with "
              + overhead
              + " of "
              + link.name();
    }
    int sent = sent(leg);
    if (sent > most) {
      return Optional.of(
          hop(
              leg,
              "mtu",
              BROKEN,
              "the pod sends up to "
                  + sent
                  + " octets, and only "
                  + most
                  + " get on ("
                  + where
                  + "): longer packets are dropped or cut up; lower the pods' MTU or raise this",
              most));
    }
    return Optional.of(hop(leg, "mtu", OK, "up to " + most + " octets (" + where + ")", most));
  }

  /** What the sending pod's link lets through; 0 where the pod is not here. */
  private static int sent(Leg leg) {
    if (leg.sender().isEmpty()) {
      return 0;
    }
    PodEnd pod = leg.sender().get();
    int host = pod.link().map(Link::mtu).orElse(0);
    return pod.inside() instanceof PodSight.Seen seen ? Math.min(seen.mtu(), host) : host;
  }

  private static Optional<Link> takenLink(Optional<RouteAnswer> answer, Leg leg) {
    return answer
        .flatMap(
            a ->
                a instanceof RouteAnswer.Taken(Route route)
                    ? route.nextHops().stream().findFirst()
                    : Optional.empty())
        .flatMap(hop -> leg.underlay().link(hop.linkIndex()));
  }
}
