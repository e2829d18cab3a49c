package dev.manul.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON Patch (RFC 6902) with JSON Pointers (RFC 6901), on plain trees. */
final class JsonPatch {
  private static final String OPERATIONS = "add, remove, replace, move, copy, test";

  private JsonPatch() {}

  /**
   * The document with all operations applied; the given one stays as it is.
   *
   * @throws IllegalArgumentException when the patch is malformed or an operation cannot be applied;
   *     the message names the operation by its place in the list, counted from 1
   */
  static Object apply(Object document, Object patch) {
    if (!(patch instanceof List<?> operations)) {
      throw new IllegalArgumentException("a JSON patch must be a list of operations");
    }
    Object current = copy(document);
    int number = 0;
    for (Object operation : operations) {
      number++;
      try {
        current = operate(current, operation);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("operation " + number + ": " + e.getMessage(), e);
      }
    }
    return current;
  }

  private static Object operate(Object document, Object operation) {
    if (!(operation instanceof Map<?, ?> fields)) {
      throw new IllegalArgumentException("it must be an object with the field 'op'");
    }
    String op = text(fields, "op");
    List<String> path = pointer(text(fields, "path"));
    return switch (op) {
      case "add" -> add(document, path, value(fields));
      case "remove" -> remove(document, path);
      case "replace" -> replace(document, path, value(fields));
      case "move" -> {
        List<String> from = pointer(text(fields, "from"));
        if (path.size() > from.size() && path.subList(0, from.size()).equals(from)) {
          throw new IllegalArgumentException("cannot move a value into itself");
        }
        Object moved = find(document, from);
        yield path.equals(from) ? document : add(remove(document, from), path, moved);
      }
      case "copy" -> add(document, path, copy(find(document, pointer(text(fields, "from")))));
      case "test" -> {
        if (!same(find(document, path), value(fields))) {
          throw new IllegalArgumentException("test of '" + text(fields, "path") + "' failed");
        }
        yield document;
      }
      default ->
          throw new IllegalArgumentException(
              "op '" + op + "' is not known; it must be one of " + OPERATIONS);
    };
  }

  /** RFC 6902 section 4.6: numbers are equal when their values are, objects in any order. */
  private static boolean same(Object left, Object right) {
    return switch (left) {
      case Number a when right instanceof Number b ->
          new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
      case Map<?, ?> a when right instanceof Map<?, ?> b ->
          a.size() == b.size()
              && a.entrySet().stream()
                  .allMatch(
                      field ->
                          b.containsKey(field.getKey())
                              && same(field.getValue(), b.get(field.getKey())));
      case List<?> a when right instanceof List<?> b -> {
        boolean same = a.size() == b.size();
        Iterator<?> others = b.iterator();
        for (Iterator<?> own = a.iterator(); same && own.hasNext(); ) {
          same = same(own.next(), others.next());
        }
        yield same;
      }
      case null -> right == null;
      default -> left.equals(right);
    };
  }

  private static Object add(Object document, List<String> path, Object value) {
    if (path.isEmpty()) {
      return value;
    }
    String last = path.getLast();
    switch (parent(document, path)) {
      case Map<?, ?> object -> mutable(object).put(last, value);
      case List<?> list ->
          mutable(list).add(last.equals("-") ? list.size() : index(last, list.size() + 1), value);
      default -> throw missing(path);
    }
    return document;
  }

  private static Object replace(Object document, List<String> path, Object value) {
    find(document, path);
    if (path.isEmpty()) {
      return value;
    }
    String last = path.getLast();
    switch (parent(document, path)) {
      case Map<?, ?> object -> mutable(object).put(last, value);
      case List<?> list -> mutable(list).set(index(last, list.size()), value);
      default -> throw missing(path);
    }
    return document;
  }

  private static Object remove(Object document, List<String> path) {
    find(document, path);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("cannot remove the whole document");
    }
    String last = path.getLast();
    switch (parent(document, path)) {
      case Map<?, ?> object -> object.remove(last);
      case List<?> list -> list.remove(index(last, list.size()));
      default -> throw missing(path);
    }
    return document;
  }

  private static Object parent(Object document, List<String> path) {
    Object parent = find(document, path.subList(0, path.size() - 1));
    return parent == null ? "" : parent;
  }

  private static Object find(Object document, List<String> path) {
    Object current = document;
    for (String step : path) {
      current =
          switch (current) {
            case Map<?, ?> object when object.containsKey(step) -> object.get(step);
            case List<?> list -> list.get(index(step, list.size()));
            case null, default -> throw missing(path);
          };
    }
    return current;
  }

  /** Maps and lists anew, all the way down; they are what operations change. */
  private static Object copy(Object tree) {
    return switch (tree) {
      case Map<?, ?> object -> {
        Map<Object, Object> copied = new LinkedHashMap<>();
        object.forEach((name, value) -> copied.put(name, copy(value)));
        yield copied;
      }
      case List<?> list -> {
        List<Object> copied = new ArrayList<>(list.size());
        list.forEach(item -> copied.add(copy(item)));
        yield copied;
      }
      case null -> null;
      default -> tree;
    };
  }

  @SuppressWarnings("unchecked") // made by copy
  private static Map<Object, Object> mutable(Map<?, ?> object) {
    return (Map<Object, Object>) object;
  }

  @SuppressWarnings("unchecked") // made by copy
  private static List<Object> mutable(List<?> list) {
    return (List<Object>) list;
  }

  private static IllegalArgumentException missing(List<String> path) {
    return new IllegalArgumentException("there is no '/" + String.join("/", path) + "'");
  }

  /** RFC 6901 section 4: no sign and no leading zero. */
  private static int index(String step, int size) {
    if (step.matches("0|[1-9][0-9]{0,8}") && Integer.parseInt(step) < size) {
      return Integer.parseInt(step);
    }
    throw new IllegalArgumentException("'" + step + "' is not a place in a list of this length");
  }

  private static List<String> pointer(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("path '" + text + "' must begin with '/'");
    }
    List<String> steps = new ArrayList<>();
    for (String step : text.substring(1).split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return steps;
  }

  private static String text(Map<?, ?> operation, String field) {
    if (operation.get(field) instanceof String text) {
      return text;
    }
    throw new IllegalArgumentException("'" + field + "' is missing");
  }

  private static Object value(Map<?, ?> operation) {
    if (!operation.containsKey("value")) {
      throw new IllegalArgumentException("'value' is missing");
    }
    return copy(operation.get("value"));
  }
}
