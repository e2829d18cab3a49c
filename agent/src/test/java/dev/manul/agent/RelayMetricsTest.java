package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.netlink.PacketRelay;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RelayMetricsTest {

  @Test
  void everyOutcomeHasALine() {
    String text = RelayMetrics.text(Map.of("manul-udp", new PacketRelay.Counts(1, 2, 3, 4, 5, 6)));

    assertThat(text.lines())
        .contains(
            "manul_udp_packets_total{device=\"manul-udp\",outcome=\"sent\"} 1.0",
            "manul_udp_packets_total{device=\"manul-udp\",outcome=\"received\"} 2.0",
            "manul_udp_packets_total{device=\"manul-udp\",outcome=\"no_node\"} 3.0",
            "manul_udp_packets_total{device=\"manul-udp\",outcome=\"unknown_sender\"} 4.0",
            "manul_udp_packets_total{device=\"manul-udp\",outcome=\"malformed\"} 5.0",
            "manul_udp_packets_total{device=\"manul-udp\",outcome=\"refused\"} 6.0");
  }

  @Test
  void anAgentThatCarriesNothingSaysNothing() {
    assertThat(RelayMetrics.text(Map.of())).isEmpty();
  }
}
