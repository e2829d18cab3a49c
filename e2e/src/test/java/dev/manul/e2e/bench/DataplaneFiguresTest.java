package dev.manul.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.manul.e2e.bench.DataplaneFigures.Verdict;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataplaneFiguresTest {

  private static final long SEED = 20261122;

  /** The ranks are those of tables of the sign test. */
  @ParameterizedTest
  @CsvSource({"6, 1, 6", "8, 1, 8", "9, 2, 8", "10, 2, 9", "15, 4, 12", "20, 6, 15", "25, 8, 18"})
  void theIntervalIsThatOfTheSignTest(int measurements, double low, double high) {
    List<Double> ratios = IntStream.rangeClosed(1, measurements).mapToObj(i -> (double) i).toList();

    PairedRatio ratio = PairedRatio.of(ratios);

    assertThat(ratio.low()).isEqualTo(low);
    assertThat(ratio.high()).isEqualTo(high);
    assertThat(ratio.median()).isEqualTo((measurements + 1) / 2.0);
  }

  @Test
  void tooFewMeasurementsTellNothing() {
    PairedRatio ratio = PairedRatio.of(List.of(1.0, 1.0, 1.0, 1.0, 1.0));

    assertThat(ratio).isEqualTo(new PairedRatio(1, 0, Double.POSITIVE_INFINITY));
    assertThat(DataplaneFigures.verdict(ratio, ratio)).isEqualTo(Verdict.UNDECIDED);
  }

  @Test
  void theIntervalHasTheTruthInItAboutAsOftenAsItSays() {
    var random = new Random(SEED);
    int within = 0;
    for (int i = 0; i < 2000; i++) {
      PairedRatio ratio =
          PairedRatio.of(
              DoubleStream.generate(() -> Math.exp(0.05 * random.nextGaussian()))
                  .limit(25)
                  .boxed()
                  .toList());
      within += ratio.low() <= 1 && 1 <= ratio.high() ? 1 : 0;
    }
    assertThat(within / 2000.0).isCloseTo(0.957, within(0.015));
  }

  @ParameterizedTest
  @CsvSource({
    "0.98, 1.01, 0.99, 1.02, MET",
    "0.97, 1.20, 0.50, 1.03, MET",
    "0.96, 1.01, 0.99, 1.02, UNDECIDED",
    "0.98, 1.01, 0.99, 1.04, UNDECIDED",
    "0.90, 0.969, 0.99, 1.02, MISSED",
    "0.98, 1.01, 1.031, 1.09, MISSED",
    "0.90, 1.10, 1.031, 1.09, MISSED",
  })
  void aVerdictTakesTheWholeInterval(
      double low, double high, double roundTripLow, double roundTripHigh, Verdict verdict) {
    assertThat(
            DataplaneFigures.verdict(
                new PairedRatio(1, low, high), new PairedRatio(1, roundTripLow, roundTripHigh)))
        .isEqualTo(verdict);
  }
}
