package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.policy.PolicyCount;
import dev.manul.policy.PolicyCounts;
import dev.manul.policy.PolicyStatus;
import dev.manul.policy.TierCount;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyMetricsTest {
  private static final PolicyStatus STATUS =
      new PolicyStatus(
          Optional.empty(),
          true,
          2,
          3,
          4,
          5,
          1,
          Optional.empty(),
          Duration.ofMillis(250),
          List.of(),
          List.of());

  @Test
  void isPrometheusText() {
    String text =
        PolicyMetrics.text(
            STATUS,
            new PolicyCounts(
                List.of(
                    new PolicyCount(
                        new PolicyId(PolicyId.Type.NETWORK_POLICY, "prod", "web"),
                        Direction.INGRESS,
                        7,
                        8,
                        0,
                        0,
                        0),
                    new PolicyCount(
                        new PolicyId(PolicyId.Type.STAGED_GLOBAL_NETWORK_POLICY, "", "soon"),
                        Direction.EGRESS,
                        0,
                        9,
                        0,
                        0,
                        10)),
                List.of(new TierCount("security", Direction.EGRESS, 11))));

    assertThat(text.lines())
        .contains(
            "# TYPE felix_active_local_endpoints gauge",
            "felix_active_local_endpoints 2.0",
            "felix_active_local_policies 3.0",
            "felix_ipsets_calico 4.0",
            "manul_policy_settled 1.0",
            "manul_policy_last_change_seconds 0.25",
            "# TYPE manul_policy_writes_total counter",
            "manul_policy_writes_total 5.0",
            "manul_policy_repairs_total 1.0",
            "manul_policy_packets_total{action=\"deny\",direction=\"ingress\",kind=\"NetworkPolicy\","
                + "name=\"web\",namespace=\"prod\",staged=\"false\"} 8.0",
            "manul_policy_packets_total{action=\"unmatched\",direction=\"egress\","
                + "kind=\"StagedGlobalNetworkPolicy\",name=\"soon\",namespace=\"\",staged=\"true\"}"
                + " 10.0",
            "manul_policy_tier_end_packets_total{direction=\"egress\",tier=\"security\"} 11.0");
    assertThat(text).doesNotContain("action=\"unmatched\",direction=\"ingress\"");
  }
}
