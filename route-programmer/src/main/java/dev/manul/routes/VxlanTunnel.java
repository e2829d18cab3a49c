package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.Link;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A node's VXLAN device of one family (RFC 7348) and what is known of the other nodes', as Calico
 * keeps them: nothing is learned from packets, and every other end is written down.
 *
 * @param vni the network's identifier, 1 to 2^24 - 1
 * @param port the UDP port of all nodes, 1 to 65535
 * @param mtu the device's MTU; empty: that of the link under it less {@link #overhead}
 * @param address what the device's only address is to be; empty while the node has none
 * @param mac the device's hardware address, in small letters
 * @param remotes the other nodes' devices, by the address of the node that has them; no two have
 *     the same address or the same hardware address
 */
public record VxlanTunnel(
    int vni,
    int port,
    OptionalInt mtu,
    Optional<Address> address,
    String mac,
    Map<Address, Remote> remotes) {

  /** Calico's default of {@code vxlanVNI}. */
  public static final int DEFAULT_VNI = 4096;

  /** The port that IANA gave VXLAN (RFC 7348), Calico's default of {@code vxlanPort}. */
  public static final int DEFAULT_PORT = 4789;

  /** The octets that decide a derived hardware address, behind the first. */
  private static final int DIGEST_OCTETS = 5;

  /**
   * Another node's device.
   *
   * @param address its address in the tunnel
   * @param mac its hardware address, in small letters
   */
  public record Remote(Address address, String mac) {}

  public VxlanTunnel {
    remotes = Map.copyOf(remotes);
  }

  /** What routes to other nodes name as their gateways, by the nodes' addresses. */
  Map<Address, Address> gateways() {
    Map<Address, Address> gateways = HashMap.newHashMap(remotes.size());
    remotes.forEach((node, remote) -> gateways.put(node, remote.address()));
    return gateways;
  }

  /** What the device of a family is called, here as in Calico. */
  public static String deviceName(AddressFamily family) {
    return family == AddressFamily.IPV4 ? "vxlan.calico" : "vxlan-v6.calico";
  }

  /** The device of a family, if it is there, is VXLAN and is set up. */
  public static Optional<Link> device(Underlay underlay, AddressFamily family) {
    return underlay
        .link(deviceName(family))
        .filter(link -> link.kind().equals(VxlanPlan.KIND) && link.up());
  }

  /**
   * How many octets are added to a packet: the outer IP, UDP and VXLAN headers and the inner
   * Ethernet header (RFC 7348 section 5).
   */
  public static int overhead(AddressFamily family) {
    return family == AddressFamily.IPV4 ? 50 : 70;
  }

  /**
   * The hardware address of a node whose resource gives none: 66 and the first five octets of SHA-1
   * of its name (of the name with {@code -v6} for IPv6). Calico derives the same, so that nodes of
   * both find each other.
   */
  public static String derivedMac(String node, AddressFamily family) {
    String text = family == AddressFamily.IPV4 ? node : node + "-v6";
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return "66:" + HexFormat.ofDelimiter(":").formatHex(digest, 0, DIGEST_OCTETS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}
