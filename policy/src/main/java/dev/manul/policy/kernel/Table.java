package dev.manul.policy.kernel;

import java.util.List;

/**
 * All that there is to be of ours in a table of iptables.
 *
 * @param name such as {@code nat}
 * @param chains ours; those not named are to be away
 * @param hooks our rules in other chains; those not named are to be away
 */
public record Table(String name, List<Chain> chains, List<Hook> hooks) {

  public Table {
    chains = List.copyOf(chains);
    hooks = List.copyOf(hooks);
  }

  /** Nothing of ours. */
  public static Table empty(String name) {
    return new Table(name, List.of(), List.of());
  }
}
