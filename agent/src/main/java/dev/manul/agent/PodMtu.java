package dev.manul.agent;

import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPPool;
import dev.manul.netlink.Link;
import dev.manul.routes.UdpTunnel;
import dev.manul.routes.Underlay;
import dev.manul.routes.VxlanTunnel;
import java.util.OptionalInt;

/**
 * The MTU of pods' links, in octets: what the node's own link carries, less the outer header of the
 * encapsulation in use, so that no packet of a pod has to be cut up on its way. Pure.
 */
final class PodMtu {

  /** An outer IPv4 header (RFC 2003). */
  static final int IPIP_OVERHEAD = 20;

  private static final int USUAL = 1500;

  private PodMtu() {}

  /** What the link of the node's own address carries. */
  static int ofLink(ClusterView view, Underlay underlay) {
    return view.self()
        .flatMap(node -> Peering.address(node, AddressFamily.IPV4))
        .or(() -> view.self().flatMap(node -> Peering.address(node, AddressFamily.IPV6)))
        .flatMap(underlay::linkOf)
        .map(Link::mtu)
        .orElse(USUAL);
  }

  /**
   * The MTU of pods' links.
   *
   * @param link see {@link #ofLink}
   * @param configuredIpip the tunnel's MTU as configured for this node, which counts for pods too
   * @param vxlan of which the MTUs count as well
   * @param udp of which the MTUs count as well
   */
  static int of(
      ClusterView view,
      int link,
      OptionalInt configuredIpip,
      VxlanSettings vxlan,
      UdpSettings udp) {
    int mtu = link;
    for (IPPool pool : view.pools()) {
      if (pool.spec().ipipMode() != EncapsulationMode.NEVER) {
        mtu = Math.min(mtu, tunnelMtu(view, configuredIpip).orElse(link - IPIP_OVERHEAD));
      }
      if (pool.spec().vxlanMode() != EncapsulationMode.NEVER) {
        AddressFamily family = pool.spec().cidr().family();
        mtu = Math.min(mtu, vxlan.mtu(family).orElse(link - VxlanTunnel.overhead(family)));
      }
      if (pool.spec().udpMode().isPresent()) {
        AddressFamily family = pool.spec().cidr().family();
        mtu = Math.min(mtu, udp.mtu(family).orElse(link - UdpTunnel.overhead(family)));
      }
    }
    return mtu;
  }

  /** The IPIP tunnel's MTU where one is given: for this node, else in FelixConfiguration. */
  static OptionalInt tunnelMtu(ClusterView view, OptionalInt configured) {
    if (configured.isPresent()) {
      return configured;
    }
    return view.felix()
        .map(FelixConfiguration::spec)
        .flatMap(FelixConfiguration.Spec::ipipMTU)
        .filter(mtu -> mtu > 0)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }
}
