package dev.manul.datastore.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.manul.model.IntSequence;
import dev.manul.model.OrdinalNumbers;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The API's JSON as plain trees. {@code managedFields}, often the larger part of an object, are
 * passed over while reading, and lists are read object by object.
 */
final class ApiJson {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  private ApiJson() {}

  /**
   * Reads one object.
   *
   * @throws IOException when the bytes are no JSON object
   */
  static Map<String, Object> read(byte[] bytes, int offset, int length) throws IOException {
    try (JsonParser parser = FACTORY.createParser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      return object(parser);
    }
  }

  /**
   * Reads a list.
   *
   * @param item is given each object of it
   * @return the list's own metadata
   */
  static Map<String, Object> readList(byte[] bytes, Consumer<Map<String, Object>> item)
      throws IOException {
    Map<String, Object> metadata = Map.of();
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (name.equals("items") && token == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            item.accept(object(parser));
          }
        } else if (name.equals("metadata") && token == JsonToken.START_OBJECT) {
          metadata = object(parser);
        } else {
          parser.skipChildren();
        }
      }
    }
    return metadata;
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("managedFields")) {
        parser.skipChildren();
      } else {
        fields.put(name, value(parser));
      }
    }
    return fields;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT, LONG -> parser.getLongValue();
            default -> parser.getDoubleValue();
          };
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> throw new IOException("unexpected end of JSON");
    };
  }

  /** A tree, a map or a list, on one line. */
  static String write(Object tree) {
    StringWriter out = new StringWriter(512);
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      write(generator, tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string can always be written
    }
    return out.toString();
  }

  private static void write(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (Map.Entry<?, ?> field : map.entrySet()) {
          out.writeFieldName((String) field.getKey());
          write(out, field.getValue());
        }
        out.writeEndObject();
      }
      case List<?> items -> {
        out.writeStartArray();
        for (Object item : items) {
          write(out, item);
        }
        out.writeEndArray();
      }
      case IntSequence sequence -> {
        out.writeStartArray();
        for (int i = 0; i < sequence.size(); i++) {
          if (sequence.get(i) == IntSequence.NONE) {
            out.writeNull();
          } else {
            out.writeNumber(sequence.get(i));
          }
        }
        out.writeEndArray();
      }
      case OrdinalNumbers numbers -> {
        out.writeStartObject();
        for (int i = 0; i < numbers.size(); i++) {
          out.writeFieldName(Integer.toString(numbers.ordinalAt(i)));
          out.writeNumber(numbers.numberAt(i));
        }
        out.writeEndObject();
      }
      case String text -> out.writeString(text);
      case Boolean truth -> out.writeBoolean(truth);
      case Long number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }
}
