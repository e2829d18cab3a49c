package dev.manul.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rules of policies of Calico's kinds, tiers, network sets, host endpoints and profiles. */
public final class PolicyRules {

  private static final int MAX_RULES = 1024;
  private static final String LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  private static final String POLICY_NAME =
      LABEL + "(\\." + LABEL + ")?|(knp|ossg)\\.default\\.[-.a-z0-9]+";

  /** Tiers that are always there, and what they are. */
  private static final Map<String, Tier.Spec> BUILT_IN =
      Map.of(
          "kube-admin", tier(1_000, "Pass"),
          "default", tier(1_000_000, "Deny"),
          "kube-baseline", tier(10_000_000, "Pass"));

  private PolicyRules() {}

  private static Tier.Spec tier(double order, String action) {
    return new Tier.Spec(Optional.of(order), Optional.of(action));
  }

  /** The tiers that are there whether they are stored or not, by name. */
  public static Map<String, Tier.Spec> builtInTiers() {
    return BUILT_IN;
  }

  /**
   * What keeps a rule from having a meaning; empty for a rule that packets can be held against.
   *
   * @param field the rule's place, such as {@code spec.ingress[0]}
   * @param ingress whether it is about traffic to the endpoints
   * @param global whether the policy is in no namespace
   */
  public static List<Violation> meaning(
      PolicyRule rule, String field, boolean ingress, boolean global) {
    FieldChecks checks = new FieldChecks();
    RuleChecks.meaning(rule, field, ingress, global, checks);
    return List.copyOf(checks.violations());
  }

  static void check(NetworkPolicy policy, FieldChecks checks) {
    name(policy, checks);
    spec(policy.spec(), false, checks);
  }

  static void check(GlobalNetworkPolicy policy, FieldChecks checks) {
    name(policy, checks);
    global(policy.spec(), checks);
  }

  static void check(StagedNetworkPolicy policy, FieldChecks checks) {
    name(policy, checks);
    NetworkPolicy.Spec spec = policy.spec().enforced();
    staged(policy.spec().stagedAction(), spec, NetworkPolicy.Spec.EMPTY, spec.tier(), checks);
    spec(spec, false, checks);
  }

  static void check(StagedGlobalNetworkPolicy policy, FieldChecks checks) {
    name(policy, checks);
    GlobalNetworkPolicy.Spec spec = policy.spec().enforced();
    staged(policy.spec().stagedAction(), spec, GlobalNetworkPolicy.Spec.EMPTY, spec.tier(), checks);
    global(spec, checks);
  }

  private static void name(Resource policy, FieldChecks checks) {
    String name = policy.metadata().name();
    if (!name.isEmpty() && !name.matches(POLICY_NAME)) {
      checks.refuse(
          "metadata.name",
          "got \""
              + name
              + "\", allowed are NAME and TIER.NAME of up to 63 lower-case letters, digits and"
              + " dashes each");
    }
  }

  /** A policy that proposes the end of another says nothing else but its tier. */
  private static void staged(
      StagedAction action, PolicySpec said, PolicySpec empty, String tier, FieldChecks checks) {
    if (action != StagedAction.DELETE) {
      return;
    }
    boolean saysMore =
        said.order().isPresent()
            || !said.ingress().isEmpty()
            || !said.egress().isEmpty()
            || !said.selector().equals(empty.selector())
            || !said.types().isEmpty()
            || !said.serviceAccountSelector().isEmpty();
    if (saysMore) {
      checks.refuse(
          "spec.stagedAction",
          "got Delete, beside which nothing but the tier " + tier + " may be said");
    }
  }

  private static void spec(PolicySpec spec, boolean global, FieldChecks checks) {
    checks.label("spec.tier", spec.tier());
    checks.finite("spec.order", spec.order());
    checks.ruleSelector("spec.selector", spec.selector(), false);
    checks.ruleSelector("spec.serviceAccountSelector", spec.serviceAccountSelector(), false);
    checks.types("spec.types", spec.types());
    for (int i = 0; i < spec.performanceHints().size(); i++) {
      checks.oneOf(
          "spec.performanceHints[" + i + "]",
          spec.performanceHints().get(i),
          List.of("AssumeNeededOnEveryNode"));
    }
    rules(spec.ingress(), true, global, checks);
    rules(spec.egress(), false, global, checks);
  }

  private static void rules(
      List<PolicyRule> rules, boolean ingress, boolean global, FieldChecks checks) {
    String field = ingress ? "spec.ingress" : "spec.egress";
    checks.count(field, rules, MAX_RULES);
    for (int i = 0; i < rules.size(); i++) {
      String place = field + "[" + i + "]";
      RuleChecks.meaning(rules.get(i), place, ingress, global, checks);
      RuleChecks.limits(rules.get(i), place, ingress, checks);
    }
  }

  private static void global(GlobalNetworkPolicy.Spec spec, FieldChecks checks) {
    spec(spec, true, checks);
    checks.ruleSelector("spec.namespaceSelector", spec.namespaceSelector(), false);
    List<String> before = new ArrayList<>();
    if (spec.doNotTrack()) {
      before.add("doNotTrack");
    }
    if (spec.preDNAT()) {
      before.add("preDNAT");
    }
    if (before.size() == 2) {
      checks.refuse("spec.preDNAT", "got true, allowed is false beside doNotTrack");
    }
    if (!before.isEmpty() && !spec.applyOnForward()) {
      checks.refuse(
          "spec.applyOnForward", "got false, allowed is true beside " + before.getFirst());
    }
    if (spec.preDNAT() && !spec.egress().isEmpty()) {
      checks.refuse("spec.egress", "is not allowed beside preDNAT");
    }
    if (spec.preDNAT() && spec.types().contains("Egress")) {
      checks.refuse("spec.types", "got Egress, allowed is Ingress beside preDNAT");
    }
  }

  static void check(Tier tier, FieldChecks checks) {
    String name = tier.metadata().name();
    if (!name.isEmpty()) {
      checks.label("metadata.name", name);
    }
    Tier.Spec spec = tier.spec();
    checks.finite("spec.order", spec.order());
    spec.defaultAction()
        .ifPresent(action -> checks.oneOf("spec.defaultAction", action, List.of("Deny", "Pass")));
    Tier.Spec builtIn = BUILT_IN.get(name);
    if (builtIn == null) {
      return;
    }
    spec.order()
        .filter(order -> !order.equals(builtIn.order().orElseThrow()))
        .ifPresent(
            order ->
                checks.refuse(
                    "spec.order",
                    "got %.0f, allowed is %.0f for the tier %s"
                        .formatted(order, builtIn.order().orElseThrow(), name)));
    String action = builtIn.defaultAction().orElseThrow();
    if (!spec.defaultAction().orElse("Deny").equals(action)) {
      checks.refuse("spec.defaultAction", "allowed is " + action + " for the tier " + name);
    }
  }

  static void checkSet(Metadata metadata, List<String> nets, FieldChecks checks) {
    if (metadata.labels().containsKey(Selector.NAMESPACE_LABEL)) {
      checks.refuse(
          "metadata.labels", Selector.NAMESPACE_LABEL + " is not allowed; the namespace says it");
    }
    checks.nets("spec.nets", nets);
  }

  static void check(HostEndpoint.Spec spec, FieldChecks checks) {
    boolean _ = checks.present("spec.node", spec.node());
    if (!spec.interfaceName().equals("*")) {
      checks.interfaceName("spec.interfaceName", spec.interfaceName());
    }
    if (spec.interfaceName().isEmpty() && spec.expectedIPs().isEmpty()) {
      checks.refuse("spec.interfaceName", "is missing; it or expectedIPs is needed");
    }
    for (int i = 0; i < spec.expectedIPs().size(); i++) {
      String field = "spec.expectedIPs[" + i + "]";
      if (checks.present(field, spec.expectedIPs().get(i))) {
        checks.address(field, spec.expectedIPs().get(i), Optional.empty());
      }
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < spec.ports().size(); i++) {
      port("spec.ports[" + i + "].", spec.ports().get(i), names, checks);
    }
  }

  private static void port(
      String field, HostEndpoint.Port port, Set<String> names, FieldChecks checks) {
    checks.range(field + "port", port.port(), 1, 65_535);
    String protocol = port.protocol().map(IntOrString::text).orElse("nothing");
    if (!port.name().matches("[a-zA-Z0-9_.-]{1,128}")) {
      checks.refuse(
          field + "name",
          "got \"" + port.name() + "\", allowed are up to 128 letters, digits, _, . and -");
    }
    boolean hasPorts;
    try {
      hasPorts = RuleValues.hasPorts(RuleValues.protocol(new IntOrString(protocol)));
    } catch (IllegalArgumentException e) {
      hasPorts = false;
    }
    if (!hasPorts) {
      checks.refuse(field + "protocol", "got " + protocol + ", allowed are TCP, UDP and SCTP");
    }
    if (!names.add(port.name() + "/" + protocol)) {
      checks.refuse(field + "name", "\"" + port.name() + "\" occurs twice");
    }
  }

  static void check(Profile.Spec spec, FieldChecks checks) {
    rules(spec.ingress(), true, true, checks);
    rules(spec.egress(), false, true, checks);
  }
}
