package dev.manul.policy;

import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.calculation.EndpointPlan.TierPlan;
import dev.manul.policy.kernel.RuleCounters;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.rendering.ChainNames;
import dev.manul.policy.rendering.Rendering;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds, in the chains of endpoints, the rules that drop at the end of a tier. All of a chain have
 * the same words, so that only the jumps before one say which tier it ends.
 */
final class TierEnds {

  private final RuleText end;
  private final Map<String, Direction> chains = new HashMap<>();
  private final Map<String, String> tierOfChain = new HashMap<>();
  private final Map<Direction, Map<String, Long>> denied = new EnumMap<>(Direction.class);

  TierEnds(Counting.Counted counted) {
    end = Rendering.endOfTier(counted.options());
    for (Direction direction : Direction.values()) {
      denied.put(direction, new TreeMap<>());
    }
    for (EndpointPlan plan : counted.plans()) {
      for (Direction direction : Direction.values()) {
        chains.put(PolicyView.chainOf(plan, direction), direction);
        List<TierPlan> tiers = direction == Direction.INGRESS ? plan.ingress() : plan.egress();
        for (TierPlan tier : tiers) {
          for (PolicyId policy : tier.policies()) {
            tierOfChain.put(ChainNames.policy(policy, direction), tier.name());
          }
        }
      }
    }
  }

  /** Takes the rules of a chain of the table filter. */
  void add(String chain, List<RuleCounters> rules) {
    Direction direction = chains.get(chain);
    if (direction == null) {
      return;
    }
    String hash = end.hash(chain);
    String tier = null;
    for (RuleCounters rule : rules) {
      tier = tierOfChain.getOrDefault(rule.target(), tier);
      if (tier != null && rule.hash().equals(hash)) {
        denied.get(direction).merge(tier, rule.packets(), Long::sum);
      }
    }
  }

  List<TierCount> counts() {
    List<TierCount> counts = new ArrayList<>();
    denied.forEach(
        (direction, tiers) ->
            tiers.forEach((tier, packets) -> counts.add(new TierCount(tier, direction, packets))));
    return counts;
  }
}
