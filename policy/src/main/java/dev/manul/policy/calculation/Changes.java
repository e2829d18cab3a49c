package dev.manul.policy.calculation;

import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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

  /** Nothing has. */
  public static final Changes NONE = none().sealed();

  /** Members that a set has gained and lost. */
  public record MemberChange(Set<Member> added, Set<Member> removed) {}

  /** Changes that are still being collected. */
  static Changes none() {
    return new Changes(
        new LinkedHashMap<>(),
        new LinkedHashMap<>(),
        new LinkedHashSet<>(),
        new LinkedHashMap<>(),
        new LinkedHashSet<>(),
        new LinkedHashMap<>(),
        new LinkedHashSet<>(),
        new LinkedHashMap<>(),
        new LinkedHashSet<>());
  }

  /** The same, but nobody can change it any more; in the order in which it was collected. */
  Changes sealed() {
    return new Changes(
        Collections.unmodifiableMap(setsNew),
        Collections.unmodifiableMap(setsChanged),
        Collections.unmodifiableSet(setsGone),
        Collections.unmodifiableMap(policies),
        Collections.unmodifiableSet(policiesGone),
        Collections.unmodifiableMap(profiles),
        Collections.unmodifiableSet(profilesGone),
        Collections.unmodifiableMap(endpoints),
        Collections.unmodifiableSet(endpointsGone));
  }

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
