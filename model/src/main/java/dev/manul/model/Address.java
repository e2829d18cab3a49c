package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.math.BigInteger;

/**
 * An IPv4 or IPv6 address, without a port, a zone or a host name.
 *
 * <p>Addresses order by family (IPv4 first) and then by unsigned value. Text is written as RFC 5952
 * asks.
 */
public sealed interface Address extends Comparable<Address> permits Ipv4Address, Ipv6Address {

  /** The family this address belongs to. */
  AddressFamily family();

  /** The address in network byte order: 4 or 16 octets, a fresh array on every call. */
  byte[] toBytes();

  /** The unsigned value of the address. */
  BigInteger toBigInteger();

  /** The bit at {@code index}, counted from the most significant bit, 0 to {@code bits - 1}. */
  boolean bit(int index);

  /** This address with every bit after the first {@code length} cleared. */
  Address masked(int length);

  /**
   * The address {@code offset} places further on.
   *
   * @throws ArithmeticException when the result is outside the family's range
   */
  Address plus(BigInteger offset);

  /** See {@link #plus(BigInteger)}. */
  default Address plus(long offset) {
    return plus(BigInteger.valueOf(offset));
  }

  /** True for 0.0.0.0 and {@code ::}. */
  boolean isUnspecified();

  /** True for 127.0.0.0/8 and {@code ::1}. */
  boolean isLoopback();

  /** True for 169.254.0.0/16 and fe80::/10. */
  boolean isLinkLocal();

  /** True for 224.0.0.0/4 and ff00::/8. */
  boolean isMulticast();

  /**
   * True for an address a node can be reached at: not unspecified, loopback, link-local, multicast
   * or broadcast.
   */
  default boolean isGlobalUnicast() {
    return !isUnspecified()
        && !isLoopback()
        && !isLinkLocal()
        && !isMulticast()
        && !equals(Ipv4Address.BROADCAST);
  }

  /** The prefix that holds this address alone: /32 or /128. */
  default Prefix toPrefix() {
    return Prefix.of(this, family().bits());
  }

  @Override
  default int compareTo(Address other) {
    if (this instanceof Ipv4Address a && other instanceof Ipv4Address b) {
      return Integer.compareUnsigned(a.value(), b.value());
    }
    if (this instanceof Ipv6Address a && other instanceof Ipv6Address b) {
      int high = Long.compareUnsigned(a.high(), b.high());
      return high != 0 ? high : Long.compareUnsigned(a.low(), b.low());
    }
    return family().compareTo(other.family());
  }

  /**
   * Reads an address in its usual text form. Zones, ports and leading zeros are refused.
   *
   * @throws IllegalArgumentException with a one-line reason when {@code text} is not an address
   */
  @JsonCreator
  static Address parse(String text) {
    return text.indexOf(':') >= 0 ? Ipv6Address.parse(text) : Ipv4Address.parse(text);
  }

  /**
   * An address from its octets in network byte order.
   *
   * @throws IllegalArgumentException unless there are 4 or 16 octets
   */
  static Address ofBytes(byte[] octets) {
    return switch (octets.length) {
      case 4 -> Ipv4Address.ofBytes(octets);
      case 16 -> Ipv6Address.ofBytes(octets);
      default ->
          throw new IllegalArgumentException("an address has 4 or 16 octets, not " + octets.length);
    };
  }

  /** The text form; also how an address is written in JSON and YAML. */
  @JsonValue
  String text();
}
