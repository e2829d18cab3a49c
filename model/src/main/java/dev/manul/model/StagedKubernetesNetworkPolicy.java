package dev.manul.model;

import java.util.List;

/** A {@link KubernetesNetworkPolicy} to be tried out: looked at and counted, never enforced. */
public record StagedKubernetesNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<StagedKubernetesNetworkPolicy> KIND =
      new Kind<>(
          "StagedKubernetesNetworkPolicy",
          "stagedkubernetesnetworkpolicies",
          true,
          StagedKubernetesNetworkPolicy.class,
          List.of("stagedkubernetesnetworkpolicy", "sknp"));

  public StagedKubernetesNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<StagedKubernetesNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public StagedKubernetesNetworkPolicy withMetadata(Metadata newMetadata) {
    return new StagedKubernetesNetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
   * @param stagedAction what would become of the policy of this name
   * @param podSelector which pods of the namespace it is about
   * @param ingress traffic to them that is allowed
   * @param egress traffic from them that is allowed
   * @param policyTypes {@code Ingress} and {@code Egress}, the directions in which it counts;
   *     empty: ingress, and egress when there are rules for it
   */
  public record Spec(
      StagedAction stagedAction,
      LabelSelector podSelector,
      List<KubernetesNetworkPolicy.IngressRule> ingress,
      List<KubernetesNetworkPolicy.EgressRule> egress,
      List<String> policyTypes) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null, null, null);

    public Spec {
      stagedAction = Absent.or(stagedAction, StagedAction.SET);
      podSelector = Absent.or(podSelector, LabelSelector.ALL);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
      policyTypes = Absent.list(policyTypes);
    }

    /** The policy that this would be if it were enforced. */
    public KubernetesNetworkPolicy.Spec enforced() {
      return new KubernetesNetworkPolicy.Spec(podSelector, ingress, egress, policyTypes);
    }
  }
}
