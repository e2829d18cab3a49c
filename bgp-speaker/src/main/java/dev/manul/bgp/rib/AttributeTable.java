package dev.manul.bgp.rib;

import dev.manul.bgp.wire.PathAttributes;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Arrays;

/**
 * Makes equal attributes one object. Sets that nothing refers to any more go with the next garbage
 * collection.
 *
 * <p>Buckets and chains are numbers, and references stand in the order in which they came: one that
 * is written anywhere into a large old array makes the collector look through that part of it, and
 * as many new sets as there are would have it look through all of it each time.
 */
final class AttributeTable {
  private static final int NONE = -1;

  private final ReferenceQueue<AttributeSet> collected = new ReferenceQueue<>();

  /** The first slot of each bucket's chain; as many as a power of two. */
  private int[] buckets = filled(64);

  /** The hash of what is in a slot, by the slot's number. */
  private int[] hashes = new int[64];

  /** The next slot of the same chain, or of those that are free. */
  private int[] next = new int[64];

  private Slot[] slots = new Slot[64];

  /** Slots from here on have never been used. */
  private int unused;

  private int firstFree = NONE;
  private int size;

  private static final class Slot extends WeakReference<AttributeSet> {
    private final int number;

    Slot(AttributeSet set, int number, ReferenceQueue<AttributeSet> queue) {
      super(set, queue);
      this.number = number;
    }
  }

  /** The one set with these attributes. */
  AttributeSet intern(PathAttributes attributes) {
    removeCollected();
    int hash = spread(attributes.hashCode());
    for (int i = buckets[hash & (buckets.length - 1)]; i != NONE; i = next[i]) {
      if (hashes[i] == hash) {
        AttributeSet known = slots[i].get();
        if (known != null && known.value.equals(attributes)) {
          return known;
        }
      }
    }
    AttributeSet added = new AttributeSet(attributes);
    int number = free();
    slots[number] = new Slot(added, number, collected);
    hashes[number] = hash;
    chain(number);
    size++;
    return added;
  }

  int size() {
    removeCollected();
    return size;
  }

  private int free() {
    if (firstFree != NONE) {
      int number = firstFree;
      firstFree = next[number];
      return number;
    }
    if (unused == slots.length) {
      int length = slots.length * 2;
      slots = Arrays.copyOf(slots, length);
      hashes = Arrays.copyOf(hashes, length);
      next = Arrays.copyOf(next, length);
      buckets = filled(length);
      for (int i = 0; i < unused; i++) {
        chain(i);
      }
    }
    return unused++;
  }

  private static int[] filled(int length) {
    int[] numbers = new int[length];
    Arrays.fill(numbers, NONE);
    return numbers;
  }

  private void chain(int number) {
    int bucket = hashes[number] & (buckets.length - 1);
    next[number] = buckets[bucket];
    buckets[bucket] = number;
  }

  private void removeCollected() {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      remove(((Slot) gone).number);
    }
  }

  private void remove(int number) {
    int bucket = hashes[number] & (buckets.length - 1);
    if (buckets[bucket] == number) {
      buckets[bucket] = next[number];
    } else {
      int before = buckets[bucket];
      while (next[before] != number) {
        before = next[before];
      }
      next[before] = next[number];
    }
    slots[number] = null;
    next[number] = firstFree;
    firstFree = number;
    size--;
  }

  private static int spread(int hash) {
    return ((hash ^ (hash >>> 16)) * 0x9e3779b1) >>> 1;
  }
}
