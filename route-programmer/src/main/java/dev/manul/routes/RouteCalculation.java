package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.NextHop;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteType;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which route a prefix is to have: a pure function of the underlay, the view of the node and, for a
 * learned prefix, its next hops. Equal inputs give equal results.
 *
 * <p>Deciding one prefix costs one longest-prefix match among the pools and one for each next hop;
 * what a next hop resolves to is remembered. Safe for any thread.
 */
public final class RouteCalculation {

  /** The kernel keeps the order of next hops; one order makes equal routes compare equal. */
  static final Comparator<NextHop> HOP_ORDER =
      Comparator.comparing(
              (NextHop hop) -> hop.gateway().orElse(null),
              Comparator.nullsFirst(Comparator.<Address>naturalOrder()))
          .thenComparingInt(NextHop::linkIndex);

  private final Underlay underlay;
  private final NodeView view;
  private final ProgrammerOptions options;
  private final PrefixTrie<CarryMode> modes;
  private final Optional<Link> tunnel;
  private final Map<AddressFamily, Tunnel> vxlans = new EnumMap<>(AddressFamily.class);
  private final Map<AddressFamily, Tunnel> udps = new EnumMap<>(AddressFamily.class);
  private final Map<Prefix, Integer> tunnelEnds = new HashMap<>();
  private final Set<Prefix> connected;
  private final Reaches reaches;

  /**
   * A tunnel device that takes packets.
   *
   * @param gateways what routes to a node that takes them name as their gateway, by its address
   */
  private record Tunnel(int linkIndex, Map<Address, Address> gateways) {}

  public RouteCalculation(Underlay underlay, NodeView view, ProgrammerOptions options) {
    this.underlay = underlay;
    this.view = view;
    this.options = options;
    this.modes = PrefixTrie.of(CarryMode.byPool(view.pools()));
    this.connected = connected(underlay);
    this.tunnel =
        underlay.link(options.tunnelName()).filter(l -> l.kind().equals(options.tunnelKind()));
    this.reaches = new Reaches(underlay, view, tunnel);
    for (AddressFamily family : AddressFamily.values()) {
      findTunnels(family);
    }
  }

  private void findTunnels(AddressFamily family) {
    Optional<Map<Address, Address>> vxlan = view.vxlanInUse(family).map(VxlanTunnel::gateways);
    find(VxlanTunnel.device(underlay, family), vxlan).ifPresent(t -> vxlans.put(family, t));
    Optional<Map<Address, Address>> udp = view.udpInUse(family).map(UdpTunnel::remotes);
    find(UdpTunnel.link(underlay, family), udp)
        .filter(_ -> UdpTunnel.device(underlay, family).isPresent())
        .ifPresent(t -> udps.put(family, t));
  }

  private Optional<Tunnel> find(Optional<Link> link, Optional<Map<Address, Address>> gateways) {
    if (link.isEmpty() || gateways.isEmpty()) {
      return Optional.empty();
    }
    int index = link.get().index();
    gateways.get().values().forEach(end -> tunnelEnds.put(end.toPrefix(), index));
    return Optional.of(new Tunnel(index, gateways.get()));
  }

  private static Set<Prefix> connected(Underlay underlay) {
    return underlay.addresses().stream()
        .map(address -> address.address().subnet())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The subnets of this host's own addresses, to which the kernel itself has routes. */
  Set<Prefix> connected() {
    return connected;
  }

  /**
   * Whether a prefix is one of this node's blocks or workloads, a host whose gateway is given or
   * another node's end of a tunnel, so that learning it is no use.
   */
  public boolean isLocal(Prefix prefix) {
    return view.workloads().containsKey(prefix)
        || view.ownBlocks().contains(prefix)
        || tunnelEnds.containsKey(prefix)
        || (prefix.isSingleAddress() && view.hostRoutes().containsKey(prefix.address()));
  }

  /** All prefixes for which {@link #isLocal} holds. */
  public Set<Prefix> localPrefixes() {
    Set<Prefix> prefixes = new HashSet<>(view.ownBlocks());
    prefixes.addAll(view.workloads().keySet());
    prefixes.addAll(tunnelEnds.keySet());
    view.hostRoutes().keySet().forEach(host -> prefixes.add(host.toPrefix()));
    return prefixes;
  }

  /** The routes of {@link #localPrefixes}. */
  public Map<Prefix, Decision> local() {
    Map<Prefix, Decision> decisions = new HashMap<>();
    for (Prefix prefix : localPrefixes()) {
      decisions.put(prefix, local(prefix));
    }
    return decisions;
  }

  /** The route of a prefix for which {@link #isLocal} holds. */
  public Decision local(Prefix prefix) {
    String linkName = view.workloads().get(prefix);
    if (linkName != null) {
      return workload(prefix, linkName);
    }
    if (prefix.isSingleAddress() && view.hostRoutes().containsKey(prefix.address())) {
      return behind(prefix, view.hostRoutes().get(prefix.address()));
    }
    Integer device = tunnelEnds.get(prefix);
    if (device != null) {
      return new Decision.Install(finish(Route.onLink(prefix, device)));
    }
    if (prefix.isSingleAddress()) {
      return new Decision.Skip(
          RouteIssue.of(
              Reason.LOCAL,
              prefix,
              "block " + prefix + " is a single address: only its workload has a route"));
    }
    return new Decision.Install(finish(Route.blackhole(prefix)));
  }

  private Decision workload(Prefix prefix, String linkName) {
    Optional<Link> link = underlay.link(linkName);
    if (link.isEmpty() || !link.get().up()) {
      return new Decision.Skip(
          RouteIssue.of(
              Reason.WORKLOAD_LINK_MISSING,
              prefix,
              "workload "
                  + prefix.address()
                  + ": interface "
                  + linkName
                  + (link.isEmpty() ? " is not on this host" : " is down")));
    }
    if (underlay.isOnBridge(link.get())) {
      return skip(Reason.LOCAL, prefix, "the subnet of its bridge has a route, and no pod in it");
    }
    return new Decision.Install(finish(Route.onLink(prefix, link.get().index())));
  }

  private Decision behind(Prefix host, Address gateway) {
    return reaches.outside(gateway) instanceof Reach.OnLink onLink
        ? new Decision.Install(
            finish(Route.of(host, RouteType.UNICAST, List.of(onLink.hopTo(gateway)))))
        : new Decision.Skip(
            RouteIssue.of(
                Reason.GATEWAY_NOT_ON_LINK,
                host,
                host.address()
                    + " is to be reached by "
                    + gateway
                    + ", which is on no link of this host"));
  }

  /** The route of a learned prefix. */
  public Decision learned(LearnedRoute learned) {
    Prefix prefix = learned.prefix();
    if (isLocal(prefix)) {
      return new Decision.Skip(
          RouteIssue.of(
              Reason.LOCAL,
              prefix,
              prefix + " is known to this node itself; what was learned of it does not count"));
    }
    for (Prefix range : view.leftAlone()) {
      if (range.contains(prefix)) {
        return skip(
            Reason.LEFT_ALONE, prefix, "another program on this node delivers what is in " + range);
      }
    }
    if (connected.contains(prefix)) {
      return skip(Reason.CONNECTED, prefix, "a link of this host is in it, and leads there itself");
    }
    Optional<CarryMode> pool = modes.longestMatch(prefix);
    return switch (pool.orElse(CarryMode.DIRECT)) {
      case DIRECT -> direct(learned, pool.isPresent());
      case IPIP_ALWAYS -> tunnelled(learned, false);
      case IPIP_CROSS_SUBNET -> tunnelled(learned, true);
      case VXLAN_ALWAYS -> overVxlan(learned, false);
      case VXLAN_CROSS_SUBNET -> overVxlan(learned, true);
      case UDP_ALWAYS -> overUdp(learned, false);
      case UDP_CROSS_SUBNET -> overUdp(learned, true);
      case IPIP_FOR_IPV6 ->
          skip(
              Reason.IPIP_NOT_FOR_IPV6,
              prefix,
              "its pool asks for ipipMode, which carries IPv4 only; set it to Never");
    };
  }

  private static Decision skip(Reason reason, Prefix prefix, String text) {
    return new Decision.Skip(RouteIssue.of(reason, prefix, prefix + ": " + text));
  }

  private Decision direct(LearnedRoute learned, boolean inPool) {
    List<NextHop> hops = new ArrayList<>(learned.nextHops().size());
    Optional<RouteIssue> trouble = Optional.empty();
    Optional<RouteIssue> doubt = Optional.empty();
    for (Address nextHop : learned.nextHops()) {
      switch (reach(nextHop)) {
        case Reach.OnLink onLink -> hops.add(onLink.hopTo(nextHop));
        case Reach.Behind behind -> {
          hops.addAll(behind.gateways());
          if (inPool && doubt.isEmpty()) {
            doubt = silentGateway(learned.prefix(), nextHop, behind);
          }
        }
        case Reach.Self ignored ->
            trouble = Optional.of(RouteIssue.nextHopIsSelf(learned.prefix(), nextHop));
        case Reach.Unreachable gone ->
            trouble = Optional.of(RouteIssue.unreachable(learned.prefix(), nextHop, gone));
      }
    }
    return decide(learned.prefix(), hops, trouble, doubt);
  }

  private Decision tunnelled(LearnedRoute learned, boolean onlyAcrossSubnets) {
    Prefix prefix = learned.prefix();
    List<NextHop> hops = new ArrayList<>(learned.nextHops().size());
    List<NextHop> early = new ArrayList<>();
    Optional<RouteIssue> trouble = Optional.empty();
    Optional<RouteIssue> doubt = Optional.empty();
    boolean waits = false;
    for (Address nextHop : learned.nextHops()) {
      Reach reach = reach(nextHop);
      Optional<NextHop> direct = withoutTunnel(nextHop, reach, onlyAcrossSubnets);
      if (reach instanceof Reach.Self) {
        trouble = Optional.of(RouteIssue.nextHopIsSelf(prefix, nextHop));
      } else if (direct.isPresent()) {
        hops.add(direct.get());
      } else if (tunnel.isEmpty()) {
        waits = true;
        trouble =
            Optional.of(RouteIssue.noTunnel(prefix, options.tunnelName(), options.tunnelKind()));
      } else if (view.nodeAddresses().contains(nextHop) && !view.ipipEnds().contains(nextHop)) {
        waits = true;
        early.add(NextHop.onlinkVia(nextHop, tunnel.get().index()));
        trouble = Optional.of(RouteIssue.endNotReady(prefix, options.tunnelName(), nextHop));
      } else {
        hops.add(NextHop.onlinkVia(nextHop, tunnel.get().index()));
        if (doubt.isEmpty()) {
          doubt = unknownTunnelEnd(prefix, nextHop);
        }
      }
    }
    // A tunnel that may not be received is better than no way at all.
    return hops.isEmpty() && waits
        ? new Decision.Wait(
            trouble.orElseThrow(),
            early.isEmpty() ? Optional.empty() : Optional.of(route(prefix, early)))
        : decide(prefix, hops, trouble, doubt);
  }

  /**
   * The hop to a neighbour that needs no tunnel: across subnets alone one does, and no pod here.
   */
  private Optional<NextHop> withoutTunnel(Address nextHop, Reach reach, boolean onlyAcrossSubnets) {
    return reach instanceof Reach.OnLink onLink
            && (onlyAcrossSubnets || view.workloads().containsKey(nextHop.toPrefix()))
        ? Optional.of(onLink.hopTo(nextHop))
        : Optional.empty();
  }

  /**
   * As {@link #tunnelled}, but the other end has to be known to be ready first.
   *
   * @param tunnel the device, or null while it takes no packets
   */
  private Decision overTunnel(
      LearnedRoute learned, Tunnel tunnel, String name, String kind, boolean onlyAcrossSubnets) {
    Prefix prefix = learned.prefix();
    List<NextHop> hops = new ArrayList<>(learned.nextHops().size());
    Optional<RouteIssue> trouble = Optional.empty();
    boolean waits = false;
    for (Address nextHop : learned.nextHops()) {
      Reach reach = reach(nextHop);
      Optional<NextHop> direct = withoutTunnel(nextHop, reach, onlyAcrossSubnets);
      if (reach instanceof Reach.Self) {
        trouble = Optional.of(RouteIssue.nextHopIsSelf(prefix, nextHop));
      } else if (direct.isPresent()) {
        hops.add(direct.get());
      } else if (tunnel == null) {
        waits = true;
        trouble = Optional.of(RouteIssue.noTunnel(prefix, name, kind));
      } else if (tunnel.gateways().containsKey(nextHop)) {
        hops.add(NextHop.onlinkVia(tunnel.gateways().get(nextHop), tunnel.linkIndex()));
      } else {
        waits = true;
        trouble = Optional.of(RouteIssue.endNotReady(prefix, name, nextHop));
      }
    }
    return hops.isEmpty() && waits
        ? new Decision.Wait(trouble.orElseThrow(), Optional.empty())
        : decide(prefix, hops, trouble, Optional.empty());
  }

  private Decision overVxlan(LearnedRoute learned, boolean onlyAcrossSubnets) {
    AddressFamily family = learned.prefix().family();
    String name = VxlanTunnel.deviceName(family);
    return overTunnel(learned, vxlans.get(family), name, VxlanPlan.KIND, onlyAcrossSubnets);
  }

  private Decision overUdp(LearnedRoute learned, boolean onlyAcrossSubnets) {
    AddressFamily family = learned.prefix().family();
    String name = UdpTunnel.deviceName(family);
    return overTunnel(learned, udps.get(family), name, UdpTunnel.KIND, onlyAcrossSubnets);
  }

  private Decision decide(
      Prefix prefix, List<NextHop> hops, Optional<RouteIssue> trouble, Optional<RouteIssue> doubt) {
    if (hops.isEmpty()) {
      return new Decision.Skip(trouble.orElseThrow());
    }
    return new Decision.Install(route(prefix, hops), trouble.isPresent() ? trouble : doubt);
  }

  private Route route(Prefix prefix, List<NextHop> hops) {
    List<NextHop> distinct =
        hops.size() == 1 ? hops : hops.stream().distinct().sorted(HOP_ORDER).toList();
    return finish(Route.of(prefix, RouteType.UNICAST, distinct));
  }

  /** Marks a route as ours. */
  private Route finish(Route route) {
    Route ours = route.withProtocol(options.protocol());
    return ours.table() == options.table() ? ours : ours.withTable(options.table());
  }

  /** How a packet gets to a next hop. */
  public Reach reach(Address nextHop) {
    return reaches.of(nextHop);
  }

  private Optional<RouteIssue> silentGateway(Prefix prefix, Address nextHop, Reach.Behind behind) {
    for (NextHop hop : behind.gateways()) {
      Address gateway = hop.gateway().orElseThrow();
      if (!view.speakingGateways().contains(gateway)) {
        return Optional.of(
            RouteIssue.of(
                Reason.BLOCKS_UNREACHABLE,
                prefix,
                prefix
                    + " via "
                    + nextHop
                    + " is behind gateway "
                    + gateway
                    + ", which does not speak BGP with this node; in mode Never it can only work"
                    + " if that router knows the block"));
      }
    }
    return Optional.empty();
  }

  private Optional<RouteIssue> unknownTunnelEnd(Prefix prefix, Address nextHop) {
    if (view.nodeAddresses().isEmpty() || view.nodeAddresses().contains(nextHop)) {
      return Optional.empty();
    }
    return Optional.of(
        RouteIssue.of(
            Reason.TUNNEL_END_UNKNOWN,
            prefix,
            prefix
                + " goes through "
                + options.tunnelName()
                + " to "
                + nextHop
                + ", which is no node of this cluster and may not take IP-in-IP"));
  }

  /** Whether all learned routes with these next hops are the same by another calculation. */
  boolean agreesOn(RouteCalculation other, Set<Address> nextHops) {
    if (!tunnelIndex().equals(other.tunnelIndex())
        || !vxlans.equals(other.vxlans)
        || !udps.equals(other.udps)) {
      return false;
    }
    for (Address nextHop : nextHops) {
      if (!reach(nextHop).equals(other.reach(nextHop))) {
        return false;
      }
    }
    return true;
  }

  private Optional<Integer> tunnelIndex() {
    return tunnel.map(Link::index);
  }

  /** A route with its next hops in one order, so that equal routes compare equal. */
  static Route canonical(Route route) {
    if (route.nextHops().size() < 2) {
      return route;
    }
    List<NextHop> sorted = new ArrayList<>(route.nextHops());
    sorted.sort(HOP_ORDER);
    return route.withNextHops(sorted);
  }
}
