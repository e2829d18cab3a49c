package dev.manul.policy.calculation;

import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Labels as selectors see them: a thing's own, and behind them those of its profiles in order.
 * Immutable. Things have few labels, so a look through an array beats a hash table in size and
 * hardly loses in time.
 */
final class Labels extends AbstractMap<String, String> {

  private final LabelValue[] own;
  private final LabelValue[][] inherited;

  Labels(LabelValue[] own, LabelValue[][] inherited) {
    this.own = own;
    this.inherited = inherited;
  }

  LabelValue[] own() {
    return own;
  }

  /** These, but with others inherited from the profile of that number. */
  Labels withInherited(int number, LabelValue[] values) {
    LabelValue[][] changed = inherited.clone();
    changed[number] = values;
    return new Labels(own, changed);
  }

  /** Own and inherited ones, those hidden by others of the same name too. */
  void forEachValue(Consumer<LabelValue> consumer) {
    for (LabelValue value : own) {
      consumer.accept(value);
    }
    for (LabelValue[] values : inherited) {
      for (LabelValue value : values) {
        consumer.accept(value);
      }
    }
  }

  /**
   * Whether values are among these, if only hidden ones. Nearly all that one asks about is sorted
   * out by this, so it compares references only.
   */
  @SuppressWarnings("ReferenceEquality") // an index has one object for a label and value
  boolean mayHave(LabelValue[] values) {
    for (LabelValue wanted : values) {
      boolean found = false;
      for (LabelValue value : own) {
        found |= value == wanted;
      }
      for (int i = 0; !found && i < inherited.length; i++) {
        for (LabelValue value : inherited[i]) {
          found |= value == wanted;
        }
      }
      if (!found) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String get(Object label) {
    String found = find(own, label);
    for (int i = 0; found == null && i < inherited.length; i++) {
      found = find(inherited[i], label);
    }
    return found;
  }

  private static String find(LabelValue[] values, Object label) {
    for (LabelValue value : values) {
      if (value.key.label.equals(label)) {
        return value.value;
      }
    }
    return null;
  }

  @Override
  public boolean containsKey(Object label) {
    return get(label) != null;
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    Map<String, String> all = new HashMap<>();
    forEachValue(value -> all.putIfAbsent(value.key.label, value.value));
    return all.entrySet();
  }
}
