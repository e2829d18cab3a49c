package dev.manul.policy;

import java.util.concurrent.TimeUnit;

/**
 * How long changes gather after a write. A write that comes alone is followed by a short pause, so
 * that the next change is soon in force; writes that follow one another closely may take a third of
 * a processor, however long one takes. What was not used of that is saved for a while.
 */
final class Pacing {
  static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(20);

  /** As long as Calico's Felix lets pass between two writes when it is busy. */
  static final long PODS = TimeUnit.MILLISECONDS.toNanos(100);

  static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(500);

  /** Time to write that is saved at most, and owed at most. */
  private static final long SAVED = TimeUnit.MILLISECONDS.toNanos(500);

  /** Of how much time one part may be spent on writing. */
  private static final long PARTS = 3;

  /**
   * Pauses in nanoseconds.
   *
   * @param pods for changes that are nothing but pods of this node that have come or gone: they
   *     come in groups, each write for them costs something however few there are, and holds up the
   *     kernel's removal of a pod's link; programs of new ones start later, and those of old ones
   *     have ended
   */
  record Pauses(long any, long pods) {}

  private long credit = SAVED;
  private long lastEnded;

  /**
   * @param now on the scale of {@link System#nanoTime}, as all times here
   */
  Pacing(long now) {
    this.lastEnded = now;
  }

  /** How long to pause after a write. */
  Pauses after(long began, long ended) {
    long earned = Math.min(SAVED, credit + (ended - lastEnded) / PARTS);
    credit = Math.max(-SAVED, earned - (ended - began));
    lastEnded = ended;
    long pause = credit >= 0 ? SHORTEST : Math.clamp(-credit * PARTS, SHORTEST, LONGEST);
    return new Pauses(pause, Math.max(pause, PODS));
  }
}
