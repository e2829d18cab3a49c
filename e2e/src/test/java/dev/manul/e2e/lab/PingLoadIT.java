package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PingLoadIT {

  private static final Duration PERIOD = Duration.ofMillis(20);

  private final String namespace = "manul-ping-" + ProcessHandle.current().pid();
  private final PingLoad.Sender sender =
      new PingLoad.Sender(
          "a", Run.inNamespace(namespace, List.of()), List.of("127.0.0.1", "192.0.2.1"));

  @BeforeEach
  void connect() {
    var _ = Run.ok("ip", "netns", "add", namespace);
    Run.ip(namespace, List.of("link set lo up", "address add 192.0.2.1/32 dev lo"));
  }

  @AfterEach
  void disconnect() {
    var _ = Run.ok("ip", "netns", "delete", namespace);
  }

  private static void letPass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    await().atMost(time.plusSeconds(30)).until(() -> System.nanoTime() >= end);
  }

  @Test
  void goesOnUntilItIsStopped() {
    PingLoad load = PingLoad.start(List.of(sender), PERIOD);
    letPass(Duration.ofSeconds(5));
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
    letPass(Duration.ofSeconds(1));
    List<String> drop = List.of("-d", "192.0.2.1", "-p", "icmp", "-j", "DROP");
    rule("-A", drop);
    letPass(Duration.ofMillis(500));
    rule("-D", drop);
    PingLoad.Count count = load.stop();

    assertThat(count.lost()).isBetween(1L, 60L);
    assertThat(count.losses()).isNotEmpty().allMatch(line -> line.startsWith("a > 192.0.2.1 "));
  }

  private void rule(String action, List<String> rule) {
    List<String> words = new ArrayList<>(List.of("iptables", action, "INPUT"));
    words.addAll(rule);
    var _ = Run.of(Run.inNamespace(namespace, words)).orThrow();
  }
}
