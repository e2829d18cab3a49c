package dev.manul.datastore.kubernetes;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads fields of an object's tree; what is absent or of another type is empty. */
final class Fields {
  private Fields() {}

  /** The map at a path of field names. */
  @SuppressWarnings("unchecked") // trees have maps with text keys only
  static Map<String, Object> map(Map<String, Object> tree, String... path) {
    Map<String, Object> at = tree;
    for (String name : path) {
      if (!(at.get(name) instanceof Map<?, ?> inner)) {
        return Map.of();
      }
      at = (Map<String, Object>) inner;
    }
    return at;
  }

  /** The text of a field, or "". */
  static String text(Map<String, Object> tree, String name) {
    return tree.get(name) instanceof String text ? text : "";
  }

  static boolean truth(Map<String, Object> tree, String name) {
    return Boolean.TRUE.equals(tree.get(name));
  }

  /** The number of a field, or 0. */
  static int number(Map<String, Object> tree, String name) {
    return tree.get(name) instanceof Long number ? Math.toIntExact(number) : 0;
  }

  /** The maps in a list. */
  @SuppressWarnings("unchecked") // trees have maps with text keys only
  static List<Map<String, Object>> maps(Map<String, Object> tree, String name) {
    return tree.get(name) instanceof List<?> items
        ? items.stream()
            .filter(item -> item instanceof Map)
            .map(item -> (Map<String, Object>) item)
            .toList()
        : List.of();
  }

  /** The texts in a list. */
  static List<String> texts(Map<String, Object> tree, String name) {
    return tree.get(name) instanceof List<?> items
        ? items.stream().filter(item -> item instanceof String).map(item -> (String) item).toList()
        : List.of();
  }

  /** A map of text, such as labels, in the order of its keys. */
  static Map<String, String> textMap(Map<String, Object> tree, String... path) {
    TreeMap<String, String> made = new TreeMap<>();
    map(tree, path)
        .forEach(
            (name, value) -> {
              if (value instanceof String text) {
                made.put(name, text);
              }
            });
    return made;
  }

  static Map<String, Object> metadata(Map<String, Object> tree) {
    return map(tree, "metadata");
  }

  static String name(Map<String, Object> tree) {
    return text(metadata(tree), "name");
  }

  static String namespace(Map<String, Object> tree) {
    return text(metadata(tree), "namespace");
  }

  static String uid(Map<String, Object> tree) {
    return text(metadata(tree), "uid");
  }

  static String version(Map<String, Object> tree) {
    return text(metadata(tree), "resourceVersion");
  }
}
