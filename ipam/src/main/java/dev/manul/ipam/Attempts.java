package dev.manul.ipam;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The tries that one operation has to win its compare-and-sets.
 *
 * <p>The first conflicts are followed by another try at once, because the winner is done by then.
 * If they go on, there are many contenders, and a random pause lets them spread.
 */
final class Attempts {
  private static final int BUDGET = 100;
  private static final int AT_ONCE = 3;
  private static final long FIRST_PAUSE_NANOS = 200_000;
  private static final int MAX_DOUBLINGS = 9;

  /** What happens between a lost race and the next try. */
  interface Pause {

    /**
     * Lets others finish.
     *
     * @param conflicts how many races this operation has lost, from 1
     */
    void afterConflict(int conflicts);
  }

  /** Waits a random time that grows with the conflicts, up to 102 ms. */
  static final Pause RANDOM_PAUSE =
      conflicts -> {
        if (conflicts > AT_ONCE) {
          int doublings = Math.min(conflicts - AT_ONCE - 1, MAX_DOUBLINGS);
          LockSupport.parkNanos(
              ThreadLocalRandom.current().nextLong(FIRST_PAUSE_NANOS << doublings) + 1);
        }
      };

  private final Pause pause;
  private final String operation;
  private int conflicts;

  /**
   * @param operation what is being tried, for the message when it fails for good
   */
  Attempts(Pause pause, String operation) {
    this.pause = pause;
    this.operation = operation;
  }

  /** Notes a lost race; false when there are no tries left. */
  boolean mayGoOn() {
    if (++conflicts >= BUDGET) {
      return false;
    }
    pause.afterConflict(conflicts);
    return true;
  }

  /** Whether so much time has passed that what the lost race showed should be read again. */
  boolean waited() {
    return conflicts > AT_ONCE;
  }

  /**
   * Notes a lost race.
   *
   * @throws IpamException when there are no tries left
   */
  void lost() {
    if (!mayGoOn()) {
      throw exhausted();
    }
  }

  IpamException exhausted() {
    return new IpamException(
        IpamException.Reason.CONTENDED,
        operation + ": others changed the same objects " + BUDGET + " times in a row; try again");
  }
}
