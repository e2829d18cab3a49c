package dev.manul.policy.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AddressFamily;
import dev.manul.netlink.NetworkNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many chains at once. */
class FamilyTablesIT {

  private static final int MANY = 1_300;

  /** Chains of the table filter. */
  private record Wanted(Map<String, List<RuleText>> chains) implements DesiredRules {
    @Override
    public Set<String> chains(AddressFamily family, TableName table) {
      return table == TableName.FILTER ? chains.keySet() : Set.of();
    }

    @Override
    public Optional<List<RuleText>> chain(AddressFamily family, TableName table, String name) {
      return table == TableName.FILTER ? Optional.ofNullable(chains.get(name)) : Optional.empty();
    }

    @Override
    public List<Hook> hooks(AddressFamily family, TableName table) {
      return table == TableName.FILTER
          ? List.of(new Hook("FORWARD", List.of(new RuleText("-j manul-FORWARD")), List.of()))
          : List.of();
    }
  }

  /** Chains whose names come before those that they lead to, and the other way round. */
  private static Wanted many() {
    Map<String, List<RuleText>> chains = new TreeMap<>();
    List<RuleText> jumps = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      String name = "manul-p-" + i;
      chains.put(name, List.of(new RuleText("-p tcp -m tcp --dport " + i + " -g manul-allow")));
      jumps.add(new RuleText("-j " + name));
    }
    chains.put("manul-allow", List.of(new RuleText("-j MARK --set-xmark 0x10000/0x10000")));
    chains.put("manul-a-pod", jumps);
    chains.put("manul-z-pod", jumps);
    chains.put(
        "manul-FORWARD", List.of(new RuleText("-j manul-a-pod"), new RuleText("-g manul-z-pod")));
    return new Wanted(chains);
  }

  private static String saved(NetworkNamespace namespace, Backend backend) {
    return new HostPrograms(namespace)
        .ok(List.of(backend.saveProgram(AddressFamily.IPV4), "-t", "filter"), "");
  }

  private static void assertThere(NetworkNamespace namespace, Backend backend, Wanted wanted) {
    FoundTable found = FoundTable.parse(saved(namespace, backend));
    Map<String, List<String>> hashes = new TreeMap<>();
    wanted
        .chains()
        .forEach(
            (name, rules) ->
                hashes.put(name, rules.stream().map(rule -> rule.hash(name)).toList()));
    assertThat(new TreeMap<>(found.chains())).isEqualTo(hashes);
    assertThat(found.others().get("FORWARD").ours()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void manyChainsComeWithWhatLeadsToThem(Backend backend) {
    NetworkNamespace namespace = NetworkNamespace.create("mnft-" + ProcessHandle.current().pid());
    try (var tables = new FamilyTables(namespace, backend, AddressFamily.IPV4)) {
      Wanted wanted = many();
      assertThat(tables.apply(wanted)).isTrue();
      // nf_tables: three times new chains, and then what leads there; the older one all at once
      assertThat(tables.writes()).isGreaterThanOrEqualTo(backend == Backend.NFT ? 4 : 1);
      assertThat(tables.writes()).isLessThanOrEqualTo(backend == Backend.NFT ? 6 : 1);
      assertThere(namespace, backend, wanted);
      assertThat(tables.apply(wanted)).isFalse();

      tables.touch(TableName.FILTER, Set.copyOf(wanted.chains().keySet()));
      assertThat(tables.apply(new Wanted(Map.of("manul-FORWARD", List.of())))).isTrue();
      assertThere(namespace, backend, new Wanted(Map.of("manul-FORWARD", List.of())));
    } finally {
      namespace.delete();
    }
  }

  /** One of many is not understood: it is closed, and all others are there. */
  @Test
  void aChainThatIsRefusedAmongManyIsClosed() {
    NetworkNamespace namespace = NetworkNamespace.create("mnfu-" + ProcessHandle.current().pid());
    try (var tables = new FamilyTables(namespace, Backend.NFT, AddressFamily.IPV4)) {
      Map<String, List<RuleText>> chains = new TreeMap<>(many().chains());
      chains.put("manul-p-777", List.of(new RuleText("-m nonsense -j DROP")));
      assertThat(tables.apply(new Wanted(chains))).isTrue();
      assertThat(tables.closed()).containsOnlyKeys("manul-p-777");
      chains.put("manul-p-777", List.of(new RuleText("-j DROP")));
      assertThere(namespace, Backend.NFT, new Wanted(chains));
    } finally {
      namespace.delete();
    }
  }
}
