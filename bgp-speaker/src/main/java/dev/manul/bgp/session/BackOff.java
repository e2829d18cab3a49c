package dev.manul.bgp.session;

import java.util.function.DoubleSupplier;

/** How long to wait before the next attempt: a quarter of a second at first, twice as long next. */
final class BackOff {
  static final int USUAL_LIMIT_SECONDS = 8;
  private static final long FIRST_MILLIS = 250;
  private static final int MOST_DOUBLINGS = 30;

  private final DoubleSupplier random;
  private int failures;

  BackOff(DoubleSupplier random) {
    this.random = random;
  }

  void failed() {
    failures++;
  }

  void reset() {
    failures = 0;
  }

  /**
   * The wait after the failures so far, in milliseconds.
   *
   * @param limitSeconds the longest one
   */
  long millis(int limitSeconds) {
    int doublings = Math.clamp(failures - 1L, 0, MOST_DOUBLINGS);
    long millis = Math.min(FIRST_MILLIS << doublings, limitSeconds * 1000L);
    return jittered(millis, random.getAsDouble());
  }

  /**
   * Between three quarters and the whole of a time (RFC 4271 section 10).
   *
   * @param random within 0.0 and 1.0
   */
  static long jittered(long millis, double random) {
    return Math.round(millis * (0.75 + random / 4));
  }
}
