package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** Calico's policy for endpoints of one namespace. */
public record NetworkPolicy(Metadata metadata, Spec spec) implements Resource {

  public static final Kind<NetworkPolicy> KIND =
      new Kind<>(
          "NetworkPolicy",
          "networkpolicies",
          true,
          NetworkPolicy.class,
          List.of("networkpolicy", "np", "policy", "pol", "nps"));

  public NetworkPolicy {
    spec = spec == null ? Spec.EMPTY : spec;
  }

  @Override
  public Kind<NetworkPolicy> kind() {
    return KIND;
  }

  @Override
  public NetworkPolicy withMetadata(Metadata newMetadata) {
    return new NetworkPolicy(newMetadata, spec);
  }

  /**
   * The policy.
   *
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
        new Spec(null, Optional.empty(), null, null, null, null, null, null);

    public Spec {
      tier = tier == null || tier.isEmpty() ? DEFAULT_TIER : tier;
      order = Absent.optional(order);
      ingress = Absent.list(ingress);
      egress = Absent.list(egress);
      selector = Absent.text(selector);
      types = Absent.list(types);
      serviceAccountSelector = Absent.text(serviceAccountSelector);
      performanceHints = Absent.list(performanceHints);
    }
  }
}
