package dev.manul.model;

import java.util.List;

/**
 * Kubernetes' policy of administrators for pods that no NetworkPolicy is about; there is one at
 * most, {@code default}.
 *
 * @see <a href="https://network-policy-api.sigs.k8s.io/">Network Policy API</a>
 */
public record BaselineAdminNetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<BaselineAdminNetworkPolicy> KIND =
      new Kind<>(
          "policy.networking.k8s.io/v1alpha1",
          "BaselineAdminNetworkPolicy",
          "baselineadminnetworkpolicies",
          false,
          BaselineAdminNetworkPolicy.class,
          List.of("baselineadminnetworkpolicy", "banp"));

  public BaselineAdminNetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<BaselineAdminNetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public BaselineAdminNetworkPolicy withMetadata(Metadata newMetadata) {
    return new BaselineAdminNetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
   * @param subject whom it is about
   * @param ingress for traffic to them, the first that matches decides; Allow or Deny
   * @param egress for traffic from them, the first that matches decides; Allow or Deny
   */
  public record Spec(
      ClusterPeer.Subject subject,
      List<AdminNetworkPolicy.IngressRule> ingress,
      List<AdminNetworkPolicy.EgressRule> egress) {

    /** Nothing said. */
    public static final Spec EMPTY = new Spec(null, null, null);

    public Spec {
      subject = Absent.or(subject, ClusterPeer.Subject.EMPTY);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
    }
  }
}
