package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.ActivePolicy;
import dev.manul.policy.calculation.ActiveProfile;
import dev.manul.policy.calculation.ActiveRule;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.DesiredRules;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Knows, of what the calculation has told, which chains there are to be and what is in them. Chains
 * are made when they are asked for; here is only what they are made of.
 *
 * <p>One thread owns it.
 */
public final class Rendering implements DesiredRules {

  private final PolicyOptions options;
  private final Map<PolicyId, Held<ActivePolicy>> policies = new HashMap<>();
  private final Map<String, Held<ActiveProfile>> profiles = new HashMap<>();
  private final ChainIndex index = new ChainIndex();
  private final Asked asked = new Asked();
  private final FamilyCounts<SetId> sets = new FamilyCounts<>();
  private final LocalEndpoints endpoints;

  /** What is in use, and what of it is in the rules of which families. */
  private static final class Held<T> {
    /** Null when it is gone. */
    T now;

    /** What is in rules. */
    T shown;

    final Set<AddressFamily> families = EnumSet.noneOf(AddressFamily.class);
  }

  public Rendering(PolicyOptions options) {
    this.options = options;
    this.endpoints = new LocalEndpoints(options, index, asked);
    var _ = endpoints.refresh(new Touched.Collecting());
  }

  /** Takes in changes. */
  public Touched apply(Changes changes) {
    var touched = new Touched.Collecting();
    boolean stagingChanged = false;
    for (PolicyId id : changes.policiesGone()) {
      policies.computeIfAbsent(id, _ -> new Held<>()).now = null;
    }
    for (ActivePolicy policy : changes.policies().values()) {
      Held<ActivePolicy> held = policies.computeIfAbsent(policy.policy().id(), _ -> new Held<>());
      stagingChanged |= held.now != null && held.now.policy().staged() != policy.policy().staged();
      held.now = policy;
    }
    changes.profilesGone().forEach(name -> held(name).now = null);
    changes.profiles().values().forEach(profile -> held(profile.name()).now = profile);
    boolean hostsChanged = endpoints.apply(changes, touched);
    settle(changes, touched);
    if (hostsChanged || !changes.policies().isEmpty() || !changes.policiesGone().isEmpty()) {
      mangled(touched);
    }
    if (stagingChanged) {
      index.touchEndpoints(touched);
    }
    return touched.done();
  }

  /** Says of which families pods are going to have addresses that have none yet. */
  public Touched expect(Set<AddressFamily> families) {
    var touched = new Touched.Collecting();
    endpoints.expect(families, touched);
    settle(Changes.NONE, touched);
    return touched.done();
  }

  /** Whether rules of a family need a set. */
  public boolean needs(AddressFamily family, SetId set) {
    return sets.uses(family, set);
  }

  private Held<ActiveProfile> held(String name) {
    return profiles.computeIfAbsent(name, _ -> new Held<>());
  }

  /** Brings the chains of policies and profiles in step with who asks them. */
  private void settle(Changes changes, Touched.Collecting touched) {
    Set<PolicyId> ids = asked.takeChangedPolicies();
    ids.addAll(changes.policies().keySet());
    ids.addAll(changes.policiesGone());
    ids.forEach(id -> settle(id, touched));
    Set<String> names = asked.takeChangedProfiles();
    names.addAll(changes.profiles().keySet());
    names.addAll(changes.profilesGone());
    names.forEach(name -> settle(name, touched));
  }

  private void settle(PolicyId id, Touched.Collecting touched) {
    Held<ActivePolicy> held = policies.get(id);
    if (held == null) {
      return;
    }
    for (AddressFamily family : AddressFamily.values()) {
      boolean was = held.families.contains(family);
      boolean is = held.now != null && asked.policy(family, id);
      if (!turn(held, family, is, Rendering::rules, touched)) {
        continue;
      }
      if (was && (!is || table(held.shown) != table(held.now))) {
        index.remove(family, table(held.shown), id, touched);
      }
      for (Direction direction : Direction.values()) {
        if (is) {
          index.set(
              family,
              table(held.now),
              ChainNames.policy(id, direction),
              held.now.policy().directions().contains(direction)
                  ? new ChainSource.OfPolicy(id, direction)
                  : null,
              touched);
        }
      }
    }
    held.shown = held.now;
    if (held.now == null) {
      policies.remove(id);
    }
  }

  /** Notes whether a family has something, and counts its sets; false when nothing changes. */
  private <T> boolean turn(
      Held<T> held,
      AddressFamily family,
      boolean is,
      Function<T, List<List<ActiveRule>>> rules,
      Touched.Collecting touched) {
    boolean was = held.families.contains(family);
    if (was ? is && held.now.equals(held.shown) : !is) {
      return false;
    }
    if (is) {
      count(rules.apply(held.now), family, 1, touched);
      held.families.add(family);
    } else {
      held.families.remove(family);
    }
    if (was) {
      count(rules.apply(held.shown), family, -1, touched);
    }
    return true;
  }

  private static TableName table(ActivePolicy policy) {
    return switch (policy.policy().stage()) {
      case NORMAL -> TableName.FILTER;
      case UNTRACKED -> TableName.RAW;
      case PRE_DNAT -> TableName.MANGLE;
    };
  }

  private void settle(String name, Touched.Collecting touched) {
    Held<ActiveProfile> held = profiles.get(name);
    if (held == null) {
      return;
    }
    for (AddressFamily family : AddressFamily.values()) {
      boolean is = held.now != null && asked.profile(family, name);
      if (!turn(held, family, is, Rendering::rules, touched)) {
        continue;
      }
      for (Direction direction : Direction.values()) {
        index.set(
            family,
            TableName.FILTER,
            ChainNames.profile(name, direction),
            is ? new ChainSource.OfProfile(name, direction) : null,
            touched);
      }
    }
    held.shown = held.now;
    if (held.now == null) {
      profiles.remove(name);
    }
  }

  private static List<List<ActiveRule>> rules(ActivePolicy policy) {
    return List.of(policy.ingress(), policy.egress());
  }

  private static List<List<ActiveRule>> rules(ActiveProfile profile) {
    return List.of(profile.ingress(), profile.egress());
  }

  /** Counts the sets that rules need, or with -1 those they no longer do. */
  private void count(
      List<List<ActiveRule>> rules,
      AddressFamily family,
      int difference,
      Touched.Collecting touched) {
    for (List<ActiveRule> list : rules) {
      for (ActiveRule rule : list) {
        if (rule.rule().family().orElse(family) == family) {
          rule.forEachSet(
              set -> {
                if (sets.count(family, set, difference)) {
                  touched.set(family, set);
                }
              });
        }
      }
    }
  }

  /**
   * What hosts send is asked about in the table mangle, too, when its destination was replaced: see
   * {@link StaticChains}.
   */
  private void mangled(Touched.Collecting touched) {
    Map<String, ChainSource> wanted = new HashMap<>();
    for (EndpointPlan plan : endpoints.hosts()) {
      plan.egress().stream()
          .flatMap(tier -> tier.policies().stream())
          .forEach(
              id ->
                  wanted.put(
                      ChainNames.policy(id, Direction.EGRESS),
                      new ChainSource.OfPolicy(id, Direction.EGRESS)));
      plan.profiles()
          .forEach(
              name ->
                  wanted.put(
                      ChainNames.profile(name, Direction.EGRESS),
                      new ChainSource.OfProfile(name, Direction.EGRESS)));
    }
    index.setMangled(wanted, touched);
  }

  /** Whether a policy is only counted. */
  boolean isStaged(PolicyId id) {
    Held<ActivePolicy> held = policies.get(id);
    return held != null && held.now.policy().staged();
  }

  /** What drops a packet at the end of a tier that none of its policies has decided about. */
  public static RuleText endOfTier(PolicyOptions options) {
    return EndpointChains.endOfTier(options, TableName.FILTER);
  }

  @Override
  public Set<String> chains(AddressFamily family, TableName table) {
    Set<String> names = new HashSet<>(index.names(family, table));
    names.addAll(endpoints.fixed(family, table).keySet());
    return names;
  }

  @Override
  public Optional<List<RuleText>> chain(AddressFamily family, TableName table, String name) {
    List<RuleText> fixed = endpoints.fixed(family, table).get(name);
    if (fixed != null) {
      return Optional.of(fixed);
    }
    return index.source(family, table, name).map(source -> chain(family, table, source));
  }

  private List<RuleText> chain(AddressFamily family, TableName table, ChainSource source) {
    var chains = new EndpointChains(options, table, this::isStaged);
    return switch (source) {
      case ChainSource.OfPolicy(var id, var direction) -> {
        ActivePolicy policy = policies.get(id).now;
        yield rules(
            direction == Direction.INGRESS ? policy.ingress() : policy.egress(),
            family,
            table,
            policy.policy().staged());
      }
      case ChainSource.OfProfile(var name, var direction) -> {
        ActiveProfile profile = profiles.get(name).now;
        yield rules(
            direction == Direction.INGRESS ? profile.ingress() : profile.egress(),
            family,
            table,
            false);
      }
      case ChainSource.OfPod(var id, var direction) -> {
        EndpointPlan plan = endpoints.plan(id);
        boolean in = direction == Direction.INGRESS;
        yield chains.pod(in ? plan.ingress() : plan.egress(), plan.profiles(), direction);
      }
      case ChainSource.OfHost(var id, var direction) ->
          host(chains, endpoints.plan(id), table, direction == Direction.INGRESS);
      case ChainSource.OfForwarding(var id, var direction) -> {
        EndpointPlan plan = endpoints.plan(id);
        boolean in = direction == Direction.INGRESS;
        yield chains.forwarded(in ? plan.forwardIngress() : plan.forwardEgress(), direction);
      }
    };
  }

  private static List<RuleText> host(
      EndpointChains chains, EndpointPlan plan, TableName table, boolean in) {
    Direction direction = in ? Direction.INGRESS : Direction.EGRESS;
    if (table == TableName.RAW) {
      return chains.untracked(in ? plan.untrackedIngress() : plan.untrackedEgress(), direction);
    }
    if (table == TableName.MANGLE && in) {
      return chains.preDnat(plan.preDnatIngress());
    }
    return chains.host(in ? plan.ingress() : plan.egress(), plan.profiles(), direction);
  }

  private List<RuleText> rules(
      List<ActiveRule> rules, AddressFamily family, TableName table, boolean staged) {
    List<RuleText> lines =
        RuleLines.of(rules, family, options.marks(), action -> target(action, table, staged));
    if (staged) {
      lines.add(new RuleText("-g " + ChainNames.WOULD_MISS));
    }
    return lines;
  }

  /**
   * What a line does. A rule of a policy that is only counted leads to an empty chain, from which
   * the packet returns; the counter of the first line that matches says what would have been.
   */
  private String target(Action action, TableName table, boolean staged) {
    if (staged) {
      return switch (action) {
        case ALLOW -> "-g " + ChainNames.WOULD_ALLOW;
        case PASS -> "-g " + ChainNames.WOULD_PASS;
        case DENY -> "-g " + ChainNames.WOULD_DENY;
        case LOG -> "";
      };
    }
    return switch (action) {
      case ALLOW -> "-g " + ChainNames.ALLOW;
      case PASS -> "-g " + ChainNames.PASS;
      case DENY -> EndpointChains.deny(options, table);
      case LOG -> "-j LOG --log-prefix \"" + options.logPrefix() + ": \" --log-level 5";
    };
  }

  @Override
  public List<Hook> hooks(AddressFamily family, TableName table) {
    return endpoints.hooks(family, table);
  }

  /** Which lines a rule of a policy became; empty when there is no such rule. */
  public Optional<RenderedRule> rendered(
      PolicyId id, Direction direction, AddressFamily family, int rule) {
    Held<ActivePolicy> held = policies.get(id);
    if (held == null) {
      return Optional.empty();
    }
    ActivePolicy policy = held.now;
    List<ActiveRule> rules = direction == Direction.INGRESS ? policy.ingress() : policy.egress();
    boolean staged = policy.policy().staged();
    TableName table = table(policy);
    return rendered(rules, rule, family, table, ChainNames.policy(id, direction), staged);
  }

  /** Which lines a rule of a profile became; empty when there is no such rule. */
  public Optional<RenderedRule> rendered(
      String name, Direction direction, AddressFamily family, int rule) {
    Held<ActiveProfile> held = profiles.get(name);
    if (held == null) {
      return Optional.empty();
    }
    ActiveProfile profile = held.now;
    List<ActiveRule> rules = direction == Direction.INGRESS ? profile.ingress() : profile.egress();
    String chain = ChainNames.profile(name, direction);
    return rendered(rules, rule, family, TableName.FILTER, chain, false);
  }

  private Optional<RenderedRule> rendered(
      List<ActiveRule> rules,
      int rule,
      AddressFamily family,
      TableName table,
      String chain,
      boolean staged) {
    if (rule >= rules.size()) {
      return Optional.empty();
    }
    Function<Action, String> target = action -> target(action, table, staged);
    int before = RuleLines.of(rules.subList(0, rule), family, options.marks(), target).size();
    List<RuleText> own = RuleLines.of(List.of(rules.get(rule)), family, options.marks(), target);
    return Optional.of(new RenderedRule(table, chain, before + 1, own));
  }
}
