package dev.manul.routes;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * For how long nobody has needed a tunnel: it is given up only after a while, as other nodes hear
 * late of what has changed. Owned by one thread.
 */
final class Disuse {

  private final Duration linger;
  private final LongSupplier nanoTime;
  private OptionalLong since = OptionalLong.empty();

  /**
   * A tunnel that is needed, as far as is known.
   *
   * @param linger how long it stays when it is not
   */
  Disuse(Duration linger, LongSupplier nanoTime) {
    this.linger = linger;
    this.nanoTime = nanoTime;
  }

  /** Whether somebody needs it now. */
  void look(boolean needed) {
    if (needed) {
      since = OptionalLong.empty();
    } else if (since.isEmpty()) {
      since = OptionalLong.of(nanoTime.getAsLong());
    }
  }

  /** The while begins anew, if it has begun. */
  void again() {
    if (since.isPresent()) {
      since = OptionalLong.of(nanoTime.getAsLong());
    }
  }

  /** Whether it has lasted long enough. */
  boolean isOver() {
    return since.isPresent() && nanoTime.getAsLong() - since.getAsLong() >= linger.toNanos();
  }

  /** How many nanoseconds it has to last yet; empty while the tunnel is needed. */
  OptionalLong untilOver() {
    return since.isPresent()
        ? OptionalLong.of(Math.max(0, since.getAsLong() + linger.toNanos() - nanoTime.getAsLong()))
        : OptionalLong.empty();
  }
}
