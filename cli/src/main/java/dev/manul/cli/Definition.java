package dev.manul.cli;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A field, or a whole kind, as the kind's custom resource definition describes it in OpenAPI's
 * terms. The definitions are the ones that clusters are given, packed with the program.
 */
final class Definition {
  private final Map<?, ?> schema;

  private Definition(Map<?, ?> schema) {
    this.schema = schema;
  }

  /**
   * The definition of a kind.
   *
   * @throws CommandFailure when the kind is one of Kubernetes' own
   */
  static Definition of(Kind<?> kind) {
    String file = "definitions/" + kind.plural() + ".yaml";
    try (InputStream in =
        kind.isOwn() ? Definition.class.getResourceAsStream(file) : InputStream.nullInputStream()) {
      String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (text.isEmpty()) {
        throw CommandFailure.usage(
            kind + " is not explained: it is one of Kubernetes' own kinds, or kept in one");
      }
      Object definition = ResourceText.parseTrees(text, file).getFirst();
      Object versions = map(map(definition).get("spec")).get("versions");
      Object schema = map(((List<?>) versions).getFirst()).get("schema");
      return new Definition(map(map(schema).get("openAPIV3Schema")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What stands in it by name; of a list, what stands in each item. */
  Map<String, Definition> fields() {
    Map<String, Definition> fields = new LinkedHashMap<>();
    map(inner().get("properties"))
        .forEach((name, field) -> fields.put((String) name, new Definition(map(field))));
    return fields;
  }

  Optional<Definition> field(String name) {
    return Optional.ofNullable(fields().get(name));
  }

  boolean requires(String name) {
    return inner().get("required") instanceof List<?> names && names.contains(name);
  }

  /** Such as {@code string}, {@code []object} or {@code map of string}. */
  String type() {
    if (schema.get("items") instanceof Map<?, ?> items) {
      return "[]" + new Definition(items).type();
    }
    if (schema.get("additionalProperties") instanceof Map<?, ?> values) {
      return "map of " + new Definition(values).type();
    }
    if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
      return "integer or string";
    }
    return schema.get("type") instanceof String type ? type : "any";
  }

  /** In words; of a list without any, its items' words. */
  String description() {
    return schema.get("description") instanceof String text
        ? text
        : inner().get("description") instanceof String text ? text : "";
  }

  /** What else is known: values, bounds and the default, a line each. */
  List<String> facts() {
    List<String> facts = new ArrayList<>();
    if (inner().get("enum") instanceof List<?> values) {
      facts.add("Allowed: " + joined(values));
    }
    Object least = inner().get("minimum");
    Object most = inner().get("maximum");
    if (least != null || most != null) {
      facts.add(
          "Allowed: "
              + (least == null
                  ? "up to " + most
                  : most == null ? "from " + least : least + " to " + most));
    }
    if (inner().get("pattern") instanceof String pattern) {
      facts.add("Pattern: " + pattern);
    }
    Object standard = schema.get("default");
    if (standard != null) {
      facts.add("Default: " + (standard instanceof List<?> values ? joined(values) : standard));
    }
    return facts;
  }

  private static String joined(List<?> values) {
    return String.join(", ", values.stream().map(String::valueOf).toList());
  }

  private Map<?, ?> inner() {
    return schema.get("items") instanceof Map<?, ?> items ? items : schema;
  }

  private static Map<?, ?> map(Object tree) {
    return tree instanceof Map<?, ?> map ? map : Map.of();
  }
}
