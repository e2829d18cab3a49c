package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.e2e.LabException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SteadyPingsIT {

  private static final int RATE = 200;

  /** Of so many lost requests it tells each. */
  private static final int LINES = 10;

  private final Path program = SteadyPings.program(Path.of("..").toAbsolutePath().normalize());
  private final PingedNamespace namespace = new PingedNamespace("manul-steady-");
  private final List<SteadyPings.Pair> pairs =
      List.of(
          new SteadyPings.Pair(namespace.name(), PingedNamespace.NEAR),
          new SteadyPings.Pair(namespace.name(), PingedNamespace.FAR));

  @AfterEach
  void disconnect() {
    namespace.close();
  }

  @Test
  void countsEachLegByItself() {
    try (SteadyPings pings = SteadyPings.start(program, pairs, RATE)) {
      var _ = Waiting.pass(Duration.ofSeconds(1));
      pings.nextLeg(RATE / 2);
      var _ = Waiting.pass(Duration.ofSeconds(2));
      SteadyPings.Count count = pings.stop();

      assertThat(count.legs()).hasSize(2);
      assertThat(count.lost()).isZero();
      assertThat(count.losses()).isEmpty();
      assertThat(perSecond(count.legs().get(0))).isBetween(0.8 * RATE, 1.2 * RATE);
      assertThat(perSecond(count.legs().get(1))).isBetween(0.4 * RATE, 0.6 * RATE);
      assertThat(count.perSecond()).isBetween(0.53 * RATE, 0.8 * RATE);
    }
  }

  @Test
  void takesNoMoreOfTheProcessorThanItsShare() {
    long much = sentAtMost(1);
    long little = sentAtMost(0.1);

    assertThat(little).isBetween(10L, much / 2);
  }

  /** How many of far too many requests are sent. */
  private long sentAtMost(double share) {
    try (SteadyPings pings = SteadyPings.start(program, pairs, 1_000_000, share)) {
      var _ = Waiting.pass(Duration.ofMillis(500));
      return pings.stop().sent();
    }
  }

  private static double perSecond(SteadyPings.Leg leg) {
    return leg.sent() / leg.seconds();
  }

  @Test
  void tellsWhichRequestWasLost() {
    try (SteadyPings pings = SteadyPings.start(program, pairs, RATE)) {
      var _ = Waiting.pass(Duration.ofMillis(500));
      pings.nextLeg(RATE);
      namespace.lose();
      var _ = Waiting.pass(Duration.ofMillis(500));
      namespace.answer();
      pings.nextLeg(RATE);
      var _ = Waiting.pass(Duration.ofMillis(500));
      SteadyPings.Count count = pings.stop();

      assertThat(count.legs()).extracting(SteadyPings.Leg::lost).first().isEqualTo(0L);
      assertThat(count.legs().get(1).lost()).isBetween((long) LINES, 150L);
      assertThat(count.legs().get(2).lost()).isZero();
      assertThat(count.losses())
          .hasSize(LINES)
          .allMatch(line -> line.startsWith(namespace.name() + " > " + PingedNamespace.FAR + ", "));
    }
  }

  @Test
  void saysWhyItCannotPing() {
    SteadyPings.Pair nowhere = new SteadyPings.Pair("manul-no-such", PingedNamespace.NEAR);
    try (SteadyPings pings = SteadyPings.start(program, List.of(nowhere), RATE)) {
      assertThatThrownBy(pings::stop)
          .isInstanceOf(LabException.class)
          .hasMessageContaining("manul-no-such");
    }
  }
}
