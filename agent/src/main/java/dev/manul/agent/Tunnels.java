package dev.manul.agent;

import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.routes.UdpTunnel;
import dev.manul.routes.Underlay;
import dev.manul.routes.VxlanTunnel;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The tunnels of this node as the cluster's and its own settings have them. Pure.
 *
 * @param links whose MTU counts
 * @param leastMtu the MTU of these links; empty when it is that of the link of the node's address
 * @param vxlanTunnels see {@link VxlanSettings#tunnels}
 * @param udpTunnels see {@link UdpSettings#tunnels}
 */
record Tunnels(
    LinkMtu links,
    OptionalInt leastMtu,
    VxlanSettings vxlan,
    UdpSettings udp,
    Map<AddressFamily, VxlanTunnel> vxlanTunnels,
    Map<AddressFamily, UdpTunnel> udpTunnels) {

  Tunnels {
    vxlanTunnels = Map.copyOf(vxlanTunnels);
    udpTunnels = Map.copyOf(udpTunnels);
  }

  /**
   * The tunnels.
   *
   * @param claims this node's own tunnel addresses, see {@link OwnTunnels#claims}
   * @param environment has settings as {@code FELIX_…}, which count more than the cluster's
   */
  static Tunnels of(
      ClusterView view,
      Map<TunnelType, Address> claims,
      Map<String, String> environment,
      Underlay underlay) {
    LinkMtu links = LinkMtu.of(view.felix(), environment);
    OptionalInt least = links.least(underlay);
    VxlanSettings vxlan = VxlanSettings.of(view.felix(), environment).within(least);
    UdpSettings udp = UdpSettings.of(view.felix(), environment).within(least);
    return new Tunnels(
        links, least, vxlan, udp, vxlan.tunnels(view, claims), udp.tunnels(view, claims));
  }

  /** Whether the links that count have the same MTU now. */
  boolean fit(Underlay underlay) {
    return links.least(underlay).equals(leastMtu);
  }

  /** One line for each setting that cannot be read. */
  List<String> problems() {
    return Stream.of(links.problems(), vxlan.problems(), udp.problems())
        .flatMap(List::stream)
        .toList();
  }

  /**
   * The IPIP tunnel's MTU; empty when it follows the node's link.
   *
   * @param configured the tunnel's MTU as configured for this node
   */
  OptionalInt ipipMtu(ClusterView view, OptionalInt configured) {
    OptionalInt given = PodMtu.tunnelMtu(view, configured);
    return given.isPresent() || leastMtu.isEmpty()
        ? given
        : OptionalInt.of(leastMtu.getAsInt() - PodMtu.IPIP_OVERHEAD);
  }

  /** The MTU of new pods' links. */
  int podMtu(ClusterView view, OptionalInt configuredIpip, Underlay underlay) {
    int link = leastMtu.orElseGet(() -> PodMtu.ofLink(view, underlay));
    return PodMtu.of(view, link, configuredIpip, vxlan, udp);
  }
}
