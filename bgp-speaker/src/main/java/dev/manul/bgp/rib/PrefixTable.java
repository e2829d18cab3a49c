package dev.manul.bgp.rib;

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

  private long[] high = new long[64];
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
    long h = highOf(prefix);
    long l = lowOf(prefix);
    short s = shapeOf(prefix);
    int mask = slots.length - 1;
    for (int slot = hash(h, l, s) & mask; slots[slot] != 0; slot = (slot + 1) & mask) {
      int id = slots[slot] - 1;
      if (high[id] == h && low[id] == l && shape[id] == s) {
        return id;
      }
    }
    return -1;
  }

  /** The number of a prefix, a new one if need be. */
  int add(Prefix prefix) {
    int known = find(prefix);
    if (known >= 0) {
      return known;
    }
    int id = freeCount > 0 ? free[--freeCount] : limit++;
    if (id >= shape.length) {
      int capacity = shape.length * 2;
      high = Arrays.copyOf(high, capacity);
      low = Arrays.copyOf(low, capacity);
      shape = Arrays.copyOf(shape, capacity);
    }
    high[id] = highOf(prefix);
    low[id] = lowOf(prefix);
    shape[id] = shapeOf(prefix);
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
    int slot = hash(high[id], low[id], shape[id]) & mask;
    while (slots[slot] != id + 1) {
      slot = (slot + 1) & mask;
    }
    // Close the gap: an entry may move into it when its home is not between the gap and itself.
    int gap = slot;
    for (int i = (slot + 1) & mask; slots[i] != 0; i = (i + 1) & mask) {
      int other = slots[i] - 1;
      int home = hash(high[other], low[other], shape[other]) & mask;
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
    int slot = hash(high[id], low[id], shape[id]) & mask;
    while (slots[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots[slot] = id + 1;
  }

  private static long highOf(Prefix prefix) {
    return switch (prefix.address()) {
      case Ipv4Address a -> 0;
      case Ipv6Address a -> a.high();
    };
  }

  private static long lowOf(Prefix prefix) {
    return switch (prefix.address()) {
      case Ipv4Address a -> Integer.toUnsignedLong(a.value());
      case Ipv6Address a -> a.low();
    };
  }

  private static short shapeOf(Prefix prefix) {
    return (short) (prefix.length() | (prefix.family() == AddressFamily.IPV6 ? IPV6_BIT : 0));
  }

  private static int hash(long high, long low, short shape) {
    long mixed = (high * 31 + low) * 31 + shape;
    mixed = (mixed ^ (mixed >>> 32)) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
