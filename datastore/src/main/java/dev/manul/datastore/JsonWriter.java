package dev.manul.datastore;

import dev.manul.model.IntSequence;
import dev.manul.model.OrdinalNumbers;
import java.util.List;
import java.util.Map;

/** Writes plain trees as JSON, two spaces a level. */
final class JsonWriter {
  private static final String HEX = "0123456789abcdef";

  private final StringBuilder out;

  JsonWriter(StringBuilder out) {
    this.out = out;
  }

  /** Writes a value, without a line feed behind it. */
  void value(Object value, int indent) {
    switch (value) {
      case Map<?, ?> map -> map(map, indent);
      case List<?> items -> items(items, indent);
      case IntSequence sequence -> YamlWriter.sequence(out, sequence);
      case OrdinalNumbers numbers -> ordinals(numbers, indent);
      case String text -> string(out, text);
      case null, default -> out.append(value);
    }
  }

  private void map(Map<?, ?> map, int indent) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    char before = '{';
    for (Map.Entry<?, ?> field : map.entrySet()) {
      out.append(before).append('\n').repeat(' ', indent + 2);
      string(out, (String) field.getKey());
      out.append(": ");
      value(field.getValue(), indent + 2);
      before = ',';
    }
    out.append('\n').repeat(' ', indent).append('}');
  }

  private void items(List<?> items, int indent) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    char before = '[';
    for (Object item : items) {
      out.append(before).append('\n').repeat(' ', indent + 2);
      value(item, indent + 2);
      before = ',';
    }
    out.append('\n').repeat(' ', indent).append(']');
  }

  private void ordinals(OrdinalNumbers numbers, int indent) {
    if (numbers.isEmpty()) {
      out.append("{}");
      return;
    }
    for (int i = 0; i < numbers.size(); i++) {
      out.append(i == 0 ? '{' : ',').append('\n').repeat(' ', indent + 2);
      out.append('"').append(numbers.ordinalAt(i)).append("\": ").append(numbers.numberAt(i));
    }
    out.append('\n').repeat(' ', indent).append('}');
  }

  /** A string of JSON, which double-quoted YAML reads alike. */
  static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        default -> {
          if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff || c == 0x2028 || c == 0x2029) {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              out.append(HEX.charAt(c >> shift & 15));
            }
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
