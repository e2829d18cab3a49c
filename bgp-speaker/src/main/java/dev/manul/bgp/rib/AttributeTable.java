package dev.manul.bgp.rib;

import dev.manul.bgp.wire.PathAttributes;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/**
 * Makes equal attributes one object. Sets that nothing refers to any more go with the next garbage
 * collection.
 */
final class AttributeTable {
  private final ReferenceQueue<AttributeSet> collected = new ReferenceQueue<>();
  private Entry[] buckets = new Entry[64];
  private int size;

  private static final class Entry extends WeakReference<AttributeSet> {
    private final int hash;
    private Entry next;

    Entry(AttributeSet set, int hash, Entry next, ReferenceQueue<AttributeSet> queue) {
      super(set, queue);
      this.hash = hash;
      this.next = next;
    }
  }

  /** The one set with these attributes. */
  AttributeSet intern(PathAttributes attributes) {
    removeCollected();
    int hash = spread(attributes.hashCode());
    for (Entry e = buckets[hash & (buckets.length - 1)]; e != null; e = e.next) {
      if (e.hash == hash) {
        AttributeSet known = e.get();
        if (known != null && known.value.equals(attributes)) {
          return known;
        }
      }
    }
    AttributeSet added = new AttributeSet(attributes);
    if (size >= buckets.length) {
      grow();
    }
    int bucket = hash & (buckets.length - 1);
    buckets[bucket] = new Entry(added, hash, buckets[bucket], collected);
    size++;
    return added;
  }

  int size() {
    removeCollected();
    return size;
  }

  private void grow() {
    Entry[] old = buckets;
    buckets = new Entry[old.length * 2];
    for (Entry chain : old) {
      Entry e = chain;
      while (e != null) {
        Entry next = e.next;
        int bucket = e.hash & (buckets.length - 1);
        e.next = buckets[bucket];
        buckets[bucket] = e;
        e = next;
      }
    }
  }

  private void removeCollected() {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      Entry entry = (Entry) gone;
      int bucket = entry.hash & (buckets.length - 1);
      Entry before = null;
      for (Entry e = buckets[bucket]; e != null; e = e.next) {
        if (e == entry) {
          if (before == null) {
            buckets[bucket] = e.next;
          } else {
            before.next = e.next;
          }
          size--;
          break;
        }
        before = e;
      }
    }
  }

  private static int spread(int hash) {
    return ((hash ^ (hash >>> 16)) * 0x9e3779b1) >>> 1;
  }
}
