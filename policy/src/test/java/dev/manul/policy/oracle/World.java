package dev.manul.policy.oracle;

import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** All that is so: the facts that still hold, after any number of them were told in order. */
public final class World {

  private final Map<PolicyId, Policy> policies = new LinkedHashMap<>();
  private final Map<String, Tier> tiers = new LinkedHashMap<>();
  private final Map<String, Profile> profiles = new LinkedHashMap<>();
  private final Map<EndpointId, Endpoint> endpoints = new LinkedHashMap<>();
  private final Map<ServiceId, Set<ServiceAddress>> services = new LinkedHashMap<>();

  /** A world of these facts. */
  public static World of(Iterable<? extends Fact> facts) {
    var world = new World();
    facts.forEach(world::apply);
    return world;
  }

  /** Takes a fact. */
  public void apply(Fact fact) {
    switch (fact) {
      case Fact.PolicyIs(Policy policy) -> policies.put(policy.id(), policy);
      case Fact.PolicyGone(PolicyId id) -> policies.remove(id);
      case Fact.TierIs(Tier tier) -> tiers.put(tier.name(), tier);
      case Fact.TierGone(String name) -> tiers.remove(name);
      case Fact.ProfileIs(Profile profile) -> profiles.put(profile.name(), profile);
      case Fact.ProfileGone(String name) -> profiles.remove(name);
      case Fact.EndpointIs(Endpoint endpoint) -> endpoints.put(endpoint.id(), endpoint);
      case Fact.EndpointGone(EndpointId id) -> endpoints.remove(id);
      case Fact.ServiceIs(ServiceId id, Set<ServiceAddress> addresses) ->
          services.put(id, addresses);
      case Fact.ServiceGone(ServiceId id) -> services.remove(id);
    }
  }

  /** The facts that hold, the fewest that make this world. */
  public List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    tiers.values().forEach(tier -> facts.add(new Fact.TierIs(tier)));
    profiles.values().forEach(profile -> facts.add(new Fact.ProfileIs(profile)));
    endpoints.values().forEach(endpoint -> facts.add(new Fact.EndpointIs(endpoint)));
    services.forEach((id, addresses) -> facts.add(new Fact.ServiceIs(id, addresses)));
    policies.values().forEach(policy -> facts.add(new Fact.PolicyIs(policy)));
    return facts;
  }

  /** One line a fact. */
  @Override
  public String toString() {
    return facts().stream().map(Fact::toString).collect(Collectors.joining("\n"));
  }

  /** Labels of an endpoint: its own, and what its profiles give, the first of them first. */
  public Map<String, String> labels(Endpoint endpoint) {
    Map<String, String> labels = new HashMap<>();
    for (String name : endpoint.profiles().reversed()) {
      Profile profile = profiles.get(name);
      if (profile != null) {
        labels.putAll(profile.labels());
      }
    }
    labels.putAll(endpoint.labels());
    return labels;
  }

  public Map<PolicyId, Policy> policies() {
    return policies;
  }

  public Map<String, Tier> tiers() {
    return tiers;
  }

  public Map<String, Profile> profiles() {
    return profiles;
  }

  public Map<EndpointId, Endpoint> endpoints() {
    return endpoints;
  }

  public Map<ServiceId, Set<ServiceAddress>> services() {
    return services;
  }

  /** The endpoints on this node. */
  public List<Endpoint> locals() {
    return endpoints.values().stream().filter(e -> e.local().isPresent()).toList();
  }
}
