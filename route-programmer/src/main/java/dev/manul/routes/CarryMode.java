package dev.manul.routes;

import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How packets to the addresses of a pool are carried between nodes. */
enum CarryMode {
  /** As they are. */
  DIRECT,
  /** In IP-in-IP, whatever the next hop. */
  IPIP_ALWAYS,
  /** In IP-in-IP where the next hop is in another subnet. */
  IPIP_CROSS_SUBNET,
  /** In VXLAN, whatever the next hop. */
  VXLAN_ALWAYS,
  /** In VXLAN where the next hop is in another subnet. */
  VXLAN_CROSS_SUBNET,
  /** In UDP, through this process, whatever the next hop. */
  UDP_ALWAYS,
  /** In UDP, through this process, where the next hop is in another subnet. */
  UDP_CROSS_SUBNET,
  /** The pool asks for IP-in-IP but is one of IPv6. */
  IPIP_FOR_IPV6;

  boolean usesIpip() {
    return this == IPIP_ALWAYS || this == IPIP_CROSS_SUBNET;
  }

  boolean usesVxlan() {
    return this == VXLAN_ALWAYS || this == VXLAN_CROSS_SUBNET;
  }

  boolean usesUdp() {
    return this == UDP_ALWAYS || this == UDP_CROSS_SUBNET;
  }

  static CarryMode of(IPPool pool) {
    IPPool.Spec spec = pool.spec();
    if (spec.udpMode().isPresent()) {
      return spec.udp() == EncapsulationMode.ALWAYS ? UDP_ALWAYS : UDP_CROSS_SUBNET;
    }
    if (spec.vxlanMode() != EncapsulationMode.NEVER) {
      return spec.vxlanMode() == EncapsulationMode.ALWAYS ? VXLAN_ALWAYS : VXLAN_CROSS_SUBNET;
    }
    if (spec.ipipMode() == EncapsulationMode.NEVER) {
      return DIRECT;
    }
    if (spec.cidr().family() == AddressFamily.IPV6) {
      return IPIP_FOR_IPV6;
    }
    return spec.ipipMode() == EncapsulationMode.ALWAYS ? IPIP_ALWAYS : IPIP_CROSS_SUBNET;
  }

  /** All of the pools that the routes depend on: two views with equal maps have equal routes. */
  static Map<Prefix, CarryMode> byPool(List<IPPool> pools) {
    Map<Prefix, CarryMode> modes = HashMap.newHashMap(pools.size());
    for (IPPool pool : pools) {
      modes.put(pool.spec().cidr(), of(pool));
    }
    return modes;
  }
}
