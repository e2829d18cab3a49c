package dev.manul.policy.calculation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A label with a value; the group of those that have it themselves. */
final class LabelValue extends Group implements Anchor {

  final LabelKey key;
  final String value;
  private List<ProfileLabels> profiles = List.of();
  private Watchers watchers;

  LabelValue(LabelKey key, String value) {
    this.key = key;
    this.value = value;
  }

  @Override
  public Watchers watchers() {
    if (watchers == null) {
      watchers = new Watchers();
    }
    return watchers;
  }

  boolean isWatched() {
    return watchers != null && watchers.size() > 0;
  }

  void add(ProfileLabels profile) {
    if (profiles.isEmpty()) {
      profiles = new ArrayList<>(1);
    }
    profiles.add(profile);
  }

  void remove(ProfileLabels profile) {
    profiles.remove(profile);
  }

  @Override
  public void forEachCandidate(Consumer<Indexed> consumer) {
    forEachMember(consumer);
    profiles.forEach(profile -> profile.forEachMember(consumer));
  }

  /** How many candidates there are. */
  int candidates() {
    int count = size();
    for (ProfileLabels profile : profiles) {
      count += profile.size();
    }
    return count;
  }

  boolean isUnused() {
    return size() == 0 && profiles.isEmpty() && !isWatched();
  }
}
