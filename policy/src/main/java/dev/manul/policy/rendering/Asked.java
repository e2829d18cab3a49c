package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.EndpointPlan.TierPlan;
import dev.manul.policy.meaning.PolicyId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which policies and profiles are asked about endpoints in the rules of each family. */
final class Asked {

  private final FamilyCounts<PolicyId> policies = new FamilyCounts<>();
  private final FamilyCounts<String> profiles = new FamilyCounts<>();

  /** Those for which the answer may be another since they were last taken. */
  private Set<PolicyId> changedPolicies = new HashSet<>();

  private Set<String> changedProfiles = new HashSet<>();

  /** Counts what a plan asks, or with -1 what it no longer does. */
  void count(EndpointPlan plan, Set<AddressFamily> families, int difference) {
    for (AddressFamily family : families) {
      for (List<TierPlan> tiers :
          List.of(
              plan.ingress(),
              plan.egress(),
              plan.untrackedIngress(),
              plan.untrackedEgress(),
              plan.preDnatIngress(),
              plan.forwardIngress(),
              plan.forwardEgress())) {
        for (TierPlan tier : tiers) {
          for (PolicyId policy : tier.policies()) {
            if (policies.count(family, policy, difference)) {
              changedPolicies.add(policy);
            }
          }
        }
      }
      for (String profile : plan.profiles()) {
        if (profiles.count(family, profile, difference)) {
          changedProfiles.add(profile);
        }
      }
    }
  }

  boolean policy(AddressFamily family, PolicyId id) {
    return policies.uses(family, id);
  }

  boolean profile(AddressFamily family, String name) {
    return profiles.uses(family, name);
  }

  Set<PolicyId> takeChangedPolicies() {
    Set<PolicyId> taken = changedPolicies;
    changedPolicies = new HashSet<>();
    return taken;
  }

  Set<String> takeChangedProfiles() {
    Set<String> taken = changedProfiles;
    changedProfiles = new HashSet<>();
    return taken;
  }
}
