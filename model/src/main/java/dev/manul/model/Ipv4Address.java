package dev.manul.model;

import java.math.BigInteger;

/**
 * An IPv4 address.
 *
 * @param value the 32 bits in network order, as an unsigned number
 */
public record Ipv4Address(int value) implements Address {

  /** 0.0.0.0. */
  public static final Ipv4Address UNSPECIFIED = new Ipv4Address(0);

  /** 255.255.255.255. */
  public static final Ipv4Address BROADCAST = new Ipv4Address(-1);

  /**
   * Reads dotted-quad text such as {@code 10.1.5.10}.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static Ipv4Address parse(String text) {
    int value = 0;
    int octet = -1;
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        if (octet < 0 || ++dots > 3) {
          throw notAnAddress(text);
        }
        value = value << 8 | octet;
        octet = -1;
      } else if (c >= '0' && c <= '9' && octet != 0) {
        octet = (octet < 0 ? 0 : octet * 10) + (c - '0');
        if (octet > 255) {
          throw notAnAddress(text);
        }
      } else {
        throw notAnAddress(text);
      }
    }
    if (octet < 0 || dots != 3) {
      throw notAnAddress(text);
    }
    return new Ipv4Address(value << 8 | octet);
  }

  /** An address from 4 octets in network order. */
  public static Ipv4Address ofBytes(byte[] octets) {
    if (octets.length != 4) {
      throw new IllegalArgumentException("an IPv4 address has 4 octets, not " + octets.length);
    }
    return new Ipv4Address(
        (octets[0] & 0xff) << 24
            | (octets[1] & 0xff) << 16
            | (octets[2] & 0xff) << 8
            | (octets[3] & 0xff));
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException("\"" + text + "\" is not an IPv4 address");
  }

  @Override
  public AddressFamily family() {
    return AddressFamily.IPV4;
  }

  @Override
  public byte[] toBytes() {
    return new byte[] {
      (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
    };
  }

  @Override
  public BigInteger toBigInteger() {
    return BigInteger.valueOf(Integer.toUnsignedLong(value));
  }

  @Override
  public boolean bit(int index) {
    return (value >>> (31 - index) & 1) == 1;
  }

  @Override
  public Ipv4Address masked(int length) {
    return length == 0 ? UNSPECIFIED : new Ipv4Address(value & -1 << (32 - length));
  }

  @Override
  public Ipv4Address plus(BigInteger offset) {
    return plus(offset.longValueExact());
  }

  @Override
  public Ipv4Address plus(long offset) {
    long sum = Math.addExact(Integer.toUnsignedLong(value), offset);
    if (sum < 0 || sum > 0xffff_ffffL) {
      throw new ArithmeticException(text() + " + " + offset + " is not an IPv4 address");
    }
    return new Ipv4Address((int) sum);
  }

  @Override
  public boolean isUnspecified() {
    return value == 0;
  }

  @Override
  public boolean isLoopback() {
    return value >>> 24 == 127;
  }

  @Override
  public boolean isLinkLocal() {
    return value >>> 16 == 0xa9fe;
  }

  @Override
  public boolean isMulticast() {
    return value >>> 28 == 0xe;
  }

  @Override
  public String text() {
    return (value >>> 24)
        + "."
        + (value >>> 16 & 0xff)
        + "."
        + (value >>> 8 & 0xff)
        + "."
        + (value & 0xff);
  }

  @Override
  public String toString() {
    return text();
  }
}
