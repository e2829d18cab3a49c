package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A policy, whom it is about on this node, and what was told of it. */
final class KnownPolicy {

  /** Tier by tier, and in a tier as they are asked; the order of tiers is not known here. */
  static final Comparator<KnownPolicy> ORDER =
      Comparator.comparing((KnownPolicy known) -> known.policy.tier())
          .thenComparingDouble(known -> known.policy.order())
          .thenComparing(known -> known.policy.id());

  Policy policy;
  PolicySelector selector;
  List<LocalEndpoint> matched = List.of();

  /** Null while it is not in use. */
  ActivePolicy told;

  /** The sets that what was told refers to. */
  List<AddressSet> sets = List.of();

  KnownPolicy(Policy policy) {
    this.policy = policy;
  }

  /** Whether packets of an endpoint that it selects ever ask it. */
  boolean counts(LocalEndpoint endpoint) {
    return switch (policy.stage()) {
      case NORMAL -> !policy.directions().isEmpty();
      case UNTRACKED -> !policy.directions().isEmpty() && isHost(endpoint);
      case PRE_DNAT -> policy.directions().contains(Direction.INGRESS) && isHost(endpoint);
    };
  }

  private static boolean isHost(LocalEndpoint endpoint) {
    return endpoint.endpoint.id() instanceof EndpointId.Host;
  }

  void match(LocalEndpoint endpoint) {
    if (matched.isEmpty()) {
      matched = new ArrayList<>(1);
    }
    matched.add(endpoint);
  }

  void unmatch(LocalEndpoint endpoint) {
    matched.remove(endpoint);
    if (matched.isEmpty()) {
      matched = List.of();
    }
  }
}
