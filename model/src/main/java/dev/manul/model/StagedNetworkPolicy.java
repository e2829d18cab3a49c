package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** A {@link NetworkPolicy} to be tried out: looked at and counted, never enforced. */
public record StagedNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<StagedNetworkPolicy> KIND =
      new Kind<>(
          "StagedNetworkPolicy",
          "stagednetworkpolicies",
          true,
          StagedNetworkPolicy.class,
          List.of("stagednetworkpolicy", "snp"));

  public StagedNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<StagedNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public StagedNetworkPolicy withMetadata(Metadata newMetadata) {
    return new StagedNetworkPolicy(newMetadata, spec);
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
   * @param serviceAccountSelector which service accounts' endpoints it is about; "": all
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
      String serviceAccountSelector,
      List<String> performanceHints)
      implements PolicySpec {

    /** Nothing said. */
    public static final Spec EMPTY =
        new Spec(null, null, Optional.empty(), null, null, null, null, null, null);

    public Spec {
      stagedAction = Absent.or(stagedAction, StagedAction.SET);
      tier = tier == null || tier.isEmpty() ? DEFAULT_TIER : tier;
      order = Absent.optional(order);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
      selector = Absent.text(selector);
      types = Absent.list(types);
      serviceAccountSelector = Absent.text(serviceAccountSelector);
      performanceHints = Absent.list(performanceHints);
    }

    /** The policy that this would be if it were enforced. */
    public NetworkPolicy.Spec enforced() {
      return new NetworkPolicy.Spec(
          tier, order, ingress, egress, selector, types, serviceAccountSelector, performanceHints);
    }
  }
}
