package dev.manul.bgp.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapKeeperTest {
  private static final long MIB = 1 << 20;

  @Test
  void aSmallHeapIsNotCollectedForEveryRoute() {
    assertThat(HeapKeeper.threshold(0, 256 * MIB)).isEqualTo(HeapKeeper.STEP);
    assertThat(HeapKeeper.threshold(4 * MIB, 256 * MIB)).isEqualTo(4 * MIB + HeapKeeper.STEP);
  }

  @Test
  void aLargeOneIsLeftAloneForLonger() {
    assertThat(HeapKeeper.threshold(100 * MIB, 256 * MIB)).isEqualTo(175 * MIB);
  }

  @Test
  void theLimitOfTheHeapIsNeverExceeded() {
    assertThat(HeapKeeper.threshold(200 * MIB, 256 * MIB)).isEqualTo(256 * MIB);
    assertThat(HeapKeeper.threshold(200 * MIB, -1)).isEqualTo(350 * MIB);
  }
}
