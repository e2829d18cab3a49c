package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.LinkUpdate;
import dev.manul.routes.RouteIssue.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is to change about the tunnel device: a pure function of the underlay and the view.
 *
 * <p>While a pool uses IP-in-IP the device is up, has the MTU of the link under it less 20 octets
 * and the tunnel address alone. Otherwise it is left as it is, but loses its addresses; it is never
 * deleted or set down, as the kernel makes it by itself.
 *
 * @param before what is to be done before routes are written: they need the device
 * @param after what is to be done after routes are written: addresses that go, since the kernel
 *     drops all routes of a link with its last address
 * @param issue what stands in the way
 */
record TunnelPlan(List<Change> before, List<Change> after, Optional<RouteIssue> issue) {

  /** The outer IPv4 header, without options. */
  static final int IPIP_OVERHEAD = 20;

  /** The smallest MTU of IPv4 (RFC 791). */
  private static final int SMALLEST_MTU = 68;

  private static final TunnelPlan NOTHING = new TunnelPlan(List.of(), List.of(), Optional.empty());

  TunnelPlan {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /**
   * The plan.
   *
   * @param removing whether anything may be taken away yet
   */
  static TunnelPlan of(
      Underlay underlay, NodeView view, ProgrammerOptions options, boolean removing) {
    Optional<Link> link = underlay.link(options.tunnelName());
    boolean usable = link.isPresent() && link.get().kind().equals(options.tunnelKind());
    if (!view.usesIpip()) {
      return usable && removing
          ? new TunnelPlan(
              List.of(), strangers(underlay, link.get(), Optional.empty()), Optional.empty())
          : NOTHING;
    }
    if (link.isEmpty()) {
      return missing(options);
    }
    if (!usable) {
      return blocked(RouteIssue.foreignDevice(link.get(), options.tunnelKind()));
    }
    return new TunnelPlan(
        setUp(underlay, view, link.get()),
        removing && view.ipipTunnelAddress().isPresent()
            ? strangers(underlay, link.get(), view.ipipTunnelAddress())
            : List.of(),
        Optional.empty());
  }

  private static TunnelPlan missing(ProgrammerOptions options) {
    if (!options.tunnelKind().equals("ipip")) {
      return blocked(
          RouteIssue.ofNode(
              Reason.TUNNEL_DEVICE_MISSING, "device " + options.tunnelName() + " is not there"));
    }
    // Where the kernel's module is loaded only now, it makes the device itself, and creating it is
    // answered with EEXIST: the device is there either way.
    Change create =
        new Change.CreateLink(
            LinkSpec.of(options.tunnelName(), LinkType.Ipip.toAnyGateway()).withUp(false));
    return new TunnelPlan(List.of(create), List.of(), Optional.empty());
  }

  private static TunnelPlan blocked(RouteIssue issue) {
    return new TunnelPlan(List.of(), List.of(), Optional.of(issue));
  }

  private static List<Change> setUp(Underlay underlay, NodeView view, Link link) {
    List<Change> changes = new ArrayList<>();
    LinkUpdate update = LinkUpdate.NOTHING;
    OptionalInt mtu = mtu(underlay, view);
    if (mtu.isPresent() && mtu.getAsInt() != link.mtu()) {
      update = update.withMtu(mtu.getAsInt());
    }
    if (!link.up()) {
      update = update.withUp(true);
    }
    if (!update.equals(LinkUpdate.NOTHING)) {
      changes.add(new Change.SetLink(link.index(), update));
    }
    DeviceAddresses.missing(underlay, link, view.ipipTunnelAddress())
        .ifPresent(
            address -> changes.add(new Change.AddAddress(LinkAddress.of(link.index(), address))));
    return changes;
  }

  private static OptionalInt mtu(Underlay underlay, NodeView view) {
    if (view.ipipMtu().isPresent()) {
      return view.ipipMtu();
    }
    Optional<Link> parent = view.ipv4().flatMap(own -> underlay.linkOf(own.address()));
    return parent.isPresent()
        ? OptionalInt.of(Math.max(SMALLEST_MTU, parent.get().mtu() - IPIP_OVERHEAD))
        : OptionalInt.empty();
  }

  private static List<Change> strangers(Underlay underlay, Link link, Optional<Address> keep) {
    return DeviceAddresses.strangers(AddressFamily.IPV4, underlay, link.index(), keep);
  }
}
