package dev.manul.netlink;

import dev.manul.model.AddressFamily;
import java.util.List;

/** A change of a set of the kernel's. */
public sealed interface SetChange {

  /** The set's name, at most 31 characters. */
  String name();

  /** A new set; an error when there is one of that name. */
  record Create(String name, SetType type, AddressFamily family, int mostMembers)
      implements SetChange {}

  /** No such set; an error when a rule uses it, but not when there is none. */
  record Destroy(String name) implements SetChange {}

  /** Members more; those that are there already are no error. */
  record Add(String name, List<SetMember> members) implements SetChange {
    public Add {
      members = List.copyOf(members);
    }
  }

  /** Members fewer; those that are not there are no error. */
  record Delete(String name, List<SetMember> members) implements SetChange {
    public Delete {
      members = List.copyOf(members);
    }
  }

  /** Two sets exchange their contents. */
  record Swap(String name, String other) implements SetChange {}
}
