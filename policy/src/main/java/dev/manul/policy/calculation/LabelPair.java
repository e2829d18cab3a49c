package dev.manul.policy.calculation;

import java.util.function.Consumer;

/**
 * Two values that selectors both require. Where many selectors require a common label, such as
 * those of one application in each of many namespaces, the second finds the few that matter.
 */
final class LabelPair implements Anchor {

  final LabelValue first;
  final LabelValue second;
  private final Watchers watchers = new Watchers();

  LabelPair(LabelValue first, LabelValue second) {
    this.first = first;
    this.second = second;
  }

  @Override
  public Watchers watchers() {
    return watchers;
  }

  @Override
  public void forEachCandidate(Consumer<Indexed> consumer) {
    first.forEachCandidate(consumer);
  }
}
