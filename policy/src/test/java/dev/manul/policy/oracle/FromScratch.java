package dev.manul.policy.oracle;

import dev.manul.model.Selector;
import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.EndpointPlan.TierPlan;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What the calculation should have told of a world, worked out from nothing and without haste. */
public final class FromScratch {

  private final World world;
  private final Mirror result = new Mirror();

  private FromScratch(World world) {
    this.world = world;
  }

  /** All that is to be enforced in a world. */
  public static Mirror of(World world) {
    var scratch = new FromScratch(world);
    for (Endpoint endpoint : world.locals()) {
      scratch.result.endpoints().put(endpoint.id(), scratch.plan(endpoint));
    }
    for (EndpointPlan plan : scratch.result.endpoints().values()) {
      scratch.addPoliciesOf(plan);
      plan.profiles().forEach(scratch::addProfile);
    }
    return scratch.result;
  }

  private EndpointPlan plan(Endpoint endpoint) {
    boolean host = endpoint.id() instanceof EndpointId.Host;
    Predicate<Policy> normal = policy -> policy.stage() == Policy.Stage.NORMAL;
    Predicate<Policy> untracked = policy -> host && policy.stage() == Policy.Stage.UNTRACKED;
    Predicate<Policy> preDnat = policy -> host && policy.stage() == Policy.Stage.PRE_DNAT;
    Predicate<Policy> forward = policy -> host && normal.test(policy) && policy.onForward();
    return new EndpointPlan(
        endpoint,
        tiers(endpoint, Direction.INGRESS, normal),
        tiers(endpoint, Direction.EGRESS, normal),
        tiers(endpoint, Direction.INGRESS, untracked),
        tiers(endpoint, Direction.EGRESS, untracked),
        tiers(endpoint, Direction.INGRESS, preDnat),
        tiers(endpoint, Direction.INGRESS, forward),
        tiers(endpoint, Direction.EGRESS, forward),
        endpoint.profiles().stream().filter(world.profiles()::containsKey).toList());
  }

  private List<TierPlan> tiers(Endpoint endpoint, Direction direction, Predicate<Policy> which) {
    List<TierPlan> tiers = new ArrayList<>();
    for (Tier tier : world.tiers().values().stream().sorted().toList()) {
      List<PolicyId> policies =
          world.policies().values().stream()
              .filter(which)
              .filter(policy -> policy.tier().equals(tier.name()))
              .filter(policy -> policy.directions().contains(direction))
              .filter(policy -> policy.selector().matches(world.labels(endpoint)))
              .sorted(Comparator.comparingDouble(Policy::order).thenComparing(Policy::id))
              .map(Policy::id)
              .toList();
      if (!policies.isEmpty()) {
        tiers.add(new TierPlan(tier.name(), tier.defaultAction(), policies));
      }
    }
    return tiers;
  }

  private void addPoliciesOf(EndpointPlan plan) {
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
        for (PolicyId id : tier.policies()) {
          Policy policy = world.policies().get(id);
          Set<Direction> directions = policy.directions();
          result
              .policies()
              .put(
                  id,
                  new ActivePolicy(
                      policy,
                      directions.contains(Direction.INGRESS) ? rules(policy.ingress()) : List.of(),
                      directions.contains(Direction.EGRESS) ? rules(policy.egress()) : List.of()));
        }
      }
    }
  }

  private void addProfile(String name) {
    var profile = world.profiles().get(name);
    result
        .profiles()
        .put(name, new ActiveProfile(name, rules(profile.ingress()), rules(profile.egress())));
  }

  private List<ActiveRule> rules(List<Rule> rules) {
    return rules.stream()
        .map(
            rule ->
                new ActiveRule(
                    rule, sets(rule, rule.source(), false), sets(rule, rule.destination(), true)))
        .toList();
  }

  private ActiveRule.Sets sets(Rule rule, Peer peer, boolean destination) {
    List<SetId> in = new ArrayList<>();
    // What a set of named ports stands for is selected already, unless numbered ports do as well.
    boolean selectedByPorts = !peer.namedPorts().isEmpty() && peer.ports().isEmpty();
    if (peer.selector().isPresent() && !selectedByPorts) {
      in.add(use(new SetId.Selected(peer.selector().get())));
    }
    if (peer.service().isPresent()) {
      in.add(
          use(
              destination
                  ? new SetId.ServicePorts(peer.service().get())
                  : new SetId.Service(peer.service().get())));
    }
    List<SetId> notIn = new ArrayList<>();
    peer.notSelector().ifPresent(selector -> notIn.add(use(new SetId.Selected(selector))));
    return new ActiveRule.Sets(
        in, notIn, named(rule, peer, peer.namedPorts()), named(rule, peer, peer.notNamedPorts()));
  }

  private List<SetId> named(Rule rule, Peer peer, List<String> names) {
    return names.stream()
        .distinct()
        .map(
            name ->
                use(
                    new SetId.Named(
                        peer.selector().orElse(Selector.ALL),
                        rule.protocol().orElse(Packet.TCP),
                        name)))
        .toList();
  }

  private SetId use(SetId id) {
    if (!result.sets().containsKey(id)) {
      result.sets().put(id, members(id));
    }
    return id;
  }

  private Set<Member> members(SetId id) {
    Set<Member> members = new HashSet<>();
    switch (id) {
      case SetId.Selected(Selector selector) ->
          selected(selector)
              .forEach(e -> e.addresses().forEach(prefix -> members.add(new Member.Net(prefix))));
      case SetId.Named(Selector selector, int protocol, String name) ->
          selected(selector)
              .forEach(
                  e ->
                      e.ports().stream()
                          .filter(port -> port.name().equals(name) && port.protocol() == protocol)
                          .forEach(
                              port ->
                                  e.addresses()
                                      .forEach(
                                          prefix ->
                                              members.add(
                                                  new Member.Port(
                                                      prefix.address(), protocol, port.port())))));
      case SetId.Service(var service) ->
          world
              .services()
              .getOrDefault(service, Set.of())
              .forEach(each -> members.add(new Member.Net(each.address().toPrefix())));
      case SetId.ServicePorts(var service) ->
          world
              .services()
              .getOrDefault(service, Set.of())
              .forEach(
                  each ->
                      members.add(new Member.Port(each.address(), each.protocol(), each.port())));
    }
    return members;
  }

  private List<Endpoint> selected(Selector selector) {
    return world.endpoints().values().stream()
        .filter(endpoint -> selector.matches(world.labels(endpoint)))
        .toList();
  }

  /** Where two states differ, in few words; empty when they do not. */
  public static Optional<String> difference(Mirror expected, Mirror got) {
    StringBuilder text = new StringBuilder();
    differ(text, "set", expected.sets(), got.sets());
    differ(text, "policy", expected.policies(), got.policies());
    differ(text, "profile", expected.profiles(), got.profiles());
    differ(text, "endpoint", expected.endpoints(), got.endpoints());
    return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
  }

  private static <K, V> void differ(
      StringBuilder text, String kind, Map<K, V> expected, Map<K, V> got) {
    Set<K> keys = new HashSet<>(expected.keySet());
    keys.addAll(got.keySet());
    for (K key : keys) {
      V wanted = expected.get(key);
      V had = got.get(key);
      if (wanted == null || !wanted.equals(had)) {
        text.append("%s %s%n  expected %s%n  got      %s%n".formatted(kind, key, wanted, had));
      }
    }
  }
}
