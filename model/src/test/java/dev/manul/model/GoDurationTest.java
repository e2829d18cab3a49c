package dev.manul.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GoDurationTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0s",
    "0s, 0, 0s",
    "90s, 90000000000, 1m30s",
    "1m30s, 90000000000, 1m30s",
    "1.5h, 5400000000000, 1h30m0s",
    "2h, 7200000000000, 2h0m0s",
    "250ms, 250000000, 250ms",
    "1s500ms, 1500000000, 1.5s",
    "1.5s, 1500000000, 1.5s",
    "10us, 10000, 10us",
    "10µs, 10000, 10us",
    "7ns, 7, 7ns",
    ".5s, 500000000, 500ms",
    "5.s, 5000000000, 5s",
    "-1.5s, -1500000000, -1.5s",
    "+3s, 3000000000, 3s",
    "100s, 100000000000, 1m40s",
    "10m, 600000000000, 10m0s",
  })
  void readsAndWrites(String text, long nanos, String written) {
    assertThat(GoDuration.parse(text)).isEqualTo(Duration.ofNanos(nanos));
    assertThat(GoDuration.format(Duration.ofNanos(nanos))).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "s", "-", "5x", "1.2.3s", ".s", "5 s", "s5", "99999999h", "1e3s"})
  void refuses(String text) {
    assertThatThrownBy(() -> GoDuration.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"" + text + "\" is not a duration such as 90s, 1m30s or 500ms");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      Duration duration = Duration.ofNanos(random.nextLong() >> random.nextInt(60));
      if (duration.toNanos() != Long.MIN_VALUE) {
        assertThat(GoDuration.parse(GoDuration.format(duration))).isEqualTo(duration);
      }
    }
  }
}
