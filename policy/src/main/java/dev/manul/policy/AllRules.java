package dev.manul.policy;

import dev.manul.model.AddressFamily;
import dev.manul.policy.kernel.Chain;
import dev.manul.policy.kernel.DesiredRules;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.Table;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.rendering.Rendering;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The rules of policy, and in the table nat those of masquerading. */
final class AllRules implements DesiredRules {

  private final Rendering rendering;
  private final Map<AddressFamily, Table> nat = new EnumMap<>(AddressFamily.class);

  AllRules(Rendering rendering) {
    this.rendering = rendering;
    for (AddressFamily family : AddressFamily.values()) {
      nat.put(family, Table.empty(TableName.NAT.toString()));
    }
  }

  /** What of masquerading has changed: chains, and whether hooks have. */
  record NatChange(Set<String> chains, boolean hooks) {}

  /** Takes in what masquerading asks for. */
  NatChange nat(NatRules.Wanted wanted) {
    Table now = wanted.table();
    Table before = nat.put(wanted.family(), now);
    Set<Chain> changed = new HashSet<>(before.chains());
    changed.addAll(now.chains());
    changed.removeIf(chain -> before.chains().contains(chain) && now.chains().contains(chain));
    return new NatChange(
        changed.stream().map(Chain::name).collect(Collectors.toSet()),
        !before.hooks().equals(now.hooks()));
  }

  @Override
  public Set<String> chains(AddressFamily family, TableName table) {
    return table == TableName.NAT
        ? nat.get(family).chains().stream().map(Chain::name).collect(Collectors.toSet())
        : rendering.chains(family, table);
  }

  @Override
  public Optional<List<RuleText>> chain(AddressFamily family, TableName table, String name) {
    return table == TableName.NAT
        ? nat.get(family).chains().stream()
            .filter(chain -> chain.name().equals(name))
            .map(Chain::rules)
            .findFirst()
        : rendering.chain(family, table, name);
  }

  @Override
  public List<Hook> hooks(AddressFamily family, TableName table) {
    return table == TableName.NAT ? nat.get(family).hooks() : rendering.hooks(family, table);
  }
}
