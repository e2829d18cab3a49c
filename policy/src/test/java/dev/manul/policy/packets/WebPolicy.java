package dev.manul.policy.packets;

import static dev.manul.policy.meaning.Direction.INGRESS;

import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.meaning.Fact;
import java.util.List;

/**
 * One policy on the world of {@link Scenario}: to {@code db} comes {@code web} alone, to TCP 80.
 */
final class WebPolicy {

  static final Fact POLICY =
      new Fact.PolicyIs(
          Sketch.policy(
              "web",
              "app == 'db'",
              INGRESS,
              Sketch.allow().protocol(6).ports(80).from("app == 'web'")));

  private WebPolicy() {}

  /** Policies that are in force on a node. */
  static NetworkPolicies enforced(PolicyHosts hosts, NetworkPolicyOptions options) {
    NetworkPolicies policies = NetworkPolicies.start(hosts.node, options);
    policies.apply(Scenario.world());
    policies.apply(List.of(POLICY));
    policies.synced();
    PolicyPacketsIT.settled(policies);
    return policies;
  }
}
