package dev.manul.policy.oracle;

import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.PolicyId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What somebody knows who hears all {@link Changes}. Refuses changes that cannot be: of what was
 * not told, or that change nothing, or that refer to what is not there.
 *
 * @param sets with their members
 */
public record Mirror(
    Map<SetId, Set<Member>> sets,
    Map<PolicyId, ActivePolicy> policies,
    Map<String, ActiveProfile> profiles,
    Map<EndpointId, EndpointPlan> endpoints) {

  /** Knows nothing yet. */
  public Mirror() {
    this(new HashMap<>(), new HashMap<>(), new HashMap<>(), new HashMap<>());
  }

  /**
   * Takes changes.
   *
   * @throws AssertionError when they cannot be
   */
  public void apply(Changes changes) {
    changes.setsNew().forEach((id, members) -> newSet(id, members));
    changes.setsChanged().forEach(this::changeSet);
    changes
        .policies()
        .forEach((id, policy) -> require(!policy.equals(policies.put(id, policy)), "same", id));
    changes
        .profiles()
        .forEach((id, profile) -> require(!profile.equals(profiles.put(id, profile)), "same", id));
    changes
        .endpoints()
        .forEach((id, plan) -> require(!plan.equals(endpoints.put(id, plan)), "same", id));
    changes.policiesGone().forEach(id -> gone(policies, changes.policies(), id));
    changes.profilesGone().forEach(id -> gone(profiles, changes.profiles(), id));
    changes.endpointsGone().forEach(id -> gone(endpoints, changes.endpoints(), id));
    changes.setsGone().forEach(id -> gone(sets, changes.setsNew(), id));
    changes.setsGone().forEach(id -> require(!changes.setsChanged().containsKey(id), "both", id));
    checkReferences();
  }

  private void newSet(SetId id, Set<Member> members) {
    require(sets.put(id, new HashSet<>(members)) == null, "told as new again", id);
  }

  private void changeSet(SetId id, Changes.MemberChange change) {
    Set<Member> members = sets.get(id);
    require(members != null, "changed, but never told", id);
    require(!change.added().isEmpty() || !change.removed().isEmpty(), "changed by nothing", id);
    for (Member member : change.removed()) {
      require(members.remove(member), "lost what it had not, " + member, id);
    }
    for (Member member : change.added()) {
      require(!change.removed().contains(member), "gained what it lost, " + member, id);
      require(members.add(member), "gained what it had, " + member, id);
    }
  }

  private static <K> void gone(Map<K, ?> from, Map<K, ?> changed, K id) {
    require(!changed.containsKey(id), "gone and there", id);
    require(from.remove(id) != null, "gone, but was not there", id);
  }

  private static void require(boolean so, String what, Object id) {
    if (!so) {
      throw new AssertionError(id + ": " + what);
    }
  }

  /** Plans name what is there, rules refer to sets that are there, and nothing is there unused. */
  private void checkReferences() {
    Set<PolicyId> planned = new HashSet<>();
    Set<String> named = new HashSet<>();
    for (EndpointPlan plan : endpoints.values()) {
      allTiers(plan).forEach(tier -> planned.addAll(tier.policies()));
      named.addAll(plan.profiles());
    }
    requireSame("policies in plans and policies told", planned, policies.keySet());
    requireSame("profiles in plans and profiles told", named, profiles.keySet());
    Set<SetId> used = new HashSet<>();
    policies.values().forEach(p -> used.addAll(sets(p.ingress(), p.egress())));
    profiles.values().forEach(p -> used.addAll(sets(p.ingress(), p.egress())));
    requireSame("sets in rules and sets told", used, sets.keySet());
  }

  private static void requireSame(String what, Set<?> some, Set<?> others) {
    if (!some.equals(others)) {
      throw new AssertionError(what + " differ:\n" + some + "\n" + others);
    }
  }

  private static Stream<EndpointPlan.TierPlan> allTiers(EndpointPlan plan) {
    return Stream.of(
            plan.ingress(),
            plan.egress(),
            plan.untrackedIngress(),
            plan.untrackedEgress(),
            plan.preDnatIngress(),
            plan.forwardIngress(),
            plan.forwardEgress())
        .flatMap(List::stream);
  }

  private static List<SetId> sets(List<ActiveRule> ingress, List<ActiveRule> egress) {
    List<SetId> ids = new ArrayList<>();
    for (ActiveRule rule : Stream.concat(ingress.stream(), egress.stream()).toList()) {
      for (ActiveRule.Sets sets : List.of(rule.source(), rule.destination())) {
        ids.addAll(sets.in());
        ids.addAll(sets.notIn());
        ids.addAll(sets.namedPorts());
        ids.addAll(sets.notNamedPorts());
      }
    }
    return ids;
  }
}
