package dev.manul.bgp.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DampingTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void theFirstFlapsAreFreeAndTheNextCostTwiceAsMuchEach() {
    Damping damping = new Damping();
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      damping.flapped(0);
      waits.add(damping.millis(0, 10));
    }
    assertThat(waits).containsExactly(0L, 0L, 0L, 2000L, 4000L, 8000L, 10_000L, 10_000L);
  }

  @Test
  void aQuietTimeIsRewarded() {
    Damping damping = new Damping();
    for (int i = 0; i < 8; i++) {
      damping.flapped(0);
    }
    assertThat(damping.millis(60 * SECOND, 3600)).isEqualTo(2000); // eight have become four
    assertThat(damping.millis(90 * SECOND, 3600)).isZero();
    damping.flapped(600 * SECOND);
    assertThat(damping.millis(600 * SECOND, 3600)).isZero();
  }
}
