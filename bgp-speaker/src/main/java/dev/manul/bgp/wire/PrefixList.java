package dev.manul.bgp.wire;

import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Prefixes of one family, kept as UPDATEs carry them (RFC 4271 section 4.3): an octet of length in
 * bits, then as many octets of address as hold those bits; where path identifiers are in use, four
 * octets of that before each (RFC 7911 section 3). Bits after the length are clear.
 *
 * <p>A full table passes through in lists of a thousand prefixes and more, so there is no object a
 * prefix: whoever has many to look at uses a {@link Cursor}. As a {@link List} it is for the rest.
 * Immutable.
 */
public final class PrefixList extends AbstractList<Prefix> {
  /** No prefix at all. */
  public static final PrefixList EMPTY =
      new PrefixList(AddressFamily.IPV4, false, new byte[0], 0, 0);

  private static final int IDENTIFIER_OCTETS = 4;

  private final AddressFamily family;
  private final boolean identified;
  private final byte[] octets;
  private final int end;
  private final int size;

  private PrefixList(AddressFamily family, boolean identified, byte[] octets, int end, int size) {
    this.family = family;
    this.identified = identified;
    this.octets = octets;
    this.end = end;
    this.size = size;
  }

  /**
   * The same prefixes in this form, without path identifiers unless they have some already.
   *
   * @throws IllegalArgumentException when they are not of one family
   */
  public static PrefixList of(List<Prefix> prefixes) {
    if (prefixes instanceof PrefixList same) {
      return same;
    }
    if (prefixes.isEmpty()) {
      return EMPTY;
    }
    Builder builder = new Builder(prefixes.getFirst().family(), false);
    for (Prefix prefix : prefixes) {
      if (prefix.family() != builder.family) {
        throw new IllegalArgumentException(
            prefix + " cannot be in one UPDATE with " + Family.unicast(builder.family) + " ones");
      }
      builder.add(prefix, 0);
    }
    return builder.build();
  }

  /**
   * Reads prefixes until the buffer ends.
   *
   * @return null when a length is too large or goes beyond the end
   */
  static PrefixList read(AddressFamily family, boolean identified, ByteBuf in) {
    int end = in.readableBytes();
    if (end == 0) {
      return EMPTY;
    }
    byte[] octets = new byte[end];
    in.readBytes(octets);
    int head = identified ? IDENTIFIER_OCTETS : 0;
    int bits = family.bits();
    int size = 0;
    for (int at = 0; at < end; size++) {
      at += head;
      if (at >= end) {
        return null;
      }
      int length = octets[at] & 0xff;
      at += 1 + (length + 7) / 8;
      if (length > bits || at > end) {
        return null;
      }
      if ((length & 7) != 0) {
        octets[at - 1] &= (byte) (0xff00 >> (length & 7));
      }
    }
    return new PrefixList(family, identified, octets, end, size);
  }

  /** What all prefixes are of; IPv4 when there are none. */
  public AddressFamily family() {
    return family;
  }

  /** Whether each prefix has a path identifier. */
  public boolean identified() {
    return identified;
  }

  /** Octets on the wire. */
  int octets() {
    return end;
  }

  /** This list with or without path identifiers; new ones are 0. */
  PrefixList identified(boolean wanted) {
    if (wanted == identified || size == 0) {
      return this;
    }
    Builder builder = new Builder(family, wanted);
    for (Cursor c = cursor(); c.next(); ) {
      builder.add(c.high(), c.low(), c.length(), 0);
    }
    return builder.build();
  }

  /** These prefixes and then those of another list of the same kind. */
  PrefixList and(PrefixList other) {
    if (size == 0 || other.size == 0) {
      return size == 0 ? other : this;
    }
    byte[] both = Arrays.copyOf(octets, end + other.end);
    System.arraycopy(other.octets, 0, both, end, other.end);
    return new PrefixList(family, identified, both, end + other.end, size + other.size);
  }

  /**
   * How far the prefixes that begin at an octet go into some room.
   *
   * @return the octet at which the first prefix begins that does not
   */
  int fill(int from, int room) {
    if (end - from <= room) {
      return end;
    }
    int head = identified ? IDENTIFIER_OCTETS : 0;
    int at = from;
    while (true) {
      int next = at + head + 1 + ((octets[at + head] & 0xff) + 7) / 8;
      if (next - from > room) {
        return at;
      }
      at = next;
    }
  }

  /** Writes the prefixes between two octets at which prefixes begin or end. */
  void write(int from, int to, ByteBuf out) {
    out.writeBytes(octets, from, to - from);
  }

  /** A new cursor before the first prefix. */
  public Cursor cursor() {
    return new Cursor();
  }

  @Override
  public int size() {
    return size;
  }

  /** Walks to the prefix: see {@link #cursor}. */
  @Override
  public Prefix get(int index) {
    Cursor cursor = cursor();
    for (int i = 0; cursor.next(); i++) {
      if (i == index) {
        return cursor.prefix();
      }
    }
    throw new IndexOutOfBoundsException(index);
  }

  @Override
  public Iterator<Prefix> iterator() {
    Cursor cursor = cursor();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return cursor.next < end;
      }

      @Override
      public Prefix next() {
        if (!cursor.next()) {
          throw new NoSuchElementException();
        }
        return cursor.prefix();
      }
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PrefixList that
        ? size == that.size
            && (size == 0
                || (family == that.family
                    && identified == that.identified
                    && Arrays.equals(octets, 0, end, that.octets, 0, that.end)))
        : super.equals(other);
  }

  @Override
  public int hashCode() {
    return super.hashCode();
  }

  /** Goes from prefix to prefix without making objects of them. */
  public final class Cursor {
    private int next;
    private int identifier;
    private int length;
    private long high;
    private long low;

    private Cursor() {}

    /** Goes to the next prefix; false when there is none. */
    public boolean next() {
      if (next >= end) {
        return false;
      }
      int at = next;
      if (identified) {
        identifier = word(at, IDENTIFIER_OCTETS);
        at += IDENTIFIER_OCTETS;
      }
      length = octets[at++] & 0xff;
      int count = (length + 7) >>> 3;
      next = at + count;
      if (family == AddressFamily.IPV4) {
        low = word(at, count) & 0xffff_ffffL;
      } else {
        high = (long) word(at, Math.min(count, 4)) << 32;
        high |= word(at + 4, Math.clamp(count - 4, 0, 4)) & 0xffff_ffffL;
        low = (long) word(at + 8, Math.clamp(count - 8, 0, 4)) << 32;
        low |= word(at + 12, Math.clamp(count - 12, 0, 4)) & 0xffff_ffffL;
      }
      return true;
    }

    /** Up to four octets, the first of them uppermost. */
    private int word(int at, int count) {
      int value = 0;
      for (int i = 0; i < count; i++) {
        value |= (octets[at + i] & 0xff) << (24 - 8 * i);
      }
      return value;
    }

    /** The path identifier; 0 where there are none. */
    public int identifier() {
      return identifier;
    }

    /** The length in bits. */
    public int length() {
      return length;
    }

    /** The upper half of an IPv6 address; 0 of an IPv4 one. */
    public long high() {
      return high;
    }

    /** The lower half of an IPv6 address, or an IPv4 address. */
    public long low() {
      return low;
    }

    /** The prefix as a value. */
    public Prefix prefix() {
      return family == AddressFamily.IPV4
          ? new Prefix(new Ipv4Address((int) low), length)
          : new Prefix(new Ipv6Address(high, low), length);
    }
  }

  /** Makes a list of prefixes that come one by one. */
  public static final class Builder {
    private final AddressFamily family;
    private final boolean identified;
    private byte[] octets = new byte[64];
    private int end;
    private int size;

    public Builder(AddressFamily family, boolean identified) {
      this.family = family;
      this.identified = identified;
    }

    /** Adds a prefix of the list's family. */
    public void add(Prefix prefix, int identifier) {
      switch (prefix.address()) {
        case Ipv4Address a ->
            add(0, Integer.toUnsignedLong(a.value()), prefix.length(), identifier);
        case Ipv6Address a -> add(a.high(), a.low(), prefix.length(), identifier);
      }
    }

    /**
     * Adds a prefix as a {@link Cursor} shows it.
     *
     * @param identifier left out where the list has none
     */
    public void add(long high, long low, int length, int identifier) {
      if (octets.length - end < 21) {
        octets = Arrays.copyOf(octets, octets.length * 2);
      }
      if (identified) {
        end = put(identifier, 4, end);
      }
      octets[end++] = (byte) length;
      int count = (length + 7) >>> 3;
      if (family == AddressFamily.IPV4) {
        end = put((int) low, count, end);
      } else {
        end = put((int) (high >>> 32), Math.min(count, 4), end);
        end = put((int) high, Math.clamp(count - 4, 0, 4), end);
        end = put((int) (low >>> 32), Math.clamp(count - 8, 0, 4), end);
        end = put((int) low, Math.clamp(count - 12, 0, 4), end);
      }
      size++;
    }

    private int put(int value, int count, int at) {
      for (int i = 0; i < count; i++) {
        octets[at + i] = (byte) (value >>> (24 - 8 * i));
      }
      return at + count;
    }

    public int size() {
      return size;
    }

    /** The list; the builder must not be used after that. */
    public PrefixList build() {
      return size == 0 ? EMPTY : new PrefixList(family, identified, octets, end, size);
    }
  }
}
