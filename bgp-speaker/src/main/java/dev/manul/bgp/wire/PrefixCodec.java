package dev.manul.bgp.wire;

import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * Prefixes as RFC 4271 section 4.3 writes them: one octet of length in bits, then as many octets of
 * address as hold those bits. Bits after the length mean nothing and are cleared.
 */
final class PrefixCodec {
  private PrefixCodec() {}

  /**
   * Reads prefixes until the buffer ends.
   *
   * @return the prefixes, or null when a length is too large or goes beyond the end
   */
  static List<Prefix> read(AddressFamily family, ByteBuf in) {
    if (!in.isReadable()) {
      return List.of();
    }
    // A prefix takes 4 octets or more in practice, and a buffer has at most 4096.
    List<Prefix> prefixes = new ArrayList<>(in.readableBytes() / 4 + 1);
    while (in.isReadable()) {
      int length = in.readUnsignedByte();
      int octets = (length + 7) / 8;
      if (length > family.bits() || octets > in.readableBytes()) {
        return null;
      }
      prefixes.add(
          family == AddressFamily.IPV4 ? readIpv4(length, octets, in) : readIpv6(length, in));
    }
    return prefixes;
  }

  private static Prefix readIpv4(int length, int octets, ByteBuf in) {
    int value = 0;
    for (int i = 0; i < octets; i++) {
      value |= in.readUnsignedByte() << (24 - 8 * i);
    }
    int mask = length == 0 ? 0 : -1 << (32 - length);
    return new Prefix(new Ipv4Address(value & mask), length);
  }

  private static Prefix readIpv6(int length, ByteBuf in) {
    long high = readBits(Math.min(length, 64), in);
    long low = readBits(Math.max(length - 64, 0), in);
    return new Prefix(new Ipv6Address(high, low), length);
  }

  private static long readBits(int bits, ByteBuf in) {
    if (bits == 0) {
      return 0;
    }
    long value = 0;
    int octets = (bits + 7) / 8;
    for (int i = 0; i < octets; i++) {
      value |= (long) in.readUnsignedByte() << (56 - 8 * i);
    }
    return value & -1L << (64 - bits);
  }

  /** Octets that the prefix takes on the wire. */
  static int octets(Prefix prefix) {
    return 1 + (prefix.length() + 7) / 8;
  }

  /** Octets that all of the prefixes take on the wire. */
  static int octets(List<Prefix> prefixes) {
    int sum = 0;
    for (Prefix prefix : prefixes) {
      sum += octets(prefix);
    }
    return sum;
  }

  /**
   * Finds how many prefixes, beginning at {@code from}, go into {@code room} octets.
   *
   * @return the index of the first prefix that does not
   */
  static int fill(List<Prefix> prefixes, int from, int room) {
    int left = room;
    int index = from;
    while (index < prefixes.size()) {
      left -= octets(prefixes.get(index));
      if (left < 0) {
        break;
      }
      index++;
    }
    return index;
  }

  /** The prefixes {@code [from, to)} of a list. */
  record Slice(List<Prefix> prefixes, int from, int to) {
    static final Slice NONE = new Slice(List.of(), 0, 0);

    static Slice all(List<Prefix> prefixes) {
      return new Slice(prefixes, 0, prefixes.size());
    }

    boolean isEmpty() {
      return from == to;
    }
  }

  /**
   * Writes the prefixes of a slice.
   *
   * @throws IllegalArgumentException when one is not of {@code family}
   */
  static void write(AddressFamily family, Slice slice, ByteBuf out) {
    for (int i = slice.from; i < slice.to; i++) {
      Prefix prefix = slice.prefixes.get(i);
      if (prefix.family() != family) {
        throw new IllegalArgumentException(
            prefix + " cannot be in one UPDATE with " + Family.unicast(family) + " prefixes");
      }
      int octets = (prefix.length() + 7) / 8;
      out.writeByte(prefix.length());
      switch (prefix.address()) {
        case Ipv4Address address -> writeBits((long) address.value() << 32, octets, out);
        case Ipv6Address address -> {
          writeBits(address.high(), Math.min(octets, 8), out);
          writeBits(address.low(), Math.max(octets - 8, 0), out);
        }
      }
    }
  }

  private static void writeBits(long value, int octets, ByteBuf out) {
    for (int i = 0; i < octets; i++) {
      out.writeByte((int) (value >>> (56 - 8 * i)));
    }
  }
}
