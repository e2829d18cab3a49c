package dev.manul.bgp.daemon;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import javax.management.NotificationEmitter;

/**
 * Has old garbage collected before there is much of it. The serial collector makes the heap as
 * large as it may be first: routes that come and go would take all of {@code -Xmx} in the end,
 * where those that are there take a tenth of it.
 *
 * <p>It costs no thread and no timer: the JVM compares use with a threshold after each collection
 * of what is young.
 */
final class HeapKeeper {
  /** How many octets grow old at the least before they are looked at. */
  static final long STEP = 8 << 20;

  private final MemoryPoolMXBean old;

  private HeapKeeper(MemoryPoolMXBean old) {
    this.old = old;
  }

  /** Begins to; does nothing with a collector of which no generation can be watched. */
  static void start() {
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      if (pool.getType() == MemoryType.HEAP
          && pool.isUsageThresholdSupported()
          && ManagementFactory.getMemoryMXBean() instanceof NotificationEmitter emitter) {
        new HeapKeeper(pool).watch(emitter);
      }
    }
  }

  private void watch(NotificationEmitter emitter) {
    emitter.addNotificationListener(
        (notification, handback) -> {
          System.gc();
          waitForMore();
        },
        notification ->
            notification.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED),
        null);
    waitForMore();
  }

  private void waitForMore() {
    old.setUsageThreshold(threshold(old.getUsage().getUsed(), old.getUsage().getMax()));
  }

  /**
   * At how many octets to collect next: three quarters more than what was left last time, so that
   * collecting stays a share of the work that has made the garbage.
   *
   * @param max how large the generation may be at most; -1 when nobody has said
   */
  static long threshold(long used, long max) {
    long next = used + Math.max(STEP, used / 4 * 3);
    return max < 0 ? next : Math.min(next, max);
  }
}
