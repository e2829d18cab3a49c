package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage.Notification;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A time during which a neighbour's session is not to come up, whoever dials: because it flaps, or
 * because the neighbour has announced too much.
 */
final class Rest {
  private final Scheduler scheduler;
  private boolean resting;
  private boolean endless;
  private long start;
  private long millis;
  private Notification answer;

  Rest(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * Begins.
   *
   * @param duration in milliseconds; empty until {@link #end}
   * @param what to answer a neighbour that connects meanwhile
   */
  void begin(OptionalLong duration, Notification what) {
    resting = true;
    endless = duration.isEmpty();
    millis = duration.orElse(0);
    start = scheduler.nanos();
    answer = what;
  }

  void end() {
    resting = false;
  }

  /** How long it still takes, in milliseconds; empty when nothing but a change ends it. */
  OptionalLong left() {
    return endless
        ? OptionalLong.empty()
        : OptionalLong.of(millis - (scheduler.nanos() - start) / 1_000_000);
  }

  boolean now() {
    if (resting && !endless && left().getAsLong() <= 0) {
      resting = false;
    }
    return resting;
  }

  /** What to answer a neighbour that connects; empty when it is welcome. */
  Optional<Notification> answer() {
    return now() ? Optional.of(answer) : Optional.empty();
  }

  /** When it ends by itself. */
  Optional<Instant> until() {
    return now() && !endless
        ? Optional.of(scheduler.now().plusMillis(left().getAsLong()))
        : Optional.empty();
  }
}
