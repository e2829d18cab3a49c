package dev.manul.agent;

import dev.manul.netlink.PacketRelay;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What became of packets that the agent itself carries, in Prometheus's text format. */
final class RelayMetrics {

  private RelayMetrics() {}

  /**
   * The metrics as text; "" where the agent carries none.
   *
   * @param relays the counts by device
   */
  static String text(Map<String, PacketRelay.Counts> relays) {
    if (relays.isEmpty()) {
      return "";
    }
    CounterSnapshot.Builder packets =
        CounterSnapshot.builder()
            .name("manul_udp_packets")
            .help(
                "Packets of pools in UDP by what became of them. Begins anew with the agent and"
                    + " when the node's address or port changes.");
    relays.forEach(
        (device, counts) -> {
          point(packets, device, "sent", counts.sent());
          point(packets, device, "received", counts.received());
          point(packets, device, "no_node", counts.nowhere());
          point(packets, device, "unknown_sender", counts.strange());
          point(packets, device, "malformed", counts.malformed());
          point(packets, device, "refused", counts.refused());
        });
    var bytes = new ByteArrayOutputStream();
    try {
      new PrometheusTextFormatWriter(false).write(bytes, MetricSnapshots.of(packets.build()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void point(
      CounterSnapshot.Builder builder, String device, String outcome, long packets) {
    builder.dataPoint(
        CounterDataPointSnapshot.builder()
            .labels(Labels.of("device", device, "outcome", outcome))
            .value((double) packets)
            .build());
  }
}
