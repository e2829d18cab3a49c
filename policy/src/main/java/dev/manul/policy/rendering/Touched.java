package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.TableName;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is to be looked at again in the kernel.
 *
 * @param chains names of chains that may have become different, have come or have gone
 * @param sets those that rules of a family may have begun or ceased to need
 * @param hooks whether our rules in others' chains may have become different
 */
public record Touched(
    Map<AddressFamily, Map<TableName, Set<String>>> chains,
    Map<AddressFamily, Set<SetId>> sets,
    boolean hooks) {

  /** Collects. */
  static final class Collecting {
    private final Map<AddressFamily, Map<TableName, Set<String>>> chains =
        new EnumMap<>(AddressFamily.class);
    private final Map<AddressFamily, Set<SetId>> sets = new EnumMap<>(AddressFamily.class);
    private boolean hooks;

    Collecting() {
      for (AddressFamily family : AddressFamily.values()) {
        chains.put(family, new EnumMap<>(TableName.class));
        sets.put(family, new HashSet<>());
      }
    }

    void chain(AddressFamily family, TableName table, String name) {
      var _ = chains.get(family).computeIfAbsent(table, _ -> new HashSet<>()).add(name);
    }

    void set(AddressFamily family, SetId id) {
      var _ = sets.get(family).add(id);
    }

    void hooks() {
      hooks = true;
    }

    Touched done() {
      return new Touched(chains, sets, hooks);
    }
  }
}
