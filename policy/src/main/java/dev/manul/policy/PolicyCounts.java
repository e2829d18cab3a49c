package dev.manul.policy;

import java.util.List;

/**
 * What the kernel has counted for rules of ours.
 *
 * @param policies those with rules in the kernel, each direction by itself
 * @param tiers those with policies that are enforced on an endpoint of this node
 */
public record PolicyCounts(List<PolicyCount> policies, List<TierCount> tiers) {

  /** Nothing. */
  public static final PolicyCounts NONE = new PolicyCounts(List.of(), List.of());

  public PolicyCounts {
    policies = List.copyOf(policies);
    tiers = List.copyOf(tiers);
  }
}
