package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.e2e.LabException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SteadyPingsIT {

  private static final int RATE = 200;

  private final Path program = SteadyPings.program(Path.of("..").toAbsolutePath().normalize());
  private final String namespace = "manul-steady-" + ProcessHandle.current().pid();
  private final SteadyPings.Pair near = new SteadyPings.Pair(namespace, "127.0.0.1");
  private final SteadyPings.Pair far = new SteadyPings.Pair(namespace, "192.0.2.1");

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
  void countsEachLegByItself() {
    try (SteadyPings pings = SteadyPings.start(program, List.of(near, far), RATE)) {
      letPass(Duration.ofSeconds(1));
      pings.nextLeg(RATE / 2);
      letPass(Duration.ofSeconds(2));
      SteadyPings.Count count = pings.stop();

      assertThat(count.legs()).hasSize(2);
      assertThat(count.lost()).isZero();
      assertThat(count.losses()).isEmpty();
      assertThat(perSecond(count.legs().get(0))).isBetween(0.8 * RATE, 1.2 * RATE);
      assertThat(perSecond(count.legs().get(1))).isBetween(0.4 * RATE, 0.6 * RATE);
    }
  }

  private static double perSecond(SteadyPings.Leg leg) {
    return leg.sent() / leg.seconds();
  }

  @Test
  void tellsWhichRequestWasLost() {
    try (SteadyPings pings = SteadyPings.start(program, List.of(near, far), RATE)) {
      letPass(Duration.ofMillis(500));
      pings.nextLeg(RATE);
      List<String> drop = List.of("-d", "192.0.2.1", "-p", "icmp", "-j", "DROP");
      rule("-A", drop);
      letPass(Duration.ofMillis(500));
      rule("-D", drop);
      pings.nextLeg(RATE);
      letPass(Duration.ofMillis(500));
      SteadyPings.Count count = pings.stop();

      assertThat(count.legs()).extracting(SteadyPings.Leg::lost).first().isEqualTo(0L);
      assertThat(count.legs().get(1).lost()).isBetween(10L, 150L);
      assertThat(count.legs().get(2).lost()).isZero();
      assertThat(count.losses())
          .hasSize((int) count.lost())
          .allMatch(line -> line.startsWith(namespace + " > 192.0.2.1, "));
    }
  }

  @Test
  void saysWhyItCannotPing() {
    SteadyPings.Pair nowhere = new SteadyPings.Pair("manul-no-such", "127.0.0.1");
    try (SteadyPings pings = SteadyPings.start(program, List.of(nowhere), RATE)) {
      assertThatThrownBy(pings::stop)
          .isInstanceOf(LabException.class)
          .hasMessageContaining("manul-no-such");
    }
  }

  private void rule(String action, List<String> rule) {
    List<String> words = new ArrayList<>(List.of("iptables", action, "INPUT"));
    words.addAll(rule);
    var _ = Run.of(Run.inNamespace(namespace, words)).orThrow();
  }
}
