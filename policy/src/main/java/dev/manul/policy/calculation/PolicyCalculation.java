package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.meaning.Tier;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps what is to be enforced on this node in step with facts. One thread owns it; what it gives
 * out is immutable, and the same for the same facts.
 *
 * <p>A change costs what it touches: a policy, the endpoints here that have one of the labels it
 * requires, and for a set that is new the endpoints anywhere that do; an endpoint's labels, the
 * selectors that require one of them and look at one that has changed; a namespace's labels, the
 * endpoints in it.
 */
public final class PolicyCalculation {

  private final AddressSets sets = new AddressSets();
  private final LocalPolicies policies = new LocalPolicies(sets);

  /**
   * Takes facts; of several about the same thing the last counts. The order is otherwise without
   * meaning.
   *
   * @return what has become different since the call before
   */
  public Changes apply(Collection<? extends Fact> facts) {
    // By what they are about, lest labels be worked out for an endpoint before its profiles came.
    Map<Object, Fact> profiles = new LinkedHashMap<>();
    Map<Object, Fact> things = new LinkedHashMap<>();
    Map<Object, Fact> tiers = new LinkedHashMap<>();
    Map<Object, Fact> rules = new LinkedHashMap<>();
    for (Fact fact : facts) {
      switch (fact) {
        case Fact.ProfileIs(Profile profile) -> profiles.put(profile.name(), fact);
        case Fact.ProfileGone(String name) -> profiles.put(name, fact);
        case Fact.EndpointIs(Endpoint endpoint) -> things.put(endpoint.id(), fact);
        case Fact.EndpointGone(EndpointId id) -> things.put(id, fact);
        case Fact.ServiceIs(ServiceId id, _) -> things.put(id, fact);
        case Fact.ServiceGone(ServiceId id) -> things.put(id, fact);
        case Fact.TierIs(Tier tier) -> tiers.put(tier.name(), fact);
        case Fact.TierGone(String name) -> tiers.put(name, fact);
        case Fact.PolicyIs(Policy policy) -> rules.put(policy.id(), fact);
        case Fact.PolicyGone(PolicyId id) -> rules.put(id, fact);
      }
    }
    profiles.values().forEach(this::take);
    things.values().forEach(this::take);
    tiers.values().forEach(this::take);
    rules.values().forEach(this::take);
    Changes changes = Changes.none();
    policies.tell(changes);
    sets.tell(changes);
    return changes.sealed();
  }

  private void take(Fact fact) {
    switch (fact) {
      case Fact.ProfileIs(Profile profile) -> {
        sets.profile(profile.name(), profile.labels());
        policies.profile(profile);
      }
      case Fact.ProfileGone(String name) -> {
        sets.profile(name, Map.of());
        policies.profileGone(name);
      }
      case Fact.EndpointIs(Endpoint endpoint) -> {
        sets.endpoint(endpoint);
        policies.endpoint(endpoint);
      }
      case Fact.EndpointGone(EndpointId id) -> {
        sets.endpointGone(id);
        policies.endpointGone(id);
      }
      case Fact.ServiceIs(ServiceId id, Set<ServiceAddress> addresses) ->
          sets.service(id, addresses);
      case Fact.ServiceGone(ServiceId id) -> sets.service(id, Set.of());
      case Fact.TierIs(Tier tier) -> policies.tier(tier.name(), tier);
      case Fact.TierGone(String name) -> policies.tier(name, null);
      case Fact.PolicyIs(Policy policy) -> policies.policy(policy);
      case Fact.PolicyGone(PolicyId id) -> policies.policyGone(id);
    }
  }

  /** What is asked about the packets of an endpoint of this node. */
  public Optional<EndpointPlan> plan(EndpointId id) {
    return policies.plan(id);
  }

  /** A policy in use. */
  public Optional<ActivePolicy> policy(PolicyId id) {
    return policies.active(id);
  }

  /** A profile in use. */
  public Optional<ActiveProfile> profile(String name) {
    return policies.active(name);
  }

  /** The members of a set in use, worked out now; empty for a set that is not in use. */
  public Set<Member> members(SetId id) {
    return sets.members(id);
  }

  /** Whether nothing is kept of any fact. */
  boolean isEmpty() {
    return sets.isEmpty() && policies.isEmpty();
  }

  /** The policies that are not asked because there is no such tier. */
  public List<PolicyId> withoutTier() {
    return policies.withoutTier();
  }
}
