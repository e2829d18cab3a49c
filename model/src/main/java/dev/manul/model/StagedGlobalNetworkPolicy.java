package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** A {@link GlobalNetworkPolicy} to be tried out: looked at and counted, never enforced. */
public record StagedGlobalNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<StagedGlobalNetworkPolicy> KIND =
      new Kind<>(
          "StagedGlobalNetworkPolicy",
          "stagedglobalnetworkpolicies",
          false,
          StagedGlobalNetworkPolicy.class,
          List.of("stagedglobalnetworkpolicy", "sgnp"));

  public StagedGlobalNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<StagedGlobalNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public StagedGlobalNetworkPolicy withMetadata(Metadata newMetadata) {
    return new StagedGlobalNetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
   * @param stagedAction what would become of the policy of this name
   * @param tier the name of its tier
   * @param order lower is asked first; absent: last
   * @param ingress for traffic to the endpoints, the first that matches decides
   * @param egress for traffic from the endpoints, the first that matches decides
   * @param selector which endpoints it is about; "": all
   * @param types {@code Ingress} and {@code Egress}, the directions in which it counts; empty:
   *     those of its rules
   * @param doNotTrack whether its rules are asked before connection tracking; for host endpoints
   *     only
   * @param preDNAT whether its rules are asked before addresses are translated; for host endpoints
   *     and ingress only
   * @param applyOnForward whether it also counts for traffic that host endpoints forward
   * @param serviceAccountSelector which service accounts' endpoints it is about; "": all
   * @param namespaceSelector which namespaces' endpoints it is about; "": all, and hosts too
   * @param performanceHints {@code AssumeNeededOnEveryNode}; kept and not used
   */
  public record Spec(
      StagedAction stagedAction,
      String tier,
      Optional<Double> order,
      List<PolicyRule> ingress,
      List<PolicyRule> egress,
      String selector,
      List<String> types,
      boolean doNotTrack,
      boolean preDNAT,
      boolean applyOnForward,
      String serviceAccountSelector,
      String namespaceSelector,
      List<String> performanceHints)
      implements PolicySpec {

    /** Nothing said. */
    public static final Spec EMPTY =
        new Spec(
            null,
            null,
            Optional.empty(),
            null,
            null,
            null,
            null,
            false,
            false,
            false,
            null,
            null,
            null);

    public Spec {
      stagedAction = Absent.or(stagedAction, StagedAction.SET);
      tier = tier == null || tier.isEmpty() ? DEFAULT_TIER : tier;
      order = Absent.optional(order);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
      selector = Absent.text(selector);
      types = Absent.list(types);
      serviceAccountSelector = Absent.text(serviceAccountSelector);
      namespaceSelector = Absent.text(namespaceSelector);
      performanceHints = Absent.list(performanceHints);
    }

    /** The policy that this would be if it were enforced. */
    public GlobalNetworkPolicy.Spec enforced() {
      return new GlobalNetworkPolicy.Spec(
          tier,
          order,
          ingress,
          egress,
          selector,
          types,
          doNotTrack,
          preDNAT,
          applyOnForward,
          serviceAccountSelector,
          namespaceSelector,
          performanceHints);
    }
  }
}
