package dev.manul.bgp.bfd;

import dev.manul.bgp.BfdSettings;
import dev.manul.model.Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * A session there is to be.
 *
 * @param remote the neighbour, of which there is one session at most
 * @param local our end
 */
public record BfdPeer(Address remote, Address local, BfdSettings settings) {
  /** RFC 5881 section 4. */
  static final int SINGLE_HOP_PORT = 3784;

  /** RFC 5883 section 5. */
  static final int MULTIHOP_PORT = 4784;

  boolean sameSession(BfdPeer other) {
    return remote.equals(other.remote) && local.equals(other.local);
  }

  /**
   * Where packets go: to the single hop's port when the neighbour is within a subnet of the
   * interface that has our address, and otherwise to that of RFC 5883, for packets that cross
   * routers. Asks the kernel.
   */
  int port() {
    return isOnLink() ? SINGLE_HOP_PORT : MULTIHOP_PORT;
  }

  private boolean isOnLink() {
    InetAddress own = inet(local);
    if (own.isLoopbackAddress()) {
      return inet(remote).isLoopbackAddress();
    }
    try {
      NetworkInterface link = NetworkInterface.getByInetAddress(own);
      return link != null
          && link.getInterfaceAddresses().stream()
              .anyMatch(subnet -> subnet.getAddress().equals(own) && contains(subnet, remote));
    } catch (SocketException e) {
      return false;
    }
  }

  private static boolean contains(InterfaceAddress subnet, Address address) {
    byte[] a = subnet.getAddress().getAddress();
    byte[] b = address.toBytes();
    int bits = subnet.getNetworkPrefixLength();
    for (int i = 0; i < a.length && bits > 0; i++, bits -= 8) {
      int mask = bits >= 8 ? 0xff : 0xff << (8 - bits);
      if (((a[i] ^ b[i]) & mask) != 0) {
        return false;
      }
    }
    return a.length == b.length;
  }

  static InetAddress inet(Address address) {
    try {
      return InetAddress.getByAddress(address.toBytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 octets", e);
    }
  }
}
