package dev.manul.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PacingTest {
  private long now = 5;
  private final Pacing pacing = new Pacing(now);

  @Test
  void aWriteThatComesAloneIsFollowedByAShortPause() {
    for (int i = 0; i < 20; i++) {
      assertThat(write(300)).isEqualTo(Pacing.SHORTEST);
      now += TimeUnit.SECONDS.toNanos(1);
    }
  }

  @Test
  void afterALongWriteAnotherMayFollowSoon() {
    assertThat(write(400)).isEqualTo(Pacing.SHORTEST);
    now += Pacing.SHORTEST;
    assertThat(write(50)).isEqualTo(Pacing.SHORTEST);
  }

  @Test
  void writesWithoutEndTakeAThirdOfTheTime() {
    long began = now;
    long writing = 0;
    while (now - began < TimeUnit.SECONDS.toNanos(60)) {
      now += write(90);
      writing += TimeUnit.MILLISECONDS.toNanos(90);
    }
    assertThat(writing / (double) (now - began)).isBetween(0.3, 0.36);
  }

  @Test
  void noPauseIsLongerThanTheLongest() {
    long longest = 0;
    for (int i = 0; i < 50; i++) {
      long pause = write(2_000);
      longest = Math.max(longest, pause);
      now += pause;
    }
    assertThat(longest).isEqualTo(Pacing.LONGEST);
  }

  @Test
  void newPodsAloneAreWrittenTenTimesASecondAtMost() {
    assertThat(pauses(3)).isEqualTo(new Pacing.Pauses(Pacing.SHORTEST, Pacing.PODS));
  }

  /** Writes for some milliseconds; the pause after that. */
  private long write(long millis) {
    return pauses(millis).any();
  }

  private Pacing.Pauses pauses(long millis) {
    long began = now;
    now += TimeUnit.MILLISECONDS.toNanos(millis);
    return pacing.after(began, now);
  }
}
