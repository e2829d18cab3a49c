package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is to change about the device of one family whose packets travel in UDP: a pure function of
 * the underlay and the view. While a pool uses it, it is attached to this process, is up and has
 * the tunnel address alone; when none does it stays for a while, as other nodes may hear of that
 * later, and is then removed.
 *
 * @param attach where the device is to be made or taken over before anything else is done
 * @param before what is to be done before routes are written: they need the device
 * @param after what is to be done after routes are written
 * @param issue what stands in the way
 */
record UdpPlan(
    Optional<End> attach, List<Change> before, List<Change> after, Optional<RouteIssue> issue) {

  /** The smallest MTU of IPv6 (RFC 8200), which does for IPv4 as well. */
  private static final int SMALLEST_MTU = 1280;

  private static final UdpPlan NOTHING =
      new UdpPlan(Optional.empty(), List.of(), List.of(), Optional.empty());

  /** Where this node takes datagrams. */
  record End(Address local, int port) {}

  UdpPlan {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /**
   * The plan.
   *
   * @param attached where this process takes datagrams for the device; empty when it does not
   * @param removing whether anything may be taken away yet
   * @param abandoned whether no pool has used the device for long enough
   */
  static UdpPlan of(
      AddressFamily family,
      Underlay underlay,
      NodeView view,
      Optional<End> attached,
      boolean removing,
      boolean abandoned) {
    String name = UdpTunnel.deviceName(family);
    Optional<Link> found = underlay.link(name);
    boolean ours = found.isPresent() && found.get().kind().equals(UdpTunnel.KIND);
    Optional<UdpTunnel> used = view.udpInUse(family);
    if (used.isEmpty()) {
      return ours && removing && abandoned
          ? new UdpPlan(
              Optional.empty(),
              List.of(),
              List.of(new Change.DeleteLink(found.get().index())),
              Optional.empty())
          : NOTHING;
    }
    if (found.isPresent() && !ours) {
      return blocked(RouteIssue.foreignDevice(found.get(), UdpTunnel.KIND));
    }
    Optional<Address> local = view.address(family).map(InterfaceAddress::address);
    Optional<Link> parent = local.flatMap(underlay::linkOf);
    if (parent.isEmpty()) {
      return blocked(RouteIssue.noParent(name, family, local));
    }
    UdpTunnel tunnel = used.get();
    End end = new End(local.get(), tunnel.port());
    if (found.isEmpty() || !attached.equals(Optional.of(end))) {
      return new UdpPlan(Optional.of(end), List.of(), List.of(), Optional.empty());
    }
    int fitting =
        Math.clamp(
            parent.get().mtu() - UdpTunnel.overhead(family), SMALLEST_MTU, UdpTunnel.MOST_MTU);
    int mtu = Math.min(UdpTunnel.MOST_MTU, tunnel.mtu().orElse(fitting));
    return new UdpPlan(
        Optional.empty(),
        setUp(underlay, tunnel, found.get(), mtu),
        removing && tunnel.address().isPresent()
            ? DeviceAddresses.strangers(family, underlay, found.get().index(), tunnel.address())
            : List.of(),
        Optional.empty());
  }

  private static UdpPlan blocked(RouteIssue issue) {
    return new UdpPlan(Optional.empty(), List.of(), List.of(), Optional.of(issue));
  }

  private static List<Change> setUp(Underlay underlay, UdpTunnel tunnel, Link link, int mtu) {
    List<Change> changes = new ArrayList<>();
    LinkUpdate update = LinkUpdate.NOTHING;
    if (link.mtu() != mtu) {
      update = update.withMtu(mtu);
    }
    if (!link.up()) {
      update = update.withUp(true);
    }
    if (!update.equals(LinkUpdate.NOTHING)) {
      changes.add(new Change.SetLink(link.index(), update));
    }
    DeviceAddresses.missing(underlay, link, tunnel.address())
        .ifPresent(
            address -> changes.add(new Change.AddAddress(LinkAddress.of(link.index(), address))));
    return changes;
  }
}
