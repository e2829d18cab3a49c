package dev.manul.policy.rendering;

import dev.manul.policy.kernel.TableName;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is to be looked at again in the kernel.
 *
 * @param chains names of chains that may have become different, have come or have gone
 * @param hooks whether our rules in others' chains may have become different
 */
public record Touched(Map<TableName, Set<String>> chains, boolean hooks) {

  /** Collects. */
  static final class Collecting {
    private final Map<TableName, Set<String>> chains = new EnumMap<>(TableName.class);
    private boolean hooks;

    void chain(TableName table, String name) {
      var _ = chains.computeIfAbsent(table, _ -> new HashSet<>()).add(name);
    }

    void hooks() {
      hooks = true;
    }

    Touched done() {
      return new Touched(chains, hooks);
    }
  }
}
