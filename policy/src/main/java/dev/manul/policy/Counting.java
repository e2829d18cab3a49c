package dev.manul.policy;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.EndpointPlan;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.Programs;
import dev.manul.policy.kernel.RuleCounters;
import dev.manul.policy.kernel.RulesException;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.rendering.ChainNames;
import dev.manul.policy.rendering.PolicyOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds up what the kernel has counted for the rules of policies. */
final class Counting {

  private static final Logger log = LoggerFactory.getLogger(Counting.class);

  private static final List<TableName> TABLES =
      List.of(TableName.FILTER, TableName.RAW, TableName.MANGLE);

  private long allowed;
  private long denied;
  private long passed;
  private long logged;
  private long unmatched;

  private Counting() {}

  /** What is counted: the policies in use, and the plans of the endpoints they are about. */
  record Counted(Set<PolicyId> policies, List<EndpointPlan> plans, PolicyOptions options) {}

  static PolicyCounts read(Programs programs, Backend backend, Counted counted) {
    Map<String, Counting> byChain = new HashMap<>();
    var tiers = new TierEnds(counted);
    for (TableName table : TABLES) {
      for (AddressFamily family : AddressFamily.values()) {
        try {
          RuleCounters.read(programs, backend, family, table)
              .forEach(
                  (chain, rules) -> {
                    rules.forEach(byChain.computeIfAbsent(chain, _ -> new Counting())::add);
                    if (table == TableName.FILTER) {
                      tiers.add(chain, rules);
                    }
                  });
        } catch (RulesException e) { // a node without IPv6, or without one of the tables
          if (family == AddressFamily.IPV4 && table == TableName.FILTER) {
            throw e;
          }
          log.debug("event=counters_unreadable cause=\"{}\"", e.getMessage());
        }
      }
    }
    List<PolicyCount> counts = new ArrayList<>();
    for (PolicyId id : counted.policies()) {
      for (Direction direction : Direction.values()) {
        Counting count = byChain.get(ChainNames.policy(id, direction));
        if (count != null) {
          counts.add(count.of(id, direction));
        }
      }
    }
    return new PolicyCounts(counts, tiers.counts());
  }

  private void add(RuleCounters rule) {
    switch (rule.target()) {
      case ChainNames.ALLOW, ChainNames.WOULD_ALLOW -> allowed += rule.packets();
      case "DROP", "REJECT", ChainNames.WOULD_DENY -> denied += rule.packets();
      case ChainNames.PASS, ChainNames.WOULD_PASS -> passed += rule.packets();
      case ChainNames.WOULD_MISS -> unmatched += rule.packets();
      case "LOG" -> logged += rule.packets();
      default -> {} // it only prepares a decision
    }
  }

  private PolicyCount of(PolicyId id, Direction direction) {
    return new PolicyCount(id, direction, allowed, denied, passed, logged, unmatched);
  }
}
