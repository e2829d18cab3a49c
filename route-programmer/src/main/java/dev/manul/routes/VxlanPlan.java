package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.LinkUpdate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is to change about the VXLAN device of one family: a pure function of the underlay and the
 * view.
 *
 * <p>While a pool uses VXLAN the device is up, without learning, sends from the node's address by
 * the link that has it, and has the tunnel address alone. What cannot be changed about a living
 * device makes it be made anew. When no pool uses it any more it stays for a while, as other nodes
 * may hear of that later, and is then removed.
 *
 * @param before what is to be done before routes are written: they need the device
 * @param after what is to be done after routes are written, since the kernel drops all routes of a
 *     link with its last address
 * @param issue what stands in the way
 */
record VxlanPlan(List<Change> before, List<Change> after, Optional<RouteIssue> issue) {

  static final String KIND = "vxlan";

  /** The smallest MTU of IPv6 (RFC 8200), which does for IPv4 as well. */
  private static final int SMALLEST_MTU = 1280;

  /** Ethernet's, where the node's address is on the loopback device and so on no link. */
  private static final int USUAL_MTU = 1500;

  private static final VxlanPlan NOTHING = new VxlanPlan(List.of(), List.of(), Optional.empty());

  VxlanPlan {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /**
   * The plan.
   *
   * @param removing whether anything may be taken away yet
   * @param abandoned whether no pool has used the device for long enough
   */
  static VxlanPlan of(
      AddressFamily family, Underlay underlay, NodeView view, boolean removing, boolean abandoned) {
    String name = VxlanTunnel.deviceName(family);
    Optional<Link> found = underlay.link(name);
    boolean ours = found.isPresent() && found.get().kind().equals(KIND);
    Optional<VxlanTunnel> used = view.vxlanInUse(family);
    if (used.isEmpty()) {
      return ours && removing && abandoned
          ? new VxlanPlan(
              List.of(), List.of(new Change.DeleteLink(found.get().index())), Optional.empty())
          : NOTHING;
    }
    if (found.isPresent() && !ours) {
      return blocked(RouteIssue.foreignDevice(found.get(), KIND));
    }
    Optional<Address> local = view.address(family).map(InterfaceAddress::address);
    Optional<Link> parent = local.flatMap(underlay::linkOf);
    if (parent.isEmpty()) {
      return blocked(RouteIssue.noParent(name, family, local));
    }
    VxlanTunnel tunnel = used.get();
    int parentIndex = parent.get().loopback() ? 0 : parent.get().index();
    int parentMtu = parent.get().loopback() ? USUAL_MTU : parent.get().mtu();
    int mtu = tunnel.mtu().orElse(Math.max(SMALLEST_MTU, parentMtu - VxlanTunnel.overhead(family)));
    LinkType.Vxlan type =
        new LinkType.Vxlan(tunnel.vni(), tunnel.port(), local, parentIndex, false);
    if (found.isEmpty() || !found.get().settings().equals(Optional.of(type))) {
      List<Change> changes = new ArrayList<>();
      found.ifPresent(link -> changes.add(new Change.DeleteLink(link.index())));
      changes.add(
          new Change.CreateLink(LinkSpec.of(name, type).withMtu(mtu).withMac(tunnel.mac())));
      return new VxlanPlan(changes, List.of(), Optional.empty());
    }
    return new VxlanPlan(
        setUp(underlay, tunnel, found.get(), mtu),
        removing && tunnel.address().isPresent()
            ? DeviceAddresses.strangers(family, underlay, found.get().index(), tunnel.address())
            : List.of(),
        Optional.empty());
  }

  private static VxlanPlan blocked(RouteIssue issue) {
    return new VxlanPlan(List.of(), List.of(), Optional.of(issue));
  }

  private static List<Change> setUp(Underlay underlay, VxlanTunnel tunnel, Link link, int mtu) {
    List<Change> changes = new ArrayList<>();
    LinkUpdate update = LinkUpdate.NOTHING;
    if (link.mtu() != mtu) {
      update = update.withMtu(mtu);
    }
    if (!link.mac().equals(Optional.of(tunnel.mac()))) {
      update = update.withMac(tunnel.mac());
    }
    if (!link.up()) {
      update = update.withUp(true);
    }
    if (!update.equals(LinkUpdate.NOTHING)) {
      changes.add(new Change.SetLink(link.index(), update));
    }
    DeviceAddresses.missing(underlay, link, tunnel.address())
        .ifPresent(address -> changes.add(new Change.AddAddress(onDevice(link.index(), address))));
    return changes;
  }

  /**
   * IPAM sees to it that nobody else has the address, and nobody could be asked by a device that
   * floods nothing: it is to be usable at once (RFC 4862 section 5.4 leaves that to the link).
   */
  private static LinkAddress onDevice(int linkIndex, InterfaceAddress address) {
    LinkAddress plain = LinkAddress.of(linkIndex, address);
    return address.address().family() == AddressFamily.IPV6
        ? plain.withFlags(LinkAddress.NO_DUPLICATE_DETECTION)
        : plain;
  }
}
