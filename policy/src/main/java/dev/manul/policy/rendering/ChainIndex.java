package dev.manul.policy.rendering;

import dev.manul.model.AddressFamily;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.PolicyId;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which chains there are, and what each comes from. */
final class ChainIndex {

  private final Map<AddressFamily, Map<TableName, Map<String, ChainSource>>> sources =
      new EnumMap<>(AddressFamily.class);

  /** Chains of policies and profiles that are in the table mangle besides their own. */
  private Set<String> mangled = Set.of();

  ChainIndex() {
    for (AddressFamily family : AddressFamily.values()) {
      Map<TableName, Map<String, ChainSource>> tables = new EnumMap<>(TableName.class);
      for (TableName table : TableName.values()) {
        tables.put(table, new HashMap<>());
      }
      sources.put(family, tables);
    }
  }

  Set<String> names(AddressFamily family, TableName table) {
    return sources.get(family).get(table).keySet();
  }

  Optional<ChainSource> source(AddressFamily family, TableName table, String name) {
    return Optional.ofNullable(sources.get(family).get(table).get(name));
  }

  /**
   * Says what a chain comes from.
   *
   * @param source null for a chain that is not to be
   */
  void set(
      AddressFamily family,
      TableName table,
      String name,
      ChainSource source,
      Touched.Collecting touched) {
    Map<String, ChainSource> ofTable = sources.get(family).get(table);
    ChainSource before = source == null ? ofTable.remove(name) : ofTable.put(name, source);
    if (source != null || before != null) {
      touched.chain(family, table, name);
    }
    if (table == TableName.FILTER && mangled.contains(name)) {
      touched.chain(family, TableName.MANGLE, name);
    }
  }

  void remove(AddressFamily family, TableName table, PolicyId id, Touched.Collecting touched) {
    for (Direction direction : Direction.values()) {
      set(family, table, ChainNames.policy(id, direction), null, touched);
    }
  }

  void setMangled(Map<String, ChainSource> wanted, Touched.Collecting touched) {
    for (AddressFamily family : AddressFamily.values()) {
      for (String name : mangled) {
        if (!wanted.containsKey(name)) {
          set(family, TableName.MANGLE, name, null, touched);
        }
      }
      wanted.forEach(
          (name, source) -> {
            if (!mangled.contains(name)) {
              set(family, TableName.MANGLE, name, source, touched);
            }
          });
    }
    mangled = new HashSet<>(wanted.keySet());
  }

  void touchEndpoints(Touched.Collecting touched) {
    sources.forEach(
        (family, tables) ->
            tables.forEach(
                (table, ofTable) ->
                    ofTable.forEach(
                        (name, source) -> {
                          switch (source) {
                            case ChainSource.OfPod _,
                                ChainSource.OfHost _,
                                ChainSource.OfForwarding _ ->
                                touched.chain(family, table, name);
                            case ChainSource.OfPolicy _, ChainSource.OfProfile _ -> {}
                          }
                        })));
  }
}
