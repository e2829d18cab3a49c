package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.Link;
import dev.manul.netlink.PacketRelay;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A node's device of one family whose packets this process itself carries in UDP, for kernels that
 * have neither IP-in-IP nor VXLAN. A datagram carries one IP packet and nothing else, as with
 * flannel's {@code udp} backend.
 *
 * @param port the UDP port of all nodes, 1 to 65535
 * @param mtu the device's MTU; empty: that of the link under it less {@link #overhead}
 * @param address what the device's only address is to be; empty while the node has none
 * @param remotes the other nodes that take such datagrams, each with its address in the tunnel,
 *     which routes to it name as their gateway; no two have the same
 */
public record UdpTunnel(
    int port, OptionalInt mtu, Optional<Address> address, Map<Address, Address> remotes) {

  /** flannel's. */
  public static final int DEFAULT_PORT = 8285;

  /** The kernel's word for the kind of such devices. */
  static final String KIND = "tun";

  /** The longest packet that can be carried, in octets. */
  static final int MOST_MTU = PacketRelay.MOST_OCTETS;

  public UdpTunnel {
    remotes = Map.copyOf(remotes);
  }

  /** What the device of a family is called. */
  public static String deviceName(AddressFamily family) {
    return family == AddressFamily.IPV4 ? "manul-udp" : "manul-udp-v6";
  }

  /** The device of a family, if it is there and set up. */
  static Optional<Link> link(Underlay underlay, AddressFamily family) {
    return underlay.link(deviceName(family)).filter(link -> link.kind().equals(KIND) && link.up());
  }

  /** The same, if a process carries its packets. */
  public static Optional<Link> device(Underlay underlay, AddressFamily family) {
    return link(underlay, family).filter(Link::running);
  }

  /** How many octets are added to a packet: the outer IP header and that of UDP (RFC 768). */
  public static int overhead(AddressFamily family) {
    return family == AddressFamily.IPV4 ? 28 : 48;
  }
}
