package dev.manul.policy;

import java.util.concurrent.TimeUnit;

/**
 * How long changes gather after a write. A write that comes alone is followed by a short pause, so
 * that a new pod's policy is soon in place. While writes follow one another closely the pauses
 * grow, since each write costs something however little it says; and such writes may take a third
 * of a processor, however long one takes. What was not used of that is saved for a while.
 */
final class Pacing {
  /** How long new pods of this node wait for more of them, even if nothing was written lately. */
  static final long PODS = TimeUnit.MILLISECONDS.toNanos(20);

  static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(50);

  /** As long as Calico's Felix lets pass between two applies when it is busy. */
  static final long BUSY = TimeUnit.MILLISECONDS.toNanos(100);

  static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(500);

  /** Time to write that is saved at most, and owed at most. */
  private static final long SAVED = TimeUnit.MILLISECONDS.toNanos(500);

  /** Of how much time one part may be spent on writing. */
  private static final long PARTS = 3;

  private long credit = SAVED;
  private long lastEnded;
  private long lastPause;

  /**
   * @param now on the scale of {@link System#nanoTime}, as all times here
   */
  Pacing(long now) {
    this.lastEnded = now;
  }

  /** How many nanoseconds to pause after a write. */
  long after(long began, long ended) {
    long earned = Math.min(SAVED, credit + (ended - lastEnded) / PARTS);
    credit = Math.max(-SAVED, earned - (ended - began));
    boolean closely = began - lastEnded < 2 * lastPause;
    lastEnded = ended;
    long gathering = closely ? BUSY : SHORTEST;
    lastPause = credit >= 0 ? gathering : Math.clamp(-credit * PARTS, gathering, LONGEST);
    return lastPause;
  }
}
