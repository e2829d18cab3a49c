package dev.manul.deploy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.manul.model.Address;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IntOrString;
import dev.manul.model.IntSequence;
import dev.manul.model.Metadata;
import dev.manul.model.OrdinalNumbers;
import dev.manul.model.Prefix;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Structural schemas (Kubernetes' {@code openAPIV3Schema}) of records, by their components. */
final class Schemas {

  /** What Go's {@code time.ParseDuration} reads, without a sign. */
  private static final String DURATION = "^(0|([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$";

  private static final String PRESERVE = "x-kubernetes-preserve-unknown-fields";

  private final RecordComments comments;
  private final boolean expressions;
  private final KindFacts facts;

  private Schemas(KindFacts facts, RecordComments comments, boolean expressions) {
    this.facts = facts;
    this.comments = comments;
    this.expressions = expressions;
  }

  /**
   * The schema of a kind.
   *
   * @param expressions whether rules in CEL are written, which servers before 1.25 and their
   *     clients do not know
   */
  static Map<String, Object> of(KindFacts facts, RecordComments comments, boolean expressions) {
    return new Schemas(facts, comments, expressions).resource();
  }

  private Map<String, Object> resource() {
    Class<?> type = facts.kind().type();
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put(
        "apiVersion",
        scalar("string", "The API group and version: " + facts.kind().apiVersion() + "."));
    properties.put("kind", scalar("string", "The kind: " + facts.kind().name() + "."));
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType() == Metadata.class) {
        properties.put("metadata", new LinkedHashMap<>(Map.of("type", "object")));
      } else {
        properties.put(component.getName(), record(component.getType(), component.getName()));
      }
      if (facts.field(component.getName()).required()) {
        required.add(component.getName());
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    comments.of(type).ifPresent(text -> schema.put("description", text));
    schema.put("type", "object");
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required); // servers leave an empty list away, and see a change
    }
    rules(schema, facts.field(""));
    return schema;
  }

  private static Map<String, Object> scalar(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("description", description);
    schema.put("type", type);
    return schema;
  }

  private Map<String, Object> record(Class<?> type, String path) {
    Map<String, Object> schema = new LinkedHashMap<>();
    comments.of(type).ifPresent(text -> schema.put("description", text));
    schema.put("type", "object");
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    Object absent = null;
    for (RecordComponent component : type.getRecordComponents()) {
      if (isFurther(component)) {
        // in rules they only keep what a server of other definitions has stored
        if (type == FelixConfiguration.Spec.class) {
          schema.put(PRESERVE, true);
        }
        continue;
      }
      JsonProperty renamed = component.getAccessor().getAnnotation(JsonProperty.class);
      String name = renamed == null ? component.getName() : renamed.value();
      String place = path + "." + name;
      Map<String, Object> field = new LinkedHashMap<>();
      description(type, component).ifPresent(text -> field.put("description", text));
      value(component.getGenericType(), place).forEach(field::putIfAbsent);
      FieldFacts said = facts.field(place);
      if (said.defaulted()) {
        absent = absent == null ? AbsentRecords.make(type) : absent;
        field.put("default", AbsentRecords.tree(component, absent));
      }
      if (said.required()) {
        required.add(name);
      }
      properties.put(name, field);
    }
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    rules(schema, facts.field(path));
    return schema;
  }

  /** What is said of the component and, if it is an enum, of each value. */
  private Optional<String> description(Class<?> type, RecordComponent component) {
    Optional<String> said = comments.of(type, component.getName());
    if (said.isEmpty() || !component.getType().isEnum()) {
      return said;
    }
    StringBuilder text = new StringBuilder(said.get());
    for (Object constant : component.getType().getEnumConstants()) {
      comments
          .of(component.getType(), ((Enum<?>) constant).name())
          .ifPresent(
              meaning ->
                  text.append(' ')
                      .append(meaning.startsWith(constant.toString()) ? "" : constant + ": ")
                      .append(meaning));
    }
    return Optional.of(text.toString());
  }

  /** The component whose entries stand beside the others, whatever they are called. */
  private static boolean isFurther(RecordComponent component) {
    return component.getName().equals("further")
        && component.getGenericType() instanceof ParameterizedType map
        && map.getActualTypeArguments()[1] == Object.class;
  }

  private Map<String, Object> value(Type type, String path) {
    if (type instanceof ParameterizedType parameterized) {
      return container(parameterized, path);
    }
    Class<?> raw = (Class<?>) type;
    if (raw.isRecord() && raw != Prefix.class && raw != IntOrString.class) {
      return record(raw, path);
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    FieldFacts said = facts.field(path);
    if (raw == IntSequence.class) {
      schema.put("type", "array");
      // A list of ordinals has null for what is free.
      schema.put("items", integer("int32", path.endsWith(".allocations")));
    } else if (raw == OrdinalNumbers.class) {
      schema.put("type", "object");
      schema.put("additionalProperties", integer("int64", false));
    } else {
      leaf(raw, schema, said);
    }
    rules(schema, said);
    return schema;
  }

  private static void leaf(Class<?> raw, Map<String, Object> schema, FieldFacts said) {
    if (raw == boolean.class || raw == Boolean.class) {
      schema.put("type", "boolean");
    } else if (raw == Double.class) {
      schema.put("type", "number");
    } else if (raw == IntOrString.class) {
      schema.put("anyOf", List.of(Map.of("type", "integer"), Map.of("type", "string")));
      schema.put("x-kubernetes-int-or-string", true);
    } else if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
      boolean small = raw == int.class || raw == Integer.class;
      schema.putAll(integer(small ? "int32" : "int64", false));
      said.least().ifPresent(least -> schema.put("minimum", least));
      said.most().ifPresent(most -> schema.put("maximum", most));
    } else {
      text(raw, schema, said);
    }
  }

  private static void text(Class<?> raw, Map<String, Object> schema, FieldFacts said) {
    schema.put("type", "string");
    String format = said.format().orElse(raw == Prefix.class ? "cidr" : "");
    if (!format.isEmpty()) {
      schema.put("format", format);
    }
    if (raw == Duration.class) {
      schema.put("pattern", DURATION);
    }
    if (raw.isEnum()) {
      schema.put("enum", Arrays.stream(raw.getEnumConstants()).map(Object::toString).toList());
    } else if (!said.values().isEmpty()) {
      schema.put("enum", said.values());
    } else if (raw != String.class
        && raw != Prefix.class
        && raw != Duration.class
        && raw != Address.class) {
      throw new IllegalStateException("no schema for " + raw);
    }
    said.pattern().ifPresent(pattern -> schema.put("pattern", pattern));
    said.maxLength().ifPresent(length -> schema.put("maxLength", length));
  }

  private static Map<String, Object> integer(String format, boolean nullable) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "integer");
    schema.put("format", format);
    if (nullable) {
      schema.put("nullable", true);
    }
    return schema;
  }

  private Map<String, Object> container(ParameterizedType type, String path) {
    Type[] arguments = type.getActualTypeArguments();
    if (type.getRawType() == Optional.class) {
      return value(arguments[0], path);
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    if (type.getRawType() == List.class) {
      schema.put("type", "array");
      schema.put("items", value(arguments[0], path + "[]"));
      facts.field(path).maxItems().ifPresent(count -> schema.put("maxItems", count));
    } else {
      schema.put("type", "object");
      if (arguments[1] == Object.class) {
        schema.put(PRESERVE, true); // kept as found
      } else {
        schema.put("additionalProperties", value(arguments[1], path + "{}"));
      }
    }
    return schema;
  }

  private void rules(Map<String, Object> schema, FieldFacts said) {
    if (!expressions || said.rules().isEmpty()) {
      return;
    }
    List<Object> written = new ArrayList<>();
    for (FieldFacts.Rule rule : said.rules()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("rule", rule.expression());
      entry.put("message", rule.message());
      written.add(entry);
    }
    schema.put("x-kubernetes-validations", written);
  }
}
