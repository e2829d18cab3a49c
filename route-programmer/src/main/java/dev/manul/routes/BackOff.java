package dev.manul.routes;

import java.time.Duration;

/**
 * When to try again what has failed.
 *
 * @param attempts how often it has failed, at least once
 * @param dueNanos when to try again, on the clock of {@link System#nanoTime}
 */
record BackOff(int attempts, long dueNanos) {

  private static final long FIRST = Duration.ofMillis(100).toNanos();
  private static final long LONGEST = Duration.ofSeconds(30).toNanos();

  /** After a first failure, or one more than {@code before}: 0.1 s, doubling up to 30 s. */
  static BackOff after(BackOff before, long nowNanos) {
    int attempts = before == null ? 1 : before.attempts + 1;
    long delay = Math.min(LONGEST, FIRST << Math.min(attempts - 1, 20));
    return new BackOff(attempts, nowNanos + delay);
  }

  boolean isDue(long nowNanos) {
    return nowNanos - dueNanos >= 0;
  }
}
