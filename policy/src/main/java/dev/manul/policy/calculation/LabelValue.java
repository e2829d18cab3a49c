package dev.manul.policy.calculation;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A label with a value; the group of those that have it themselves. */
final class LabelValue extends Group implements Anchor {

  final LabelKey key;
  final String value;
  private List<ProfileLabels> profiles = List.of();
  private Watchers watchers;

  /** By their second value, the pairs of which this is the first. */
  private Map<LabelValue, LabelPair> pairs = Map.of();

  /** How many pairs this is the second value of. */
  private int seconds;

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

  /** The pair with another value, made when there is none. */
  LabelPair pairWith(LabelValue second) {
    LabelPair pair = pairs.get(second);
    if (pair == null) {
      pair = new LabelPair(this, second);
      pairs = pairs.isEmpty() ? new IdentityHashMap<>(2) : pairs;
      pairs.put(second, pair);
      second.seconds++;
    }
    return pair;
  }

  /** Forgets a pair of which this is the first. */
  void remove(LabelPair pair) {
    pairs.remove(pair.second);
    pair.second.seconds--;
    if (pairs.isEmpty()) {
      pairs = Map.of();
    }
  }

  /** The pairs with any of those values. */
  void forEachPair(Labels with, Consumer<LabelPair> consumer) {
    if (!pairs.isEmpty()) {
      with.forEachValue(
          second -> {
            if (second.seconds > 0) {
              LabelPair pair = pairs.get(second);
              if (pair != null) {
                consumer.accept(pair);
              }
            }
          });
    }
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

  /** How many selectors are found here, alone or with a second value. */
  int watches() {
    return (watchers == null ? 0 : watchers.size()) + pairs.size();
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
    return size() == 0 && profiles.isEmpty() && !isWatched() && pairs.isEmpty() && seconds == 0;
  }
}
