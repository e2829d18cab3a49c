package dev.manul.bgp.wire;

import dev.manul.model.AddressFamily;

/**
 * An address family and subsequent address family as numbered by IANA.
 *
 * @param afi 1 for IPv4, 2 for IPv6
 * @param safi 1 for unicast
 */
public record Family(int afi, int safi) {
  public static final Family IPV4_UNICAST = new Family(1, 1);
  public static final Family IPV6_UNICAST = new Family(2, 1);

  /** The unicast family of an address family. */
  public static Family unicast(AddressFamily family) {
    return family == AddressFamily.IPV4 ? IPV4_UNICAST : IPV6_UNICAST;
  }

  /** True for IPv4 and IPv6 unicast, the families that Manul routes. */
  public boolean isUnicast() {
    return safi == 1 && (afi == 1 || afi == 2);
  }

  /**
   * The address family of the prefixes.
   *
   * @throws IllegalStateException when it is neither IPv4 nor IPv6
   */
  public AddressFamily addressFamily() {
    return switch (afi) {
      case 1 -> AddressFamily.IPV4;
      case 2 -> AddressFamily.IPV6;
      default -> throw new IllegalStateException(this + " is neither IPv4 nor IPv6");
    };
  }

  /** {@code ipv4-unicast}, {@code ipv6-unicast} or {@code afi-N-safi-M}. */
  @Override
  public String toString() {
    if (equals(IPV4_UNICAST)) {
      return "ipv4-unicast";
    }
    return equals(IPV6_UNICAST) ? "ipv6-unicast" : "afi-" + afi + "-safi-" + safi;
  }
}
