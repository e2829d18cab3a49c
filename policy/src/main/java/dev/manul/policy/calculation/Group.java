package dev.manul.policy.calculation;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Things that have something in common. Each knows its place in every group it is in, so that it
 * leaves without a search; an array is much smaller than a hash set.
 */
abstract class Group {

  private static final Indexed[] NONE = {};

  private Indexed[] members = NONE;
  private int size;

  final int size() {
    return size;
  }

  /** Adds one that notes its place at {@code slot}. */
  final void add(Indexed member, int slot) {
    if (size == members.length) {
      members = Arrays.copyOf(members, size == 0 ? 1 : size + (size >> 1) + 1);
    }
    members[size] = member;
    member.places[slot] = size++;
  }

  /** Removes one whose place is noted at {@code slot}. */
  final void remove(Indexed member, int slot) {
    int place = member.places[slot];
    Indexed last = members[--size];
    members[size] = null;
    if (place != size) {
      members[place] = last;
      last.places[last.slotOf(this)] = place;
    }
    if (size < members.length >> 2) {
      members = size == 0 ? NONE : Arrays.copyOf(members, size << 1);
    }
  }

  final void forEachMember(Consumer<Indexed> consumer) {
    for (int i = 0; i < size; i++) {
      consumer.accept(members[i]);
    }
  }

  /** The members as they are now. */
  final Indexed[] snapshot() {
    return Arrays.copyOf(members, size);
  }
}
