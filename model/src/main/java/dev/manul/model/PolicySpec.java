package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** What policies of Calico's kinds have in common. */
public sealed interface PolicySpec
    permits NetworkPolicy.Spec,
        GlobalNetworkPolicy.Spec,
        StagedNetworkPolicy.Spec,
        StagedGlobalNetworkPolicy.Spec {

  /** The tier of policies that name none. */
  String DEFAULT_TIER = "default";

  /** What {@code types} may have. */
  List<String> TYPES = List.of("Ingress", "Egress");

  /** The name of its tier; never empty. */
  String tier();

  /** Lower is asked first; absent: last. */
  Optional<Double> order();

  /** For traffic to the endpoints. */
  List<PolicyRule> ingress();

  /** For traffic from the endpoints. */
  List<PolicyRule> egress();

  /** Which endpoints it is about; "": all of the namespace, or of the cluster. */
  String selector();

  /** {@code Ingress} and {@code Egress}, as written; empty: by the rules. */
  List<String> types();

  /** Which service accounts' endpoints it is about; "": all. */
  String serviceAccountSelector();

  /** What agents may do ahead of need; kept and not used. */
  List<String> performanceHints();

  /**
   * The directions in which the policy counts: what it says, or else egress when it has rules for
   * it, and ingress when it has rules for it or none for egress.
   */
  default List<String> effectiveTypes() {
    if (!types().isEmpty()) {
      return types();
    }
    if (egress().isEmpty()) {
      return List.of("Ingress");
    }
    return ingress().isEmpty() ? List.of("Egress") : TYPES;
  }
}
