package dev.manul.cli;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes plain trees (maps, collections, texts, numbers, booleans and null) as indented JSON. */
final class Json {
  private final StringBuilder text = new StringBuilder();

  private Json() {}

  /** An object with fields in this order: name, value, name, value, … */
  static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }

  /** The tree as text, with a line end behind it. */
  static String text(Object tree) {
    Json json = new Json();
    json.value(tree, "\n");
    return json.text.append('\n').toString();
  }

  /** The tree as text on one line. */
  static String compact(Object tree) {
    Json json = new Json();
    json.value(tree, "");
    return json.text.toString();
  }

  private void value(Object value, String lineStart) {
    switch (value) {
      case null -> text.append("null");
      case Map<?, ?> map -> members('{', map.entrySet().iterator(), '}', lineStart);
      case Collection<?> list -> members('[', list.iterator(), ']', lineStart);
      case Map.Entry<?, ?> field -> {
        string(field.getKey().toString());
        text.append(lineStart.isEmpty() ? ":" : ": ");
        value(field.getValue(), lineStart);
      }
      case Number number -> text.append(number);
      case Boolean truth -> text.append(truth);
      default -> string(value.toString());
    }
  }

  private void members(char open, Iterator<?> members, char close, String lineStart) {
    text.append(open);
    String inner = lineStart.isEmpty() ? "" : lineStart + "  ";
    boolean any = members.hasNext();
    while (members.hasNext()) {
      text.append(inner);
      value(members.next(), inner);
      if (members.hasNext()) {
        text.append(',');
      }
    }
    text.append(any ? lineStart : "").append(close);
  }

  /** RFC 8259 section 7. */
  private void string(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        case '\r' -> text.append("\\r");
        default -> {
          if (c < ' ') {
            text.append(String.format("\\u%04x", (int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
