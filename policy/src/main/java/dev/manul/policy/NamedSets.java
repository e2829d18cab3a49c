package dev.manul.policy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.SetMember;
import dev.manul.netlink.SetType;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.Member;
import dev.manul.policy.calculation.SetId;
import dev.manul.policy.kernel.KernelSets;
import dev.manul.policy.rendering.Rendering;
import dev.manul.policy.rendering.SetNames;
import dev.manul.policy.rendering.Touched;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The sets by their names in the kernel. Two sets that say the same in other words have one name,
 * and are one there.
 */
final class NamedSets implements KernelSets.Desired {

  private final Function<SetId, Set<Member>> membersOf;
  private final Map<String, Source> sets = new HashMap<>();

  /** Where the members are known. */
  private sealed interface Source {
    /** One or more that say the same. */
    record Calculated(Set<SetId> ids, AddressFamily family) implements Source {}

    /** They are few and do not come from policies. */
    record Fixed(List<SetMember> members) implements Source {}
  }

  NamedSets(Function<SetId, Set<Member>> membersOf) {
    this.membersOf = membersOf;
  }

  /**
   * Takes in what the calculation says, and tells the kernel's side.
   *
   * @param rendering whose rules need sets, after the same changes
   */
  void apply(Changes changes, Touched touched, Rendering rendering, KernelSets kernel) {
    touched
        .sets()
        .forEach(
            (family, ids) ->
                ids.forEach(
                    id -> {
                      if (rendering.needs(family, id)) {
                        there(id, family, kernel);
                      } else {
                        gone(id, family, kernel);
                      }
                    }));
    changes
        .setsChanged()
        .forEach(
            (id, change) -> {
              String label = SetNames.label(id);
              for (AddressFamily family : AddressFamily.values()) {
                String name = SetNames.name(label, family);
                List<SetMember> added = members(change.added(), family);
                List<SetMember> removed = members(change.removed(), family);
                if (sets.containsKey(name) && !(added.isEmpty() && removed.isEmpty())) {
                  kernel.change(name, added, removed);
                }
              }
            });
  }

  private void there(SetId id, AddressFamily family, KernelSets kernel) {
    String name = SetNames.name(SetNames.label(id), family);
    if (sets.get(name) instanceof Source.Calculated(var ids, _)) {
      var _ = ids.add(id);
    } else {
      sets.put(name, new Source.Calculated(new LinkedHashSet<>(Set.of(id)), family));
      kernel.touch(name);
    }
  }

  private void gone(SetId id, AddressFamily family, KernelSets kernel) {
    String name = SetNames.name(SetNames.label(id), family);
    if (sets.get(name) instanceof Source.Calculated(var ids, _)) {
      var _ = ids.remove(id);
      if (ids.isEmpty()) {
        sets.remove(name);
        kernel.touch(name);
      }
    }
  }

  /** Says what is in a set that does not come from policies. */
  void fixed(String name, Collection<Prefix> prefixes, KernelSets kernel) {
    List<SetMember> members =
        prefixes.stream().flatMap(prefix -> halved(prefix).stream()).distinct().toList();
    if (!new Source.Fixed(members).equals(sets.put(name, new Source.Fixed(members)))) {
      kernel.touch(name);
    }
  }

  /** Drops a set that does not come from policies. */
  void fixedGone(String name, KernelSets kernel) {
    if (sets.remove(name) != null) {
      kernel.touch(name);
    }
  }

  @Override
  public Set<String> names() {
    return sets.keySet();
  }

  @Override
  public SetType type(String name) {
    return sets.get(name) instanceof Source.Calculated(var ids, _)
            && SetNames.hasPorts(ids.iterator().next())
        ? SetType.ADDRESS_PORT
        : SetType.NET;
  }

  @Override
  public Collection<SetMember> members(String name) {
    return switch (sets.get(name)) {
      case Source.Calculated(var ids, var family) ->
          members(membersOf.apply(ids.iterator().next()), family);
      case Source.Fixed(var members) -> members;
    };
  }

  private static List<SetMember> members(Collection<Member> members, AddressFamily family) {
    List<SetMember> list = new ArrayList<>();
    for (Member member : members) {
      if (member.family() == family) {
        switch (member) {
          case Member.Net(Prefix prefix) -> list.addAll(halved(prefix));
          case Member.Port(Address address, int protocol, int port) ->
              list.add(SetMember.of(address, protocol, port));
        }
      }
    }
    return list;
  }

  /** The kernel's sets take no prefix of length 0. */
  private static List<SetMember> halved(Prefix prefix) {
    return prefix.length() > 0
        ? List.of(SetMember.of(prefix))
        : List.of(
            SetMember.of(Prefix.of(prefix.address(), 1)),
            SetMember.of(Prefix.of(prefix.lastAddress(), 1)));
  }
}
