package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for something that can only be asked for again and again. */
public final class Waiting {

  private static final Duration PACE = Duration.ofMillis(50);

  private Waiting() {}

  /**
   * Lets time pass.
   *
   * @return how long it was
   */
  public static Duration pass(Duration time) {
    long start = System.nanoTime();
    long end = start + time.toNanos();
    for (long now = start; now < end; now = System.nanoTime()) {
      LockSupport.parkNanos(end - now);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /**
   * Waits until nothing is missing.
   *
   * @param what what is waited for, for the message when it does not come
   * @param limit how long to wait at most
   * @param progress told of each new state of affairs
   * @param missing what is still missing; empty when all is well
   * @return how long it took
   */
  public static Duration until(
      String what, Duration limit, Progress progress, Supplier<List<String>> missing) {
    long start = System.nanoTime();
    List<String> last = List.of();
    while (true) {
      List<String> now = missing.get();
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      if (now.isEmpty()) {
        return taken;
      }
      if (taken.compareTo(limit) > 0) {
        throw new LabException(
            "%s: not after %d s: %s", what, limit.toSeconds(), String.join("; ", now));
      }
      if (!now.equals(last)) {
        progress.waiting(what, now);
        last = now;
      }
      LockSupport.parkNanos(PACE.toNanos());
    }
  }
}
