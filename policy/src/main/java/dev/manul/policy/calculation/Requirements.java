package dev.manul.policy.calculation;

import dev.manul.model.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * What labels must have for a selector to select them, so that selectors can be found by labels and
 * labels by selectors, instead of trying each with each.
 */
final class Requirements {

  /**
   * A label that must be there.
   *
   * @param value the value that it must have; null for any
   */
  record Requirement(String label, String value) {}

  private Requirements() {}

  /**
   * Requirements of which all selected labels meet at least one, the cheapest such list that the
   * selector gives. Null when it gives none: it can select things without any particular label.
   * Empty when it selects nothing.
   *
   * @param cost of looking at all that meets a requirement
   */
  static List<Requirement> cheapest(Selector selector, ToLongFunction<Requirement> cost) {
    return cheapest(selector, false, cost);
  }

  private static List<Requirement> cheapest(
      Selector selector, boolean negated, ToLongFunction<Requirement> cost) {
    return switch (selector) {
      case Selector.All() -> negated ? List.of() : null;
      case Selector.Global() -> negated ? List.of(present(Selector.NAMESPACE_LABEL)) : null;
      case Selector.Has(String label) -> negated ? null : List.of(present(label));
      case Selector.Equal(String label, String value) ->
          negated ? null : List.of(new Requirement(label, value));
      case Selector.NotEqual(String label, String value) ->
          negated ? List.of(new Requirement(label, value)) : null;
      case Selector.In(String label, Set<String> values) -> negated ? null : any(label, values);
      case Selector.NotIn(String label, Set<String> values) -> negated ? any(label, values) : null;
      case Selector.Contains(String label, _) -> negated ? null : List.of(present(label));
      case Selector.StartsWith(String label, _) -> negated ? null : List.of(present(label));
      case Selector.EndsWith(String label, _) -> negated ? null : List.of(present(label));
      case Selector.Not(Selector term) -> cheapest(term, !negated, cost);
      case Selector.And(List<Selector> terms) ->
          negated ? ofEach(terms, true, cost) : ofOne(terms, false, cost);
      case Selector.Or(List<Selector> terms) ->
          negated ? ofOne(terms, true, cost) : ofEach(terms, false, cost);
    };
  }

  private static Requirement present(String label) {
    return new Requirement(label, null);
  }

  private static List<Requirement> any(String label, Set<String> values) {
    return values.stream().sorted().map(value -> new Requirement(label, value)).toList();
  }

  /** All terms hold, so those of any of them will do. */
  private static List<Requirement> ofOne(
      List<Selector> terms, boolean negated, ToLongFunction<Requirement> cost) {
    List<Requirement> best = null;
    long bestCost = Long.MAX_VALUE;
    for (Selector term : terms) {
      List<Requirement> one = cheapest(term, negated, cost);
      if (one != null) {
        long oneCost = one.stream().mapToLong(cost).sum();
        if (best == null || oneCost < bestCost) {
          best = one;
          bestCost = oneCost;
        }
      }
    }
    return best;
  }

  /** One of the terms holds, so those of all are needed. */
  private static List<Requirement> ofEach(
      List<Selector> terms, boolean negated, ToLongFunction<Requirement> cost) {
    List<Requirement> all = new ArrayList<>();
    for (Selector term : terms) {
      List<Requirement> one = cheapest(term, negated, cost);
      if (one == null) {
        return null;
      }
      all.addAll(one);
    }
    return all.stream().distinct().toList();
  }

  /** The values that all selected labels have; there may be other requirements. */
  static List<Selector.Equal> values(Selector selector) {
    return switch (selector) {
      case Selector.Equal equal -> List.of(equal);
      case Selector.And(List<Selector> terms) ->
          terms.stream().flatMap(term -> values(term).stream()).toList();
      default -> List.of();
    };
  }

  /** The labels that a selector looks at. */
  static Set<String> mentioned(Selector selector) {
    Set<String> labels = new TreeSet<>();
    addMentioned(selector, labels);
    return labels;
  }

  private static void addMentioned(Selector selector, Set<String> into) {
    switch (selector) {
      case Selector.All() -> {}
      case Selector.Global() -> into.add(Selector.NAMESPACE_LABEL);
      case Selector.Has(String label) -> into.add(label);
      case Selector.Equal(String label, _) -> into.add(label);
      case Selector.NotEqual(String label, _) -> into.add(label);
      case Selector.In(String label, _) -> into.add(label);
      case Selector.NotIn(String label, _) -> into.add(label);
      case Selector.Contains(String label, _) -> into.add(label);
      case Selector.StartsWith(String label, _) -> into.add(label);
      case Selector.EndsWith(String label, _) -> into.add(label);
      case Selector.Not(Selector term) -> addMentioned(term, into);
      case Selector.And(List<Selector> terms) -> terms.forEach(term -> addMentioned(term, into));
      case Selector.Or(List<Selector> terms) -> terms.forEach(term -> addMentioned(term, into));
    }
  }
}
