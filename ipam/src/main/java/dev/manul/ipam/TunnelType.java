package dev.manul.ipam;

import dev.manul.model.AddressFamily;

/** A node's tunnel devices that have an address out of a pool. */
public enum TunnelType {
  IPIP(AddressFamily.IPV4, "ipip-tunnel-addr-", "ipipTunnelAddress"),
  VXLAN(AddressFamily.IPV4, "vxlan-tunnel-addr-", "vxlanTunnelAddress"),
  VXLAN_V6(AddressFamily.IPV6, "vxlan-v6-tunnel-addr-", "vxlanV6TunnelAddress"),
  UDP(AddressFamily.IPV4, "udp-tunnel-addr-", "udpTunnelAddress"),
  UDP_V6(AddressFamily.IPV6, "udp-v6-tunnel-addr-", "udpV6TunnelAddress"),
  WIREGUARD(AddressFamily.IPV4, "wireguard-tunnel-addr-", "wireguardTunnelAddress"),
  WIREGUARD_V6(AddressFamily.IPV6, "wireguard-v6-tunnel-addr-", "wireguardV6TunnelAddress");

  private final AddressFamily family;
  private final String handlePrefix;
  private final String attribute;

  TunnelType(AddressFamily family, String handlePrefix, String attribute) {
    this.family = family;
    this.handlePrefix = handlePrefix;
    this.attribute = attribute;
  }

  public AddressFamily family() {
    return family;
  }

  /** The handle of a node's address for this tunnel. */
  public String handleId(String node) {
    return Handles.cleanId(handlePrefix + node);
  }

  /** The value of the allocation's {@code type} attribute. */
  public String attribute() {
    return attribute;
  }
}
