package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.PolicyId;
import java.util.List;

/**
 * What is asked, in order, about the packets of an endpoint of this node.
 *
 * @param ingress tiers with at least one policy, staged ones included, about this endpoint in this
 *     direction
 * @param untrackedIngress and the next two: for host endpoints only
 * @param forwardIngress and the next: those of the policies of a host endpoint that also count for
 *     traffic which the host forwards
 * @param profiles those there are; in order
 */
public record EndpointPlan(
    Endpoint endpoint,
    List<TierPlan> ingress,
    List<TierPlan> egress,
    List<TierPlan> untrackedIngress,
    List<TierPlan> untrackedEgress,
    List<TierPlan> preDnatIngress,
    List<TierPlan> forwardIngress,
    List<TierPlan> forwardEgress,
    List<String> profiles) {

  public EndpointPlan {
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
    untrackedIngress = List.copyOf(untrackedIngress);
    untrackedEgress = List.copyOf(untrackedEgress);
    preDnatIngress = List.copyOf(preDnatIngress);
    forwardIngress = List.copyOf(forwardIngress);
    forwardEgress = List.copyOf(forwardEgress);
    profiles = List.copyOf(profiles);
  }

  /**
   * A tier as an endpoint meets it.
   *
   * @param defaultAction DENY or PASS; it takes effect only when a policy that is not staged is
   *     among them
   * @param policies in the order in which they are asked
   */
  public record TierPlan(String name, Action defaultAction, List<PolicyId> policies) {
    public TierPlan {
      policies = List.copyOf(policies);
    }
  }
}
