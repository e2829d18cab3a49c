package dev.manul.model;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What stands in a record for a field that a document leaves out. */
final class Absent {
  private Absent() {}

  static String text(String value) {
    return value == null ? "" : value;
  }

  static <T> T or(T value, T otherwise) {
    return value == null ? otherwise : value;
  }

  @SuppressWarnings("OptionalAssignedToNull") // a document's missing field arrives as null
  static <T> Optional<T> optional(Optional<T> value) {
    return value == null ? Optional.empty() : value;
  }

  static <T> List<T> list(List<T> value) {
    return value == null ? List.of() : List.copyOf(value);
  }

  /** A copy in the order of its keys, so that what is written does not change by chance. */
  static <V> Map<String, V> map(Map<String, V> value) {
    return value == null || value.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new TreeMap<>(value));
  }
}
