package dev.manul.policy.kernel;

import dev.manul.model.AddressFamily;
import java.util.List;

/**
 * All that there is to be of ours in the packet filter, for one family.
 *
 * @param sets in such an order that members may be added from the first to the last, and removed
 *     from the last to the first, with every state on the way harmless
 */
public record Ruleset(AddressFamily family, List<IpSet> sets, List<Table> tables) {

  /** The tables that may hold something of ours. */
  public static final List<String> TABLES = List.of("nat", "filter");

  public Ruleset {
    sets = List.copyOf(sets);
    tables = List.copyOf(tables);
  }

  /** Nothing of ours. */
  public static Ruleset empty(AddressFamily family) {
    return new Ruleset(family, List.of(), TABLES.stream().map(Table::empty).toList());
  }

  public boolean isEmpty() {
    return equals(empty(family));
  }
}
