package dev.manul.cni;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * JSON as trees, read field by field: what is known must have the right type, what is unknown is
 * left alone, so that a newer runtime can say more.
 */
final class Json {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonParser.Feature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private Json() {}

  /** A value of the wrong type; the message names the field. */
  static final class WrongFieldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongFieldException(String field, JsonNode found, String wanted) {
      super("field " + field + " is " + shown(found) + "; wanted " + wanted);
    }

    private static String shown(JsonNode found) {
      String text = found.toString();
      return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
  }

  /**
   * Reads an object.
   *
   * @throws IOException when it is not JSON, or not an object; the message is one line
   */
  static ObjectNode object(String text) throws IOException {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new IOException(
          e.getOriginalMessage().replaceFirst("(?s) \\(start marker.*", "") + place, e);
    }
    if (tree instanceof ObjectNode object) {
      return object;
    }
    throw new IOException("an object is wanted, not " + tree.getNodeType().name());
  }

  /** Reads a list of texts, such as an annotation's value. */
  static List<String> texts(String json) throws IOException {
    try {
      ObjectNode wrapped = newObject();
      wrapped.set("value", MAPPER.readTree(json));
      return texts(wrapped, "value");
    } catch (JsonProcessingException | WrongFieldException e) {
      throw new IOException("a JSON list of texts is wanted", e);
    }
  }

  static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  static String text(JsonNode tree) {
    try {
      return MAPPER.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Optional<JsonNode> field(JsonNode object, String name) {
    JsonNode found = object.get(name);
    return found == null || found.isNull() ? Optional.empty() : Optional.of(found);
  }

  static String text(JsonNode object, String name) {
    JsonNode found = field(object, name).orElse(null);
    if (found == null) {
      return "";
    }
    if (!found.isTextual()) {
      throw new WrongFieldException(name, found, "text");
    }
    return found.textValue();
  }

  static int integer(JsonNode object, String name, int otherwise) {
    JsonNode found = field(object, name).orElse(null);
    if (found == null) {
      return otherwise;
    }
    if (!found.canConvertToInt() || !found.isIntegralNumber()) {
      throw new WrongFieldException(name, found, "a whole number");
    }
    return found.intValue();
  }

  /** A truth value, which Calico's configurations also write as a text. */
  static Optional<Boolean> truth(JsonNode object, String name) {
    JsonNode found = field(object, name).orElse(null);
    if (found == null) {
      return Optional.empty();
    }
    return switch (found.asText()) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> throw new WrongFieldException(name, found, "true or false");
    };
  }

  static List<String> texts(JsonNode object, String name) {
    JsonNode found = field(object, name).orElse(null);
    if (found == null) {
      return List.of();
    }
    if (!found.isArray()) {
      throw new WrongFieldException(name, found, "a list of texts");
    }
    List<String> values = new ArrayList<>(found.size());
    for (JsonNode value : found) {
      if (!value.isTextual()) {
        throw new WrongFieldException(name, found, "a list of texts");
      }
      values.add(value.textValue());
    }
    return values;
  }

  static List<ObjectNode> objects(JsonNode object, String name) {
    JsonNode found = field(object, name).orElse(null);
    if (found == null) {
      return List.of();
    }
    List<ObjectNode> values = new ArrayList<>(found.size());
    for (JsonNode value : found) {
      if (value instanceof ObjectNode item) {
        values.add(item);
      } else {
        throw new WrongFieldException(name, found, "a list of objects");
      }
    }
    if (!found.isArray()) {
      throw new WrongFieldException(name, found, "a list of objects");
    }
    return values;
  }

  /** An object, or an empty one. */
  static ObjectNode object(JsonNode object, String name) {
    JsonNode found = field(object, name).orElse(null);
    if (found == null) {
      return newObject();
    }
    if (found instanceof ObjectNode value) {
      return value;
    }
    throw new WrongFieldException(name, found, "an object");
  }
}
