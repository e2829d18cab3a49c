package dev.manul.bgp.daemon;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A JSON object in the making: fields in order, and none for what there is nothing of. */
final class JsonObject {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  /** A value that is always there. Values are what Jackson writes as they are. */
  JsonObject put(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  /** A value's text; left out when there is no value or no text. */
  JsonObject put(String name, Optional<?> value) {
    value
        .map(Object::toString)
        .filter(text -> !text.isEmpty())
        .ifPresent(text -> fields.put(name, text));
    return this;
  }

  JsonObject put(String name, OptionalLong value) {
    value.ifPresent(number -> fields.put(name, number));
    return this;
  }

  JsonObject put(String name, OptionalInt value) {
    value.ifPresent(number -> fields.put(name, number));
    return this;
  }

  /** A list of texts; left out when it is empty. */
  JsonObject texts(String name, Collection<?> values) {
    return list(name, values.stream().map(Object::toString).toList());
  }

  /** A list; left out when it is empty. */
  JsonObject list(String name, Collection<?> values) {
    if (!values.isEmpty()) {
      fields.put(name, values);
    }
    return this;
  }

  Map<String, Object> fields() {
    return fields;
  }
}
