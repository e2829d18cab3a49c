package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Node;
import java.util.Optional;

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

  /** The address that the Node resource records for this tunnel, by which other nodes send. */
  public Optional<Address> recorded(Node node) {
    return switch (this) {
      case IPIP -> node.spec().bgp().flatMap(Node.Bgp::ipv4IPIPTunnelAddr);
      case VXLAN -> node.spec().ipv4VXLANTunnelAddr();
      case VXLAN_V6 -> node.spec().ipv6VXLANTunnelAddr();
      case UDP -> node.spec().ipv4UDPTunnelAddr();
      case UDP_V6 -> node.spec().ipv6UDPTunnelAddr();
      case WIREGUARD -> node.spec().wireguard().flatMap(Node.Wireguard::interfaceIPv4Address);
      case WIREGUARD_V6 -> node.spec().wireguard().flatMap(Node.Wireguard::interfaceIPv6Address);
    };
  }

  /** The value of the allocation's {@code type} attribute. */
  public String attribute() {
    return attribute;
  }
}
