package dev.manul.cni;

import java.util.Arrays;

/** The times of the latest requests of a kind. Safe for use by many threads. */
final class Latencies {
  private static final int KEPT = 256;

  private final long[] nanos = new long[KEPT];
  private long count;

  synchronized void add(long time) {
    nanos[(int) (count % KEPT)] = time;
    count++;
  }

  synchronized long count() {
    return count;
  }

  /** The median of the latest, in milliseconds; 0 without any. */
  synchronized double medianMillis() {
    int size = (int) Math.min(count, KEPT);
    if (size == 0) {
      return 0;
    }
    long[] sorted = Arrays.copyOf(nanos, size);
    Arrays.sort(sorted);
    return sorted[size / 2] / 1e6;
  }
}
