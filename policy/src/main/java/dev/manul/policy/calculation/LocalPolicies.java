package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The endpoints on this node, the policies, and which are about which. Facts first mark what they
 * touch; then {@link #tell} works out what of that is different and takes sets into use for it.
 */
final class LocalPolicies {

  /** A profile as far as its rules go. */
  private static final class KnownProfile {
    private Profile profile;

    /** How many local endpoints name it. */
    private int uses;

    private ActiveProfile told;
    private List<AddressSet> sets = List.of();
  }

  private final LabelIndex<LocalEndpoint, PolicySelector> index =
      new LabelIndex<>(PolicySelector::new);
  private final Map<EndpointId, LocalEndpoint> endpoints = new HashMap<>();
  private final Map<PolicyId, KnownPolicy> policies = new HashMap<>();
  private final Map<String, Tier> tiers = new HashMap<>();
  private final Set<PolicyId> withoutTier = new TreeSet<>();
  private final Map<String, KnownProfile> profiles = new HashMap<>();
  private final AddressSets sets;

  private final Set<KnownPolicy> touchedPolicies = new LinkedHashSet<>();
  private final Set<String> touchedProfiles = new LinkedHashSet<>();
  private final Set<LocalEndpoint> touchedEndpoints = new LinkedHashSet<>();

  /** Endpoints that were told and are no more. */
  private final Set<EndpointId> gone = new LinkedHashSet<>();

  LocalPolicies(AddressSets sets) {
    this.sets = sets;
  }

  void tier(String name, Tier tier) {
    Tier before = tier == null ? tiers.remove(name) : tiers.put(name, tier);
    if (tier == null ? before == null : tier.equals(before)) {
      return;
    }
    for (LocalEndpoint endpoint : endpoints.values()) {
      if (endpoint.policies().stream().anyMatch(known -> known.policy.tier().equals(name))) {
        touchedEndpoints.add(endpoint);
      }
    }
    if (tier == null || before == null) {
      for (KnownPolicy known : policies.values()) {
        if (known.policy.tier().equals(name)) {
          settle(known.policy);
          if (!known.matched.isEmpty()) {
            touchedPolicies.add(known);
          }
        }
      }
    }
  }

  /** Notes whether there is the tier that a policy is in. */
  private void settle(Policy policy) {
    var _ =
        tiers.containsKey(policy.tier())
            ? withoutTier.remove(policy.id())
            : withoutTier.add(policy.id());
  }

  void profile(Profile profile) {
    KnownProfile known = profiles.computeIfAbsent(profile.name(), _ -> new KnownProfile());
    touchUsers(profile.name(), known, known.profile == null);
    known.profile = profile;
    index.profile(profile.name(), profile.labels(), this::relabelled);
  }

  void profileGone(String name) {
    KnownProfile known = profiles.get(name);
    if (known != null && known.profile != null) {
      touchUsers(name, known, true);
      known.profile = null;
      index.profile(name, Map.of(), this::relabelled);
    }
  }

  private void touchUsers(String name, KnownProfile known, boolean comesOrGoes) {
    touchedProfiles.add(name);
    if (comesOrGoes && known.uses > 0) {
      endpoints.values().stream()
          .filter(endpoint -> endpoint.endpoint.profiles().contains(name))
          .forEach(touchedEndpoints::add);
    }
  }

  private void relabelled(LocalEndpoint endpoint, Labels before) {
    index.changed(
        before, endpoint.labels, false, (selector, _, is) -> matched(endpoint, selector, is));
  }

  void endpoint(Endpoint endpoint) {
    if (endpoint.local().isEmpty()) {
      endpointGone(endpoint.id());
      return;
    }
    LocalEndpoint known = endpoints.get(endpoint.id());
    if (known == null) {
      known = new LocalEndpoint(endpoint);
      endpoints.put(endpoint.id(), known);
    } else if (known.endpoint.equals(endpoint)) {
      return;
    } else {
      known.endpoint.profiles().forEach(name -> countUse(name, -1));
    }
    known.endpoint = endpoint;
    endpoint.profiles().forEach(name -> countUse(name, 1));
    touchedEndpoints.add(known);
    LocalEndpoint local = known;
    Labels before = index.put(known, endpoint.labels(), endpoint.profiles());
    index.changed(before, known.labels, false, (selector, _, is) -> matched(local, selector, is));
  }

  void endpointGone(EndpointId id) {
    LocalEndpoint known = endpoints.remove(id);
    if (known == null) {
      return;
    }
    for (KnownPolicy policy : known.policies()) {
      policy.unmatch(known);
      touchedPolicies.add(policy);
    }
    known.endpoint.profiles().forEach(name -> countUse(name, -1));
    Labels _ = index.remove(known);
    touchedEndpoints.remove(known);
    if (known.told != null) {
      gone.add(id);
    }
  }

  private void countUse(String name, int difference) {
    KnownProfile known = profiles.computeIfAbsent(name, _ -> new KnownProfile());
    known.uses += difference;
    touchedProfiles.add(name);
  }

  /** An endpoint is, or is no more, selected by a selector of policies. */
  private void matched(LocalEndpoint endpoint, PolicySelector selector, boolean is) {
    for (KnownPolicy policy : selector.policies) {
      if (policy.counts(endpoint)) {
        touchedEndpoints.add(endpoint);
        touchedPolicies.add(policy);
        if (is) {
          endpoint.add(policy);
          policy.match(endpoint);
        } else {
          endpoint.remove(policy);
          policy.unmatch(endpoint);
        }
      }
    }
  }

  void policy(Policy policy) {
    KnownPolicy known = policies.get(policy.id());
    if (known == null) {
      known = new KnownPolicy(policy);
      policies.put(policy.id(), known);
    } else if (known.policy.equals(policy)) {
      return;
    } else {
      detach(known);
      known.policy = policy;
    }
    touchedPolicies.add(known);
    settle(policy);
    KnownPolicy attached = known;
    known.selector = index.watch(policy.selector());
    known.selector.policies.add(known);
    index.forEachCandidate(
        known.selector,
        endpoint -> {
          if (policy.selector().matches(endpoint.labels)
              && attached.counts(endpoint)
              && !attached.matched.contains(endpoint)) {
            endpoint.add(attached);
            attached.match(endpoint);
            touchedEndpoints.add(endpoint);
          }
        });
  }

  void policyGone(PolicyId id) {
    KnownPolicy known = policies.remove(id);
    if (known != null) {
      withoutTier.remove(id);
      detach(known);
      touchedPolicies.add(known);
    }
  }

  private void detach(KnownPolicy known) {
    for (LocalEndpoint endpoint : known.matched) {
      endpoint.remove(known);
      touchedEndpoints.add(endpoint);
    }
    known.matched = List.of();
    known.selector.policies.remove(known);
    if (known.selector.policies.isEmpty()) {
      index.unwatch(known.selector);
    }
  }

  /** Works out what of all that was touched is different. */
  void tell(Changes changes) {
    touchedPolicies.forEach(known -> tell(known, changes));
    touchedPolicies.clear();
    touchedProfiles.forEach(name -> tell(name, changes));
    touchedProfiles.clear();
    for (LocalEndpoint endpoint : touchedEndpoints) {
      EndpointPlan plan = plan(endpoint);
      if (!plan.equals(endpoint.told)) {
        endpoint.told = plan;
        changes.endpoints().put(endpoint.endpoint.id(), plan);
      }
    }
    touchedEndpoints.clear();
    changes.endpointsGone().addAll(gone);
    gone.clear();
  }

  private EndpointPlan plan(LocalEndpoint endpoint) {
    return endpoint.plan(tiers, name -> profiles.get(name).profile != null);
  }

  private void tell(KnownPolicy known, Changes changes) {
    List<AddressSet> before = known.sets;
    if (known.matched.isEmpty() || !tiers.containsKey(known.policy.tier())) {
      if (known.told != null) {
        known.told = null;
        known.sets = List.of();
        changes.policiesGone().add(known.policy.id());
      }
    } else if (known.told == null || !known.told.policy().equals(known.policy)) {
      known.sets = new ArrayList<>(2);
      known.told =
          new ActivePolicy(
              known.policy,
              rules(known.policy, Direction.INGRESS, known.sets),
              rules(known.policy, Direction.EGRESS, known.sets));
      changes.policies().put(known.policy.id(), known.told);
    } else {
      return;
    }
    before.forEach(sets::leave);
  }

  private List<ActiveRule> rules(Policy policy, Direction direction, List<AddressSet> used) {
    return policy.directions().contains(direction)
        ? rules(policy.rules(direction), used)
        : List.of();
  }

  private List<ActiveRule> rules(List<Rule> rules, List<AddressSet> used) {
    return new RuleSets(
            id -> {
              AddressSet set = sets.use(id);
              used.add(set);
              return set.id;
            })
        .of(rules);
  }

  private void tell(String name, Changes changes) {
    KnownProfile known = profiles.get(name);
    List<AddressSet> before = known.sets;
    known.sets = List.of();
    if (known.profile == null || known.uses == 0) {
      if (known.told != null) {
        known.told = null;
        changes.profilesGone().add(name);
      }
      if (known.profile == null && known.uses == 0) {
        profiles.remove(name);
      }
    } else {
      known.sets = new ArrayList<>(1);
      var active =
          new ActiveProfile(
              name,
              rules(known.profile.ingress(), known.sets),
              rules(known.profile.egress(), known.sets));
      if (!active.equals(known.told)) {
        known.told = active;
        changes.profiles().put(name, active);
      }
    }
    before.forEach(sets::leave);
  }

  Optional<EndpointPlan> plan(EndpointId id) {
    return Optional.ofNullable(endpoints.get(id)).map(endpoint -> endpoint.told);
  }

  Optional<ActivePolicy> active(PolicyId id) {
    return Optional.ofNullable(policies.get(id)).map(known -> known.told);
  }

  Optional<ActiveProfile> active(String name) {
    return Optional.ofNullable(profiles.get(name)).map(known -> known.told);
  }

  boolean isEmpty() {
    return index.isEmpty()
        && endpoints.isEmpty()
        && policies.isEmpty()
        && tiers.isEmpty()
        && profiles.isEmpty();
  }

  List<PolicyId> withoutTier() {
    return List.copyOf(withoutTier);
  }
}
