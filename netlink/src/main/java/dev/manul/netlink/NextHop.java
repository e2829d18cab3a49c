package dev.manul.netlink;

import dev.manul.model.Address;
import java.util.Optional;

/**
 * Where a route sends its packets.
 *
 * @param gateway the neighbour to hand them to; empty when the destination is on the link itself.
 *     It may be an IPv6 address under an IPv4 route (RFC 8950).
 * @param linkIndex the link's index, or 0 to let the kernel find it from the gateway
 * @param weight the share among the route's next hops, 1 to 256
 * @param onlink true when the gateway is to be taken as a neighbour on the link although no address
 *     of the link says so
 */
public record NextHop(Optional<Address> gateway, int linkIndex, int weight, boolean onlink) {

  public NextHop {
    if (weight < 1 || weight > 256) {
      throw new IllegalArgumentException("a weight of " + weight + " is not within 1 to 256");
    }
    if (linkIndex < 0) {
      throw new IllegalArgumentException("a link index is not negative: " + linkIndex);
    }
  }

  /** A gateway on a link, with weight 1. */
  public static NextHop via(Address gateway, int linkIndex) {
    return new NextHop(Optional.of(gateway), linkIndex, 1, false);
  }

  /** A gateway that is taken as a neighbour on the link, with weight 1. */
  public static NextHop onlinkVia(Address gateway, int linkIndex) {
    return new NextHop(Optional.of(gateway), linkIndex, 1, true);
  }

  /** The link itself, with weight 1. */
  public static NextHop onLink(int linkIndex) {
    return new NextHop(Optional.empty(), linkIndex, 1, false);
  }

  public NextHop withWeight(int newWeight) {
    return new NextHop(gateway, linkIndex, newWeight, onlink);
  }
}
