package dev.manul.policy.calculation;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Tier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** An endpoint on this node, the policies that are about it, and what was told of it. */
final class LocalEndpoint extends Indexed {

  Endpoint endpoint;

  /** In the order of {@link KnownPolicy#ORDER}. */
  private final List<KnownPolicy> policies = new ArrayList<>();

  /** Null until told. */
  EndpointPlan told;

  LocalEndpoint(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  List<KnownPolicy> policies() {
    return policies;
  }

  void add(KnownPolicy policy) {
    int at = Collections.binarySearch(policies, policy, KnownPolicy.ORDER);
    if (at < 0) {
      policies.add(-at - 1, policy);
    }
  }

  /** Removes a policy; it must be as it was when it was added. */
  void remove(KnownPolicy policy) {
    int at = Collections.binarySearch(policies, policy, KnownPolicy.ORDER);
    if (at >= 0) {
      policies.remove(at);
    }
  }

  /** What is asked about its packets. */
  EndpointPlan plan(Map<String, Tier> tiers, Predicate<String> profiles) {
    var byTier = new TreeMap<Tier, List<Policy>>();
    List<Policy> current = null;
    String tierName = null;
    for (KnownPolicy known : policies) {
      Policy policy = known.policy;
      if (!policy.tier().equals(tierName)) {
        tierName = policy.tier();
        Tier tier = tiers.get(tierName);
        current = null;
        if (tier != null) {
          current = new ArrayList<>();
          byTier.put(tier, current);
        }
      }
      if (current != null) {
        current.add(policy);
      }
    }
    boolean host = endpoint.id() instanceof EndpointId.Host;
    return new EndpointPlan(
        endpoint,
        plans(byTier, Direction.INGRESS, LocalEndpoint::isNormal),
        plans(byTier, Direction.EGRESS, LocalEndpoint::isNormal),
        host ? plans(byTier, Direction.INGRESS, LocalEndpoint::isUntracked) : List.of(),
        host ? plans(byTier, Direction.EGRESS, LocalEndpoint::isUntracked) : List.of(),
        host
            ? plans(byTier, Direction.INGRESS, p -> p.stage() == Policy.Stage.PRE_DNAT)
            : List.of(),
        host ? plans(byTier, Direction.INGRESS, LocalEndpoint::isForward) : List.of(),
        host ? plans(byTier, Direction.EGRESS, LocalEndpoint::isForward) : List.of(),
        endpoint.profiles().stream().filter(profiles).toList());
  }

  private static boolean isNormal(Policy policy) {
    return policy.stage() == Policy.Stage.NORMAL;
  }

  private static boolean isForward(Policy policy) {
    return isNormal(policy) && policy.onForward();
  }

  private static boolean isUntracked(Policy policy) {
    return policy.stage() == Policy.Stage.UNTRACKED;
  }

  private static List<EndpointPlan.TierPlan> plans(
      Map<Tier, List<Policy>> byTier, Direction direction, Predicate<Policy> which) {
    List<EndpointPlan.TierPlan> plans = new ArrayList<>(byTier.size());
    byTier.forEach(
        (tier, policies) -> {
          List<PolicyId> ids = new ArrayList<>(policies.size());
          for (Policy policy : policies) {
            if (policy.directions().contains(direction) && which.test(policy)) {
              ids.add(policy.id());
            }
          }
          if (!ids.isEmpty()) {
            plans.add(new EndpointPlan.TierPlan(tier.name(), tier.defaultAction(), ids));
          }
        });
    return plans;
  }
}
