package dev.manul.e2e.kind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.lab.PingedNamespace;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PingLoadIT {

  private static final Duration PERIOD = Duration.ofMillis(20);

  private final PingedNamespace namespace = new PingedNamespace("manul-ping-");
  private final PingLoad.Sender sender =
      new PingLoad.Sender(
          "a",
          Run.inNamespace(namespace.name(), List.of()),
          List.of(PingedNamespace.NEAR, PingedNamespace.FAR));

  @AfterEach
  void disconnect() {
    namespace.close();
  }

  @Test
  void goesOnUntilItIsStopped() {
    PingLoad load = PingLoad.start(List.of(sender), PERIOD);
    var _ = Waiting.pass(Duration.ofSeconds(5));
    boolean sending = load.isSending();
    PingLoad.Count count = load.stop();

    assertThat(sending).isTrue();
    assertThat(load.isSending()).isFalse();
    assertThat(count.lost()).isZero();
    assertThat(count.losses()).isEmpty();
    // Two addresses 50 times a second for five seconds, in whole rounds of 125.
    assertThat(count.sent()).isGreaterThanOrEqualTo(500).matches(sent -> sent % 250 == 0);
    assertThat(count.packetsPerSecond()).isBetween(60.0, 130.0);
  }

  @Test
  void seesWhatIsLostInTheMiddle() {
    PingLoad load = PingLoad.start(List.of(sender), PERIOD);
    var _ = Waiting.pass(Duration.ofSeconds(1));
    namespace.lose();
    var _ = Waiting.pass(Duration.ofMillis(500));
    namespace.answer();
    PingLoad.Count count = load.stop();

    assertThat(count.lost()).isBetween(1L, 60L);
    assertThat(count.losses()).isNotEmpty().allMatch(line -> line.startsWith("a > 192.0.2.1 "));
  }
}
