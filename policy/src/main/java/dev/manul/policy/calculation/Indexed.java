package dev.manul.policy.calculation;

/** Something with labels that a {@link LabelIndex} knows. */
abstract class Indexed {

  private static final int[] NOWHERE = {};

  /** As they are inherited; null while the index does not know it. */
  Labels labels;

  ProfileLabels[] profiles = {};

  /** Where it is in each group: that of all, then those of its own labels, then its profiles. */
  int[] places = NOWHERE;

  /** Which of {@code places} is that of a group. */
  final int slotOf(Group group) {
    int slot = 1;
    for (LabelValue value : labels.own()) {
      if (value.equals(group)) {
        return slot;
      }
      slot++;
    }
    for (ProfileLabels profile : profiles) {
      if (profile.equals(group)) {
        return slot;
      }
      slot++;
    }
    return 0;
  }
}
