package dev.manul.datastore;

import dev.manul.model.IntSequence;
import dev.manul.model.OrdinalNumbers;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes plain trees as YAML in block style, two spaces a level; sequences of ints and what is
 * empty in flow style. Text is quoted only where it would be read as something else.
 */
final class YamlWriter {
  /** Characters that may stand anywhere but at the start of text without quotes. */
  private static final boolean[] INNER = new boolean[128];

  static {
    for (char c = 0; c < INNER.length; c++) {
      INNER[c] = isFirst(c) || ".-()+".indexOf(c) >= 0;
    }
  }

  private final StringBuilder out;

  YamlWriter(StringBuilder out) {
    this.out = out;
  }

  /** Writes a document's map; every line ends with a line feed. */
  void document(Map<String, ?> map) {
    map(map, 0, false);
  }

  /** {@code midLine}: the first field goes behind what is already on the line. */
  private void map(Map<?, ?> map, int indent, boolean midLine) {
    boolean first = midLine;
    for (Map.Entry<?, ?> field : map.entrySet()) {
      if (!first) {
        indent(indent);
      }
      first = false;
      scalar((String) field.getKey());
      out.append(':');
      value(field.getValue(), indent);
    }
  }

  private void value(Object value, int indent) {
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        out.append('\n');
        map(map, indent + 2, false);
      }
      case List<?> items when !items.isEmpty() -> {
        out.append('\n');
        items(items, indent);
      }
      case OrdinalNumbers numbers when !numbers.isEmpty() -> {
        out.append('\n');
        for (int i = 0; i < numbers.size(); i++) {
          indent(indent + 2);
          out.append('"').append(numbers.ordinalAt(i)).append("\": ");
          out.append(numbers.numberAt(i)).append('\n');
        }
      }
      case null, default -> {
        out.append(' ');
        leaf(value);
        out.append('\n');
      }
    }
  }

  private void items(List<?> items, int indent) {
    for (Object item : items) {
      indent(indent);
      out.append('-');
      switch (item) {
        case Map<?, ?> map when !map.isEmpty() -> {
          out.append(' ');
          map(map, indent + 2, true);
        }
        case List<?> inner when !inner.isEmpty() -> {
          out.append('\n');
          items(inner, indent + 2);
        }
        case null, default -> {
          out.append(' ');
          leaf(item);
          out.append('\n');
        }
      }
    }
  }

  private void leaf(Object value) {
    switch (value) {
      case null -> out.append("null");
      case String text -> scalar(text);
      case Map<?, ?> map -> out.append("{}");
      case List<?> items -> out.append("[]");
      case OrdinalNumbers numbers -> out.append("{}");
      case IntSequence sequence -> sequence(out, sequence);
      default -> out.append(value);
    }
  }

  /** {@code [0, null, 7]}, which is JSON as well. */
  static void sequence(StringBuilder out, IntSequence sequence) {
    out.append('[');
    for (int i = 0; i < sequence.size(); i++) {
      if (i > 0) {
        out.append(", ");
      }
      int element = sequence.get(i);
      if (element == IntSequence.NONE) {
        out.append("null");
      } else {
        out.append(element);
      }
    }
    out.append(']');
  }

  private void scalar(String text) {
    if (isPlain(text)) {
      out.append(text);
    } else if (isPrintable(text) && text.indexOf('\'') < 0) {
      out.append('\'').append(text).append('\'');
    } else {
      JsonWriter.string(out, text);
    }
  }

  private static boolean isPlain(String text) {
    if (text.isEmpty() || !isFirst(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= INNER.length || !INNER[c]) {
        boolean colonWithin = c == ':' && i + 1 < text.length() && text.charAt(i + 1) != ' ';
        if (!colonWithin && !isSpaceWithin(text, i)) {
          return false;
        }
      }
    }
    return (text.charAt(0) > '9' || isIpv4(text))
        && PlainScalar.value(text) instanceof String
        && !text.equalsIgnoreCase("y")
        && !text.equalsIgnoreCase("n");
  }

  private static boolean isFirst(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '/';
  }

  /**
   * An IPv4 address or prefix: the only text that begins with a digit and is no number, time or the
   * like to any reader of YAML.
   */
  private static boolean isIpv4(String text) {
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      dots += c == '.' ? 1 : 0;
      if (c != '.' && c != '/' && (c < '0' || c > '9')) {
        return false;
      }
    }
    return dots == 3;
  }

  private static boolean isSpaceWithin(String text, int at) {
    return text.charAt(at) == ' '
        && at + 1 < text.length()
        && text.charAt(at + 1) != ' '
        && text.charAt(at + 1) != '#';
  }

  private static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  private void indent(int indent) {
    out.repeat(' ', indent);
  }

  /** Documents one after another, with {@code ---} between them. */
  static String documents(Iterator<Map<String, Object>> documents) {
    StringBuilder out = new StringBuilder(512);
    while (documents.hasNext()) {
      new YamlWriter(out).document(documents.next());
      if (documents.hasNext()) {
        out.append("---\n");
      }
    }
    return out.toString();
  }
}
