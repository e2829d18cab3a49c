package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import java.util.List;

/** A selector that wants to hear of what it begins and ceases to select. */
abstract class Watch {

  final Selector selector;
  private final String[] mentioned;

  /** Where it is found. */
  List<Anchor> anchors = List.of();

  /** The last round of the index in which it was looked at; it may be found by several anchors. */
  long round;

  Watch(Selector selector) {
    this.selector = selector;
    this.mentioned = Requirements.mentioned(selector).toArray(String[]::new);
  }

  final boolean mentionsAny(List<String> labels) {
    for (String label : mentioned) {
      if (labels.contains(label)) {
        return true;
      }
    }
    return false;
  }
}
