package dev.manul.cli;

import dev.manul.cli.Columns.Column;
import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.BaselineAdminNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy;
import dev.manul.model.ClusterPeer;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.Kind;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.LabelSelector;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.NetworkSet;
import dev.manul.model.PolicySpec;
import dev.manul.model.Profile;
import dev.manul.model.Resource;
import dev.manul.model.RuleValues;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.model.Tier;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What tables show of the kinds that policy is made of. */
final class PolicyColumns {
  private PolicyColumns() {}

  /** The columns of a kind, or empty when it is none of these kinds. */
  static Optional<Columns<?>> of(Kind<?> kind) {
    Columns<?> columns =
        switch (kind.toString()) {
          case "Tier" -> tiers();
          case "NetworkPolicy" -> policies((NetworkPolicy policy) -> policy.spec());
          case "GlobalNetworkPolicy" -> policies((GlobalNetworkPolicy policy) -> policy.spec());
          case "StagedNetworkPolicy" -> policies((StagedNetworkPolicy policy) -> policy.spec());
          case "StagedGlobalNetworkPolicy" ->
              policies((StagedGlobalNetworkPolicy policy) -> policy.spec());
          case "StagedKubernetesNetworkPolicy" ->
              kubernetes((StagedKubernetesNetworkPolicy policy) -> policy.spec().podSelector());
          case "KubernetesNetworkPolicy" ->
              kubernetes((KubernetesNetworkPolicy policy) -> policy.spec().podSelector());
          case "NetworkSet" -> sets((NetworkSet set) -> set.spec().nets());
          case "GlobalNetworkSet" -> sets((GlobalNetworkSet set) -> set.spec().nets());
          case "HostEndpoint" -> hosts();
          case "Profile" -> profiles();
          case "AdminNetworkPolicy" -> admin();
          case "BaselineAdminNetworkPolicy" ->
              Columns.columns(
                  List.of("NAME"),
                  List.of("NAME", "SUBJECT"),
                  subject((BaselineAdminNetworkPolicy policy) -> policy.spec().subject()));
          case "ClusterNetworkPolicy" -> cluster();
          default -> null;
        };
    return Optional.ofNullable(columns);
  }

  /** Tiers in the order in which they are asked; other kinds as they are. */
  static <R extends Resource> List<R> inOrder(Kind<R> kind, List<R> resources) {
    return kind.equals(Tier.KIND)
        ? resources.stream().sorted(Comparator.comparingDouble(PolicyColumns::tierOrder)).toList()
        : resources;
  }

  private static double tierOrder(Resource resource) {
    return resource instanceof Tier tier ? tier.spec().order().orElse(Double.POSITIVE_INFINITY) : 0;
  }

  /** An order as it was written: without decimals where there are none. */
  private static String order(Optional<Double> order) {
    return order.map(PolicyColumns::number).orElse("");
  }

  private static String number(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  private static Columns<Tier> tiers() {
    return Columns.columns(
        List.of("NAME", "ORDER"),
        List.of("NAME", "ORDER"),
        Columns.column("ORDER", tier -> order(tier.spec().order())),
        Columns.column("DEFAULTACTION", tier -> tier.spec().defaultAction().orElse("Deny")));
  }

  private static <R extends Resource> Columns<R> policies(Function<R, PolicySpec> spec) {
    return Columns.columns(
        List.of("NAME", "TIER"),
        List.of("NAME", "TIER", "ORDER", "SELECTOR"),
        Columns.column("TIER", policy -> spec.apply(policy).tier()),
        Columns.column("ORDER", policy -> order(spec.apply(policy).order())),
        Columns.column("SELECTOR", policy -> spec.apply(policy).selector()),
        Columns.column("TYPES", policy -> Columns.joined(spec.apply(policy).effectiveTypes())));
  }

  private static <R extends Resource> Columns<R> kubernetes(Function<R, LabelSelector> pods) {
    return Columns.columns(
        List.of("NAME"),
        List.of("NAME", "PODSELECTOR"),
        Columns.column("PODSELECTOR", policy -> selector(pods.apply(policy))));
  }

  private static String selector(LabelSelector selector) {
    try {
      return RuleValues.selector(selector).toString();
    } catch (IllegalArgumentException e) {
      return "?";
    }
  }

  private static <R extends Resource> Columns<R> sets(Function<R, List<String>> nets) {
    return Columns.columns(
        List.of("NAME"),
        List.of("NAME", "NETS"),
        Columns.column("NETS", set -> Columns.joined(nets.apply(set))));
  }

  private static Columns<HostEndpoint> hosts() {
    return Columns.columns(
        List.of("NAME", "NODE"),
        List.of("NAME", "NODE", "INTERFACE", "IPS", "PROFILES"),
        Columns.column("NODE", end -> end.spec().node()),
        Columns.column("INTERFACE", end -> end.spec().interfaceName()),
        Columns.column("IPS", end -> Columns.joined(end.spec().expectedIPs())),
        Columns.column("PROFILES", end -> Columns.joined(end.spec().profiles())));
  }

  private static Columns<Profile> profiles() {
    return Columns.columns(
        List.of("NAME"),
        List.of("NAME", "LABELS"),
        Columns.column(
            "LABELS",
            profile ->
                Columns.joined(
                    profile.spec().labelsToApply().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .toList())));
  }

  private static Columns<AdminNetworkPolicy> admin() {
    return Columns.columns(
        List.of("NAME", "PRIORITY"),
        List.of("NAME", "PRIORITY", "SUBJECT"),
        Columns.column("PRIORITY", policy -> policy.spec().priority()),
        subject(policy -> policy.spec().subject()));
  }

  private static Columns<ClusterNetworkPolicy> cluster() {
    return Columns.columns(
        List.of("NAME", "TIER", "PRIORITY"),
        List.of("NAME", "TIER", "PRIORITY", "SUBJECT"),
        Columns.column("TIER", policy -> policy.spec().tier()),
        Columns.column("PRIORITY", policy -> policy.spec().priority()),
        subject(policy -> policy.spec().subject()));
  }

  private static <R extends Resource> Column<R> subject(Function<R, ClusterPeer.Subject> of) {
    return Columns.column(
        "SUBJECT",
        policy -> {
          ClusterPeer.Subject subject = of.apply(policy);
          return subject
              .namespaces()
              .map(namespaces -> "namespaces " + selector(namespaces))
              .or(
                  () ->
                      subject
                          .pods()
                          .map(
                              pods ->
                                  "namespaces "
                                      + selector(pods.namespaceSelector())
                                      + " pods "
                                      + selector(pods.podSelector())))
              .orElse("");
        });
  }
}
