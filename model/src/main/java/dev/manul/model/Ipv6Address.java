package dev.manul.model;

import java.math.BigInteger;

/**
 * An IPv6 address.
 *
 * @param high the first 64 bits in network order
 * @param low the last 64 bits in network order
 */
public record Ipv6Address(long high, long low) implements Address {

  /** {@code ::}. */
  public static final Ipv6Address UNSPECIFIED = new Ipv6Address(0, 0);

  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);
  private static final BigInteger TWO_TO_128 = BigInteger.ONE.shiftLeft(128);

  /**
   * Reads the text forms of RFC 4291 section 2.2, the one with a dotted quad at the end included.
   * Zones are refused.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static Ipv6Address parse(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      throw notAnAddress(text);
    }
    int[] groups = new int[8];
    if (gap < 0) {
      if (parseGroups(text, text, groups, 0) != 8) {
        throw notAnAddress(text);
      }
    } else {
      int head = parseGroups(text.substring(0, gap), text, groups, 0);
      int[] tail = new int[8];
      int tailLength = parseGroups(text.substring(gap + 2), text, tail, 0);
      if (head + tailLength > 7) {
        throw notAnAddress(text);
      }
      System.arraycopy(tail, 0, groups, 8 - tailLength, tailLength);
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < 4; i++) {
      high = high << 16 | groups[i];
      low = low << 16 | groups[i + 4];
    }
    return new Ipv6Address(high, low);
  }

  private static int parseGroups(String part, String whole, int[] into, int from) {
    if (part.isEmpty()) {
      return 0;
    }
    int count = from;
    int start = 0;
    while (true) {
      int colon = part.indexOf(':', start);
      String group = colon < 0 ? part.substring(start) : part.substring(start, colon);
      if (colon < 0 && group.indexOf('.') >= 0) {
        if (count > 6) {
          throw notAnAddress(whole);
        }
        int quad;
        try {
          quad = Ipv4Address.parse(group).value();
        } catch (IllegalArgumentException e) {
          throw notAnAddress(whole);
        }
        into[count++] = quad >>> 16;
        into[count++] = quad & 0xffff;
        return count;
      }
      if (group.isEmpty() || group.length() > 4 || count > 7) {
        throw notAnAddress(whole);
      }
      int value = 0;
      for (int i = 0; i < group.length(); i++) {
        char c = group.charAt(i);
        int digit = c < 128 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
          throw notAnAddress(whole);
        }
        value = value << 4 | digit;
      }
      into[count++] = value;
      if (colon < 0) {
        return count;
      }
      start = colon + 1;
    }
  }

  /** An address from 16 octets in network order. */
  public static Ipv6Address ofBytes(byte[] octets) {
    if (octets.length != 16) {
      throw new IllegalArgumentException("an IPv6 address has 16 octets, not " + octets.length);
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < 8; i++) {
      high = high << 8 | (octets[i] & 0xff);
      low = low << 8 | (octets[i + 8] & 0xff);
    }
    return new Ipv6Address(high, low);
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException("\"" + text + "\" is not an IPv6 address");
  }

  @Override
  public AddressFamily family() {
    return AddressFamily.IPV6;
  }

  @Override
  public byte[] toBytes() {
    byte[] octets = new byte[16];
    for (int i = 0; i < 8; i++) {
      octets[i] = (byte) (high >>> (56 - 8 * i));
      octets[i + 8] = (byte) (low >>> (56 - 8 * i));
    }
    return octets;
  }

  @Override
  public BigInteger toBigInteger() {
    return new BigInteger(1, toBytes());
  }

  @Override
  public boolean bit(int index) {
    return index < 64 ? (high >>> (63 - index) & 1) == 1 : (low >>> (127 - index) & 1) == 1;
  }

  @Override
  public Ipv6Address masked(int length) {
    if (length == 0) {
      return UNSPECIFIED;
    }
    return length <= 64
        ? new Ipv6Address(high & -1L << (64 - length), 0)
        : new Ipv6Address(high, low & -1L << (128 - length));
  }

  @Override
  public Ipv6Address plus(BigInteger offset) {
    BigInteger sum = toBigInteger().add(offset);
    if (sum.signum() < 0 || sum.compareTo(TWO_TO_128) >= 0) {
      throw new ArithmeticException(text() + " + " + offset + " is not an IPv6 address");
    }
    return new Ipv6Address(sum.divide(TWO_TO_64).longValue(), sum.longValue());
  }

  @Override
  public boolean isUnspecified() {
    return high == 0 && low == 0;
  }

  @Override
  public boolean isLoopback() {
    return high == 0 && low == 1;
  }

  @Override
  public boolean isLinkLocal() {
    return high >>> 54 == 0xfe80 >>> 6;
  }

  @Override
  public boolean isMulticast() {
    return high >>> 56 == 0xff;
  }

  @Override
  public String text() {
    int gapStart = -1;
    int gapLength = 1; // RFC 5952 section 4.2.2: a single zero group is not shortened
    for (int i = 0; i < 8; ) {
      int j = i;
      while (j < 8 && group(j) == 0) {
        j++;
      }
      if (j - i > gapLength) {
        gapStart = i;
        gapLength = j - i;
      }
      i = Math.max(j, i + 1);
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    return (int) ((index < 4 ? high >>> (48 - 16 * index) : low >>> (112 - 16 * index)) & 0xffff);
  }

  @Override
  public String toString() {
    return text();
  }
}
