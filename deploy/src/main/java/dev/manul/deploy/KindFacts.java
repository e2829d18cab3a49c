package dev.manul.deploy;

import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of a kind beyond its record.
 *
 * @param kind the kind
 * @param shortNames what {@code kubectl get} takes for it besides plural and singular
 * @param columns what {@code kubectl get} shows, after the name
 * @param fields facts by the field's path, such as {@code spec.communities[].value}; "" is the
 *     resource itself
 */
record KindFacts(
    Kind<? extends Resource> kind,
    List<String> shortNames,
    List<Column> columns,
    Map<String, FieldFacts> fields) {

  /**
   * A column.
   *
   * @param name its head, as the kind's makers have it
   * @param type a JSON type, or {@code date}
   * @param path where the value is
   * @param wide whether only {@code -o wide} shows it
   */
  record Column(String name, String type, String path, boolean wide) {}

  FieldFacts field(String path) {
    return fields.getOrDefault(path, FieldFacts.NONE);
  }

  static Builder of(Kind<? extends Resource> kind, String... shortNames) {
    return new Builder(kind, List.of(shortNames));
  }

  /** Gathers a kind's facts in the order in which they are written. */
  static final class Builder {
    private final Kind<? extends Resource> kind;
    private final List<String> shortNames;
    private final List<Column> columns = new java.util.ArrayList<>();
    private final Map<String, FieldFacts> fields = new LinkedHashMap<>();

    private Builder(Kind<? extends Resource> kind, List<String> shortNames) {
      this.kind = kind;
      this.shortNames = shortNames;
    }

    Builder column(String name, String type, String path) {
      columns.add(new Column(name, type, path, false));
      return this;
    }

    Builder wide(String name, String type, String path) {
      columns.add(new Column(name, type, path, true));
      return this;
    }

    Builder field(String path, FieldFacts facts) {
      if (fields.put(path, facts) != null) {
        throw new IllegalArgumentException(kind + ": " + path + " occurs twice");
      }
      return this;
    }

    KindFacts build() {
      columns.add(new Column("Age", "date", ".metadata.creationTimestamp", false));
      return new KindFacts(
          kind, shortNames, List.copyOf(columns), java.util.Collections.unmodifiableMap(fields));
    }
  }
}
