package dev.manul.policy.calculation;

import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;
import java.util.Map;
import java.util.Set;

/**
 * What has become different. Sets that are new come with all their members; those there were, with
 * what was added and what removed.
 */
public record Changes(
    Map<SetId, Set<Member>> setsNew,
    Map<SetId, MemberChange> setsChanged,
    Set<SetId> setsGone,
    Map<PolicyId, ActivePolicy> policies,
    Set<PolicyId> policiesGone,
    Map<String, ActiveProfile> profiles,
    Set<String> profilesGone,
    Map<EndpointId, EndpointPlan> endpoints,
    Set<EndpointId> endpointsGone) {

  /** Members that a set has gained and lost. */
  public record MemberChange(Set<Member> added, Set<Member> removed) {}

  /** Whether nothing has become different. */
  public boolean isEmpty() {
    return setsNew.isEmpty()
        && setsChanged.isEmpty()
        && setsGone.isEmpty()
        && policies.isEmpty()
        && policiesGone.isEmpty()
        && profiles.isEmpty()
        && profilesGone.isEmpty()
        && endpoints.isEmpty()
        && endpointsGone.isEmpty();
  }
}
