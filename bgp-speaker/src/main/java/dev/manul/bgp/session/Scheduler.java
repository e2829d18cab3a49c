package dev.manul.bgp.session;

import java.time.Instant;

/** The core thread's clock and timers. */
public interface Scheduler {

  /** Nanoseconds since some moment, for measuring only. */
  long nanos();

  /** The time of day, for display only. */
  Instant now();

  /** Runs {@code task} on the core thread after {@code millis}, once, unless cancelled. */
  Timer schedule(long millis, Runnable task);

  /** A task that waits. */
  interface Timer {
    /** Makes sure the task does not run any more. Harmless when it already has. */
    void cancel();
  }
}
