package dev.manul.policy.translation;

import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.Metadata;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.PolicySpec;
import dev.manul.model.Resource;
import dev.manul.model.RuleValues;
import dev.manul.model.Selector;
import dev.manul.model.StagedAction;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Policies of Calico's kinds, staged ones too. */
final class CalicoPolicies {
  private CalicoPolicies() {}

  static Translated policy(NetworkPolicy policy) {
    return namespaced(policy, PolicyId.Type.NETWORK_POLICY, policy.spec(), false);
  }

  static Translated policy(StagedNetworkPolicy policy) {
    PolicyId.Type type = PolicyId.Type.STAGED_NETWORK_POLICY;
    return isEvaluated(policy.spec().stagedAction())
        ? namespaced(policy, type, policy.spec().enforced(), true)
        : Translated.of(new Fact.PolicyGone(id(type, policy.metadata())));
  }

  static Translated policy(GlobalNetworkPolicy policy) {
    return global(policy, PolicyId.Type.GLOBAL_NETWORK_POLICY, policy.spec(), false);
  }

  static Translated policy(StagedGlobalNetworkPolicy policy) {
    PolicyId.Type type = PolicyId.Type.STAGED_GLOBAL_NETWORK_POLICY;
    return isEvaluated(policy.spec().stagedAction())
        ? global(policy, type, policy.spec().enforced(), true)
        : Translated.of(new Fact.PolicyGone(id(type, policy.metadata())));
  }

  /** Only a policy that is proposed to be there has a verdict. */
  static boolean isEvaluated(StagedAction action) {
    return action == StagedAction.SET;
  }

  static PolicyId id(PolicyId.Type type, Metadata metadata) {
    return new PolicyId(type, metadata.namespace(), metadata.name());
  }

  private static Translated namespaced(
      Resource resource, PolicyId.Type type, PolicySpec spec, boolean staged) {
    Problems problems = new Problems(resource);
    String namespace = resource.metadata().namespace();
    PolicyId id = id(type, resource.metadata());
    Set<Direction> directions = directions("spec.types", spec.effectiveTypes(), problems);
    Policy policy;
    try {
      Selector whom = Scopes.and(Scopes.namespace(namespace), selector(spec));
      CalicoRules rules = new CalicoRules(namespace, problems);
      policy =
          new Policy(
              id,
              spec.tier(),
              order(spec),
              whom,
              directions,
              rules.rules(spec.ingress(), true),
              rules.rules(spec.egress(), false),
              Policy.Stage.NORMAL,
              false,
              staged);
    } catch (UnreadableException e) {
      e.tell(problems);
      policy = closed(id, spec.tier(), order(spec), directions, staged);
    }
    return new Translated(List.of(new Fact.PolicyIs(policy)), problems.lines());
  }

  /**
   * What stands for a policy of which is not known whom it is about: it isolates the whole
   * namespace. It denies by a rule, for the tier may pass what no rule decides.
   */
  static Policy closed(
      PolicyId id, String tier, double order, Set<Direction> directions, boolean staged) {
    List<Rule> deny = List.of(Rule.every(Action.DENY));
    return new Policy(
        id,
        tier,
        order,
        Scopes.namespace(id.namespace()),
        directions,
        directions.contains(Direction.INGRESS) ? deny : List.of(),
        directions.contains(Direction.EGRESS) ? deny : List.of(),
        Policy.Stage.NORMAL,
        false,
        staged);
  }

  private static Translated global(
      Resource resource, PolicyId.Type type, GlobalNetworkPolicy.Spec spec, boolean staged) {
    Problems problems = new Problems(resource);
    try {
      Selector namespaces =
          spec.namespaceSelector().isEmpty()
              ? Selector.ALL
              : Scopes.namespaces(read("spec.namespaceSelector", spec.namespaceSelector()));
      Selector whom = Scopes.and(namespaces, selector(spec));
      CalicoRules rules = new CalicoRules("", problems);
      Policy policy =
          new Policy(
              id(type, resource.metadata()),
              spec.tier(),
              order(spec),
              whom,
              directions("spec.types", spec.effectiveTypes(), problems),
              rules.rules(spec.ingress(), true),
              rules.rules(spec.egress(), false),
              stage(spec),
              spec.applyOnForward() || spec.doNotTrack() || spec.preDNAT(),
              staged);
      return new Translated(List.of(new Fact.PolicyIs(policy)), problems.lines());
    } catch (UnreadableException e) {
      e.tell(problems);
      return new Translated(List.of(), problems.lines());
    }
  }

  private static Policy.Stage stage(GlobalNetworkPolicy.Spec spec) {
    if (spec.preDNAT()) {
      return Policy.Stage.PRE_DNAT;
    }
    return spec.doNotTrack() ? Policy.Stage.UNTRACKED : Policy.Stage.NORMAL;
  }

  private static Selector selector(PolicySpec spec) throws UnreadableException {
    return Scopes.and(
        Scopes.accounts(read("spec.serviceAccountSelector", spec.serviceAccountSelector())),
        read("spec.selector", spec.selector()));
  }

  private static Selector read(String field, String selector) throws UnreadableException {
    return UnreadableException.read(field, selector, RuleValues::selector);
  }

  private static double order(PolicySpec spec) {
    double order = spec.order().orElse(Double.POSITIVE_INFINITY);
    return Double.isNaN(order) ? Double.POSITIVE_INFINITY : order;
  }

  /** Directions by their names; what cannot be read stands for both. */
  static Set<Direction> directions(String field, List<String> types, Problems problems) {
    Set<Direction> directions = EnumSet.noneOf(Direction.class);
    for (String type : types) {
      switch (type) {
        case "Ingress" -> directions.add(Direction.INGRESS);
        case "Egress" -> directions.add(Direction.EGRESS);
        default -> {
          problems.add(
              field,
              "got \"" + type + "\", allowed are Ingress and Egress; the policy counts in both");
          directions.addAll(EnumSet.allOf(Direction.class));
        }
      }
    }
    return directions;
  }
}
