package dev.manul.agent;

import dev.manul.policy.PolicyCount;
import dev.manul.policy.PolicyCounts;
import dev.manul.policy.PolicyStatus;
import dev.manul.policy.TierCount;
import dev.manul.policy.meaning.PolicyId;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Policy in Prometheus's text format: Felix's names where it has the same, else {@code manul_…}.
 */
final class PolicyMetrics {

  private PolicyMetrics() {}

  /** The metrics as text. */
  static String text(PolicyStatus status, PolicyCounts counts) {
    MetricSnapshots snapshots =
        MetricSnapshots.of(
            gauge(
                "felix_active_local_endpoints",
                "Endpoints of this node that policy is enforced on.",
                status.endpoints()),
            gauge(
                "felix_active_local_policies",
                "Policies that are about an endpoint of this node.",
                status.policies()),
            gauge("felix_ipsets_calico", "Sets of addresses in the kernel.", status.sets()),
            gauge(
                "manul_policy_settled",
                "1 when the kernel has all that policy asks for.",
                status.settled() ? 1 : 0),
            gauge(
                "manul_policy_last_change_seconds",
                "How long the last change took to be in force.",
                status.lastChange().toNanos() / 1e9),
            counter(
                "manul_policy_writes",
                "How many times rules or sets were written.",
                status.writes()),
            counter(
                "manul_policy_repairs",
                "How many of these put back what others had changed.",
                status.repaired()),
            packets(counts.policies()),
            tierEnds(counts.tiers()));
    var bytes = new ByteArrayOutputStream();
    try {
      new PrometheusTextFormatWriter(false).write(bytes, snapshots);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The media type of the text. */
  static String type() {
    return PrometheusTextFormatWriter.CONTENT_TYPE;
  }

  private static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }

  private static CounterSnapshot counter(String name, String help, long value) {
    return CounterSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(CounterDataPointSnapshot.builder().value((double) value).build())
        .build();
  }

  private static CounterSnapshot packets(List<PolicyCount> counts) {
    CounterSnapshot.Builder builder =
        CounterSnapshot.builder()
            .name("manul_policy_packets")
            .help(
                "First packets of connections by what a policy did with them; of a staged policy by"
                    + " what it would have done. Begins anew when the policy's rules change.");
    for (PolicyCount count : counts) {
      point(builder, count, "allow", count.allowed());
      point(builder, count, "deny", count.denied());
      point(builder, count, "pass", count.passed());
      point(builder, count, "log", count.logged());
      if (isStaged(count.policy())) {
        point(builder, count, "unmatched", count.unmatched());
      }
    }
    return builder.build();
  }

  private static CounterSnapshot tierEnds(List<TierCount> counts) {
    CounterSnapshot.Builder builder =
        CounterSnapshot.builder()
            .name("manul_policy_tier_end_packets")
            .help(
                "First packets of connections that were dropped at the end of a tier, as none of"
                    + " its policies decided about them. Begins anew when an endpoint's policies"
                    + " change.");
    for (TierCount count : counts) {
      builder.dataPoint(
          CounterDataPointSnapshot.builder()
              .labels(
                  Labels.of(
                      "tier",
                      count.tier(),
                      "direction",
                      count.direction().name().toLowerCase(Locale.ROOT)))
              .value((double) count.denied())
              .build());
    }
    return builder.build();
  }

  private static boolean isStaged(PolicyId policy) {
    return policy.type().name().startsWith("STAGED_");
  }

  private static void point(
      CounterSnapshot.Builder builder, PolicyCount count, String action, long packets) {
    PolicyId policy = count.policy();
    builder.dataPoint(
        CounterDataPointSnapshot.builder()
            .labels(
                Labels.of(
                    "kind",
                    policy.type().kind(),
                    "namespace",
                    policy.namespace(),
                    "name",
                    policy.name(),
                    "direction",
                    count.direction().name().toLowerCase(Locale.ROOT),
                    "staged",
                    Boolean.toString(isStaged(policy)),
                    "action",
                    action))
            .value((double) packets)
            .build());
  }
}
