package dev.manul.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A path into a plain tree, as kubectl's JSONPath has it: {@code .name}, {@code ['name']}, {@code
 * [0]}, {@code [-1]}, {@code [0:2]}, {@code [0,2]}, {@code [*]}, {@code ..name} and {@code
 * [?(@.type=="Ready")]}. What is not there is no error: the path finds nothing.
 */
final class JsonPath {

  /** One part of a path. */
  sealed interface Step {}

  /** The field {@code name}. */
  record Field(String name) implements Step {}

  /** All values of a map or a list. */
  record All() implements Step {}

  /** Items of a list; a negative number counts from the end. */
  record Items(List<Integer> numbers) implements Step {}

  /** Items from {@code first} to before {@code end}. */
  record Slice(OptionalInt first, OptionalInt end) implements Step {}

  /** The field {@code name} at any depth. */
  record Deep(String name) implements Step {}

  /** Those items for which a comparison holds. */
  record Filter(Operand left, String operator, Operand right) implements Step {}

  /** A side of a comparison: a path from the item, or a value when the path is null. */
  record Operand(JsonPath path, Object value) {
    private List<Object> of(Object item) {
      return path == null ? List.of(value) : path.select(item);
    }
  }

  private final List<Step> steps;

  JsonPath(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** All that the path leads to, in order. */
  List<Object> select(Object tree) {
    List<Object> found = new ArrayList<>();
    found.add(tree);
    for (Step step : steps) {
      List<Object> next = new ArrayList<>();
      for (Object value : found) {
        step(step, value, next);
      }
      found = next;
    }
    return found;
  }

  private static void step(Step step, Object value, List<Object> into) {
    switch (step) {
      case Field(String name) when value instanceof Map<?, ?> map && map.containsKey(name) ->
          into.add(map.get(name));
      case Field _ -> {}
      case All() -> into.addAll(children(value));
      case Items(List<Integer> numbers) -> {
        if (value instanceof List<?> list) {
          items(numbers, list, into);
        }
      }
      case Slice(OptionalInt first, OptionalInt end) -> {
        if (value instanceof List<?> list) {
          int from = place(first.orElse(0), list.size());
          int to = place(end.orElse(list.size()), list.size());
          into.addAll(from < to ? list.subList(from, to) : List.of());
        }
      }
      case Deep(String name) -> {
        step(new Field(name), value, into);
        children(value).forEach(child -> step(step, child, into));
      }
      case Filter filter ->
          children(value).stream().filter(item -> holds(filter, item)).forEach(into::add);
    }
  }

  private static Collection<?> children(Object value) {
    return switch (value) {
      case Map<?, ?> map -> map.values();
      case List<?> list -> list;
      case null, default -> List.of();
    };
  }

  private static void items(List<Integer> numbers, List<?> list, List<Object> into) {
    for (int number : numbers) {
      int place = number < 0 ? list.size() + number : number;
      if (place >= 0 && place < list.size()) {
        into.add(list.get(place));
      }
    }
  }

  private static int place(int number, int size) {
    return Math.clamp(number < 0 ? size + number : number, 0, size);
  }

  private static boolean holds(Filter filter, Object item) {
    List<Object> left = filter.left().of(item);
    if (filter.operator().isEmpty()) {
      return !left.isEmpty();
    }
    List<Object> right = filter.right().of(item);
    if (left.isEmpty() || right.isEmpty()) {
      return false;
    }
    Object a = left.getFirst();
    Object b = right.getFirst();
    boolean numbers = a instanceof Number && b instanceof Number;
    if (!numbers && filter.operator().equals("==")) {
      return Objects.equals(a, b);
    }
    if (!numbers && filter.operator().equals("!=")) {
      return !Objects.equals(a, b);
    }
    if (!numbers && !(a instanceof String && b instanceof String)) {
      return false;
    }
    int order =
        numbers
            ? Double.compare(((Number) a).doubleValue(), ((Number) b).doubleValue())
            : ((String) a).compareTo((String) b);
    return switch (filter.operator()) {
      case "==" -> order == 0;
      case "!=" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }
}
