package dev.manul.agent.trace;

import static dev.manul.model.NodeTrace.BROKEN;
import static dev.manul.model.NodeTrace.DOUBT;
import static dev.manul.model.NodeTrace.OK;
import static dev.manul.model.NodeTrace.UNSEEN;

import dev.manul.model.AddressFamily;
import dev.manul.model.NodeTrace.Hop;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Link;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteAnswer;
import java.util.Optional;

/** What interfaces and the kernel's settings do to a packet. Pure. */
final class HostHops {

  /** RFC 3704 strict mode; 0 is off and 2 is loose (ip-sysctl of the kernel). */
  private static final int STRICT = 1;

  private HostHops() {}

  /** The inside of a pod: its interface, and whether its routes lead out. */
  static Hop podInterface(Leg leg, PodEnd pod, boolean sends) {
    return switch (pod.inside()) {
      case PodSight.Unseen(String why) -> hop(leg, "pod-interface", UNSEEN, why, 0);
      case PodSight.Addressless() ->
          hop(
              leg,
              "pod-interface",
              BROKEN,
              "no interface in the pod has the address " + (sends ? leg.from() : leg.to()),
              0);
      case PodSight.Seen seen -> podInterface(leg, seen);
    };
  }

  private static Hop podInterface(Leg leg, PodSight.Seen seen) {
    if (!seen.up()) {
      return hop(leg, "pod-interface", BROKEN, seen.link() + " in the pod is down", 0);
    }
    return switch (seen.answer()) {
      case RouteAnswer.Refused(Errno errno) ->
          hop(
              leg,
              "pod-interface",
              BROKEN,
              seen.link()
                  + " in the pod is up, but no route of the pod leads to the other end: "
                  + errno
                  + "; a pod has a default route by 169.254.1.1",
              0);
      case RouteAnswer.Taken(var route) ->
          hop(
              leg,
              "pod-interface",
              OK,
              seen.link() + " in the pod is up; its route is " + route.destination(),
              seen.mtu());
    };
  }

  /** The host's end of a pod's link. */
  static Hop hostInterface(Leg leg, PodEnd pod) {
    if (pod.link().isEmpty()) {
      return hop(
          leg,
          "host-interface",
          BROKEN,
          pod.device() + ", the pod's interface on this node, is not there",
          0);
    }
    Link link = pod.link().get();
    if (!link.up()) {
      return hop(leg, "host-interface", BROKEN, link.name() + " is down; set it up", 0);
    }
    if (!link.running()) {
      return hop(
          leg,
          "host-interface",
          BROKEN,
          link.name() + " has no carrier: its other end, in the pod, is down or gone",
          0);
    }
    return hop(leg, "host-interface", OK, link.name() + " is up", link.mtu());
  }

  /** Whether this node forwards at all. */
  static Hop forwarding(Leg leg) {
    boolean four = leg.to().family() == AddressFamily.IPV4;
    String all = four ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding";
    if (leg.setting(all, 1) == 0) {
      return off(leg, all, "this node forwards no packets");
    }
    Optional<Link> arrival = leg.arrival();
    if (arrival.isPresent()) {
      String one = (four ? "ipv4" : "ipv6") + "/conf/" + arrival.get().name() + "/forwarding";
      if (leg.setting(one, 1) == 0) {
        return off(leg, one, "what comes in by " + arrival.get().name() + " is not forwarded");
      }
    }
    return hop(leg, "ip-forward", OK, dotted(all) + " is " + leg.setting(all, 1), 0);
  }

  private static Hop off(Leg leg, String name, String effect) {
    return hop(leg, "ip-forward", BROKEN, dotted(name) + " is 0: " + effect + "; set it to 1", 0);
  }

  static String dotted(String name) {
    return "net." + name.replace('/', '.');
  }

  /**
   * Whether the kernel takes the packet for one with a forged source: strictly it wants the way
   * back to lead by the link it came by (RFC 3704). The kernel itself has said so.
   */
  static Optional<Hop> reversePath(Leg leg) {
    if (leg.to().family() != AddressFamily.IPV4 || leg.arrival().isEmpty()) {
      return Optional.empty();
    }
    Link arrival = leg.arrival().get();
    if (dropped(leg, leg.answer(), leg.wayBack(), leg.arrival())) {
      return Optional.of(dropping(leg, arrival, leg.from().text()));
    }
    if (leg.other().isPresent() && dropped(leg, leg.outerArrival(), leg.outer(), leg.nic())) {
      return Optional.of(
          dropping(leg, leg.nic().orElseThrow(), "node " + leg.other().get().name()));
    }
    return Optional.of(
        isStrict(leg, arrival)
            ? hop(
                leg,
                "reverse-path",
                leg.sends() ? OK : DOUBT,
                "strict on "
                    + arrival.name()
                    + ", and the way back is by it now; packets are lost while it is not, as when"
                    + " a pool changes its mode",
                0)
            : hop(leg, "reverse-path", OK, "not strict on " + arrival.name(), 0));
  }

  /**
   * Whether a packet is dropped for its source. Kernels up to 6.13 answer EXDEV; later ones have
   * EINVAL for all that they do not take, so that the way back has to be looked at.
   */
  private static boolean dropped(
      Leg leg, Optional<RouteAnswer> answer, Optional<RouteAnswer> back, Optional<Link> link) {
    if (link.isEmpty()
        || answer.isEmpty()
        || !(answer.get() instanceof RouteAnswer.Refused(Errno errno))) {
      return false;
    }
    return errno.equals(Errno.EXDEV)
        || (errno.equals(Errno.EINVAL) && isStrict(leg, link.get()) && !leadsBy(back, link.get()));
  }

  private static boolean leadsBy(Optional<RouteAnswer> answer, Link link) {
    return answer
        .filter(
            a ->
                a instanceof RouteAnswer.Taken(Route route)
                    && route.nextHops().stream().anyMatch(hop -> hop.linkIndex() == link.index()))
        .isPresent();
  }

  private static Hop dropping(Leg leg, Link arrival, String source) {
    return hop(
        leg,
        "reverse-path",
        BROKEN,
        "reverse path filtering is strict on "
            + arrival.name()
            + " ("
            + strictSetting(leg, arrival.name())
            + ") and the way back to "
            + source
            + " is not by it: packets are dropped; set it to 2 or 0",
        0);
  }

  /** The kernel takes the greater of the setting of all links and that of one. */
  private static boolean isStrict(Leg leg, Link link) {
    return Math.max(reversePath(leg, "all"), reversePath(leg, link.name())) == STRICT;
  }

  private static int reversePath(Leg leg, String link) {
    return leg.setting("ipv4/conf/" + link + "/rp_filter", 0);
  }

  private static String strictSetting(Leg leg, String link) {
    String name = reversePath(leg, "all") == STRICT ? "all" : link;
    return "net.ipv4.conf." + name + ".rp_filter=" + STRICT;
  }

  static Hop hop(Leg leg, String name, String status, String summary, int mtu) {
    return new Hop(name, leg.direction(), status, summary, mtu);
  }
}
