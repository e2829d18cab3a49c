package dev.manul.bgp;

import java.time.Instant;

/** Where a speaker has the time from; tests have one that they move by hand. */
interface TimeSource {

  /** The time of the machine. */
  TimeSource SYSTEM =
      new TimeSource() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public boolean manual() {
          return false;
        }

        @Override
        public void onAdvance(Runnable wake) {}
      };

  /** Nanoseconds since some moment. */
  long nanos();

  /** The time of day. */
  Instant now();

  /** True when time stands still until it is moved. */
  boolean manual();

  /** Has {@code wake} run each time manual time has been moved. */
  void onAdvance(Runnable wake);
}
