package dev.manul.policy.calculation;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A set in use. Its members are not kept: they follow from the endpoints. What is kept is what has
 * become different since it was told.
 */
final class AddressSet {

  final SetId id;

  /** Null for a set of a service. */
  final SetSelector selector;

  /** How many rules use it. */
  int uses;

  /** Whether it was told; only then must changes be noted. */
  boolean told;

  private Set<Member> added = Set.of();
  private Set<Member> removed = Set.of();

  AddressSet(SetId id, SetSelector selector) {
    this.id = id;
    this.selector = selector;
  }

  /** Notes that a member has come. */
  void gain(Member member) {
    if (removed.isEmpty() || !removed.remove(member)) {
      added = added.isEmpty() ? new LinkedHashSet<>(4) : added;
      added.add(member);
    }
  }

  /** Notes that a member has gone. */
  void lose(Member member) {
    if (added.isEmpty() || !added.remove(member)) {
      removed = removed.isEmpty() ? new LinkedHashSet<>(4) : removed;
      removed.add(member);
    }
  }

  /** What was noted; it is forgotten here. */
  Changes.MemberChange takeChange() {
    var change =
        new Changes.MemberChange(
            Collections.unmodifiableSet(added), Collections.unmodifiableSet(removed));
    added = Set.of();
    removed = Set.of();
    return change;
  }
}
