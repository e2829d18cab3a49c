package dev.manul.policy.calculation;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A label, whatever its value. */
final class LabelKey implements Anchor {

  final String label;
  final Map<String, LabelValue> values = new HashMap<>(2);
  private final Watchers watchers = new Watchers();

  LabelKey(String label) {
    this.label = label;
  }

  @Override
  public Watchers watchers() {
    return watchers;
  }

  @Override
  public void forEachCandidate(Consumer<Indexed> consumer) {
    values.values().forEach(value -> value.forEachCandidate(consumer));
  }

  boolean isUnused() {
    return values.isEmpty() && watchers.size() == 0;
  }
}
