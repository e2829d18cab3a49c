package dev.manul.bgp.rib;

import dev.manul.bgp.wire.PrefixList;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Ipv6Address;
import dev.manul.model.Prefix;
import java.util.Arrays;

/**
 * Gives prefixes dense numbers, without keeping an object a prefix. Numbers of prefixes that were
 * removed are used again.
 */
final class PrefixTable {
  private static final int FREE = -1;
  private static final int IPV6_BIT = 0x100;

  /** Only as long as numbers of IPv6 prefixes need. */
  private long[] high = {};

  private long[] low = new long[64];

  /** Length, and {@link #IPV6_BIT}; {@link #FREE} for a number not in use. */
  private short[] shape = new short[64];

  /** Open addressing with linear probing: number + 1, or 0 for an empty slot. */
  private int[] slots = new int[128];

  private int[] free = new int[16];
  private int freeCount;
  private int limit;
  private int size;

  /** All numbers are below this. */
  int limit() {
    return limit;
  }

  int size() {
    return size;
  }

  boolean inUse(int id) {
    return shape[id] != FREE;
  }

  /** The number of a prefix, or -1. */
  int find(Prefix prefix) {
    return find(highOf(prefix), lowOf(prefix), prefix.length(), prefix.family());
  }

  /** As {@link #find(Prefix)}, with the prefix as a cursor of a list shows it. */
  int find(long h, long l, int length, AddressFamily family) {
    short s = shapeOf(length, family);
    int mask = slots.length - 1;
    for (int slot = hash(h, l, s) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
      int id = slots[slot] - 1;
      if (low[id] == l && shape[id] == s && (s < IPV6_BIT || high[id] == h)) {
        return id;
      }
    }
    return -1;
  }

  /** The number of a prefix, a new one if need be. */
  int add(Prefix prefix) {
    return add(highOf(prefix), lowOf(prefix), prefix.length(), prefix.family());
  }

  /** As {@link #add(Prefix)}, with the prefix as a cursor of a list shows it. */
  int add(long h, long l, int length, AddressFamily family) {
    int known = find(h, l, length, family);
    if (known >= 0) {
      return known;
    }
    int id = freeCount > 0 ? free[--freeCount] : limit++;
    if (id >= shape.length) {
      int capacity = shape.length * 2;
      low = Arrays.copyOf(low, capacity);
      shape = Arrays.copyOf(shape, capacity);
    }
    if (family == AddressFamily.IPV6) {
      if (id >= high.length) {
        high = Arrays.copyOf(high, shape.length);
      }
      high[id] = h;
    }
    low[id] = l;
    shape[id] = shapeOf(length, family);
    size++;
    if (size * 2 > slots.length) {
      rehash(slots.length * 2);
    } else {
      insert(id);
    }
    return id;
  }

  void remove(int id) {
    int mask = slots.length - 1;
    int slot = hashOf(id) & mask;
    while (slots[slot] != id + 1) {
      slot = (slot + 1) & mask;
    }
    // Close the gap: an entry may move into it when its home is not between the gap and itself.
    int gap = slot;
    for (int i = (slot + 1) & mask; slots[i] != 0; i = (i + 1) & mask) {
      int other = slots[i] - 1;
      int home = hashOf(other) & mask;
      if (((i - home) & mask) >= ((i - gap) & mask)) {
        slots[gap] = slots[i];
        gap = i;
      }
    }
    slots[gap] = 0;
    shape[id] = FREE;
    size--;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, freeCount * 2);
    }
    free[freeCount++] = id;
  }

  Prefix prefix(int id) {
    int length = shape[id] & 0xff;
    return (shape[id] & IPV6_BIT) == 0
        ? new Prefix(new Ipv4Address((int) low[id]), length)
        : new Prefix(new Ipv6Address(high[id], low[id]), length);
  }

  AddressFamily family(int id) {
    return (shape[id] & IPV6_BIT) == 0 ? AddressFamily.IPV4 : AddressFamily.IPV6;
  }

  private void rehash(int capacity) {
    slots = new int[capacity];
    for (int id = 0; id < limit; id++) {
      if (shape[id] != FREE) {
        insert(id);
      }
    }
  }

  private void insert(int id) {
    int mask = slots.length - 1;
    int slot = hashOf(id) & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = id + 1;
  }

  private static long highOf(Prefix prefix) {
    return switch (prefix.address()) {
      case Ipv4Address _ -> 0;
      case Ipv6Address a -> a.high();
    };
  }

  private static long lowOf(Prefix prefix) {
    return switch (prefix.address()) {
      case Ipv4Address a -> Integer.toUnsignedLong(a.value());
      case Ipv6Address a -> a.low();
    };
  }

  private static short shapeOf(int length, AddressFamily family) {
    return (short) (length | (family == AddressFamily.IPV6 ? IPV6_BIT : 0));
  }

  private int hashOf(int id) {
    return hash(shape[id] < IPV6_BIT ? 0 : high[id], low[id], shape[id]);
  }

  /**
   * Prefixes that follow each other, as those of a full table do, are near each other in the table,
   * eight in one line of the processor's cache.
   */
  private static int hash(long high, long low, short shape) {
    int length = shape & 0xff;
    long block;
    if (shape < IPV6_BIT) {
      block = length == 0 ? 0 : low >>> (32 - length);
    } else {
      block = length <= 64 ? high >>> (64 - length) : high * 31 + (low >>> (128 - length));
    }
    long mixed = ((block >>> 3) * 67 + shape) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32) << 3 | (int) (block & 7);
  }

  /** Writes a prefix into a list of its family. */
  void append(int id, PrefixList.Builder to, int identifier) {
    to.add(shape[id] < IPV6_BIT ? 0 : high[id], low[id], shape[id] & 0xff, identifier);
  }
}
