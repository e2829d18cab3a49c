package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Walks over the attributes of a message (struct nlattr), one at a time and without copying.
 *
 * <p>An attribute whose length cannot be right ends the walk; one that is shorter than what is
 * asked of it reads as zero or null. Nothing outside the given bounds is ever read.
 */
final class Attributes {

  private static final int TYPE_MASK = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
  private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final ByteBuffer buffer;
  private int next;
  private int end;
  private int type;
  private int start;
  private int length;

  /**
   * @param buffer of the machine's byte order
   */
  Attributes(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** Starts a walk over what lies from {@code from} to before {@code to}. */
  Attributes over(int from, int to) {
    next = from;
    end = Math.min(to, buffer.capacity());
    return this;
  }

  /** Goes to the next attribute; false when there is none. */
  boolean next() {
    if (end - next < 4) {
      return false;
    }
    int whole = buffer.getShort(next) & 0xffff;
    if (whole < 4 || whole > end - next) {
      return false;
    }
    type = buffer.getShort(next + 2) & TYPE_MASK;
    start = next + 4;
    length = whole - 4;
    next += whole + 3 & ~3;
    return true;
  }

  int type() {
    return type;
  }

  /** Where the attribute's content begins. */
  int start() {
    return start;
  }

  /** The length of its content in octets. */
  int length() {
    return length;
  }

  /** A walk over the attributes within this one. */
  Attributes nested() {
    return new Attributes(buffer).over(start, start + length);
  }

  int u8() {
    return length < 1 ? 0 : buffer.get(start) & 0xff;
  }

  int u32() {
    return length < 4 ? 0 : buffer.getInt(start);
  }

  /** A number of 16 bits in network order. */
  int port() {
    return length < 2 ? 0 : ((buffer.get(start) & 0xff) << 8) | (buffer.get(start + 1) & 0xff);
  }

  /** An address by its length; null unless that is 4 or 16. */
  Address address() {
    return address(start, length);
  }

  /** RTA_VIA: a struct rtvia. */
  Address via() {
    return length < 2 ? null : address(start + 2, length - 2);
  }

  private Address address(int at, int octets) {
    return switch (octets) {
      case 4 -> new Ipv4Address(bigEndian(buffer.getInt(at)));
      case 16 -> new Ipv6Address(bigEndian(buffer.getLong(at)), bigEndian(buffer.getLong(at + 8)));
      default -> null;
    };
  }

  /** A hardware address, where it has 6 octets. */
  Optional<String> mac() {
    if (length != Mac.OCTETS) {
      return Optional.empty();
    }
    long value = 0;
    for (int i = 0; i < Mac.OCTETS; i++) {
      value = (value << 8) | (buffer.get(start + i) & 0xff);
    }
    return Optional.of(Mac.format(value));
  }

  /** Text up to its closing zero. */
  String text() {
    int octets = 0;
    while (octets < length && buffer.get(start + octets) != 0) {
      octets++;
    }
    byte[] bytes = new byte[octets];
    buffer.get(start, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int bigEndian(int value) {
    return LITTLE ? Integer.reverseBytes(value) : value;
  }

  private static long bigEndian(long value) {
    return LITTLE ? Long.reverseBytes(value) : value;
  }
}
