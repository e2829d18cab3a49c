package dev.manul.datastore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the plain YAML that resources are nearly always written in, many times as fast as a full
 * parser: one document, block maps and lists, scalars on one line, short lists in brackets.
 *
 * <p>It knows what it does not know: whatever is not of that form, errors among it, is left to
 * {@link YamlReader}, with which it otherwise agrees.
 */
final class PlainYaml {

  private static final int MAX_DEPTH = 50;

  /** The full parser takes no longer keys in one line. */
  private static final int MAX_KEY = 128;

  /** Thrown to leave the text to the full parser; never leaves this class. */
  private static final class NotPlain extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotPlain() {
      super("not plain", null, false, false);
    }
  }

  private final String text;

  /** Of the current line: where its content begins and ends, and how far that is indented. */
  private int start;

  private int end;
  private int indent;

  private PlainYaml(String text) {
    this.text = text;
  }

  /** The document's tree; empty when the text is not plain. */
  static Optional<Map<String, Object>> read(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\n') || c > '~') {
        return Optional.empty();
      }
    }
    try {
      PlainYaml reader = new PlainYaml(text);
      reader.end = -1;
      reader.nextLine();
      if (reader.indent != 0) {
        return Optional.empty();
      }
      Map<String, Object> map = reader.map(0, 0);
      return reader.indent < 0 ? Optional.of(map) : Optional.empty();
    } catch (NotPlain e) {
      return Optional.empty();
    }
  }

  /** Goes to the next line that says something; its indent is -1 at the end of the text. */
  private void nextLine() {
    while (true) {
      int lineStart = end + 1;
      if (lineStart >= text.length()) {
        indent = -1;
        return;
      }
      end = text.indexOf('\n', lineStart);
      if (end < 0) {
        end = text.length();
      }
      start = lineStart;
      while (start < end && text.charAt(start) == ' ') {
        start++;
      }
      if (start < end && text.charAt(start) != '#') {
        indent = start - lineStart;
        if (text.charAt(end - 1) == ' ') {
          throw new NotPlain();
        }
        return;
      }
    }
  }

  private Map<String, Object> map(int column, int depth) {
    if (depth > MAX_DEPTH) {
      throw new NotPlain();
    }
    Map<String, Object> map = new LinkedHashMap<>();
    while (indent == column) {
      int colon = endOfKey();
      if (colon < 0) {
        throw new NotPlain();
      }
      char quote = text.charAt(start);
      boolean quoted = quote == '"' || quote == '\'';
      String key = quoted ? text.substring(start + 1, colon - 1) : text.substring(start, colon);
      if (map.containsKey(key)) {
        throw new NotPlain();
      }
      map.put(key, valueOf(colon + 1, column, depth));
    }
    if (indent > column) {
      throw new NotPlain();
    }
    return map;
  }

  /** What follows a key's colon, on its line or below; ends on the line after it. */
  private Object valueOf(int from, int column, int depth) {
    if (from < end) {
      int at = from;
      while (text.charAt(at) == ' ') {
        at++;
      }
      Object value = inline(at);
      nextLine();
      return value;
    }
    nextLine();
    if (indent > column) {
      return isItem() ? list(indent, depth + 1) : map(indent, depth + 1);
    }
    return indent == column && isItem() ? list(column, depth + 1) : null;
  }

  private List<Object> list(int column, int depth) {
    if (depth > MAX_DEPTH) {
      throw new NotPlain();
    }
    List<Object> items = new ArrayList<>();
    while (indent == column && isItem()) {
      if (start + 2 >= end || text.charAt(start + 2) == ' ') {
        throw new NotPlain();
      }
      start += 2;
      if (endOfKey() >= 0) {
        indent = column + 2; // the item's map begins behind the dash
        items.add(map(indent, depth + 1));
      } else {
        items.add(inline(start));
        nextLine();
      }
    }
    if (indent > column) {
      throw new NotPlain();
    }
    return items;
  }

  private boolean isItem() {
    return text.charAt(start) == '-' && (start + 1 == end || text.charAt(start + 1) == ' ');
  }

  /** Where the colon of the key is that the line begins with; -1 when it begins with none. */
  private int endOfKey() {
    int at = start;
    char first = text.charAt(at);
    if (first == '"' || first == '\'') {
      at = text.indexOf(first, at + 1) + 1;
      if (at <= 0 || at >= end || text.substring(start, at).indexOf('\\') >= 0) {
        return -1;
      }
    } else {
      while (at < end && isWordCharacter(text.charAt(at)) && (at > start || first != '-')) {
        at++;
      }
    }
    boolean key =
        at > start
            && at - start <= MAX_KEY
            && at < end
            && text.charAt(at) == ':'
            && (at + 1 == end || text.charAt(at + 1) == ' ');
    return key ? at : -1;
  }

  private Object inline(int from) {
    char first = text.charAt(from);
    return switch (first) {
      case '"', '\'' -> quoted(from, first);
      case '[' -> bracketed(from);
      case '{' -> {
        if (end - from != 2 || text.charAt(from + 1) != '}') {
          throw new NotPlain();
        }
        yield new LinkedHashMap<>();
      }
      default -> plain(from, first);
    };
  }

  private String quoted(int from, char quote) {
    int close = text.indexOf(quote, from + 1);
    String content = close == end - 1 && close > from ? text.substring(from + 1, close) : null;
    if (content == null || (quote == '"' && content.indexOf('\\') >= 0)) {
      throw new NotPlain();
    }
    return content;
  }

  private Object plain(int from, char first) {
    boolean negative =
        first == '-'
            && from + 1 < end
            && text.charAt(from + 1) >= '0'
            && text.charAt(from + 1) <= '9';
    if ((!isWordCharacter(first) || first == '-') && !negative) {
      throw new NotPlain();
    }
    for (int i = from; i < end; i++) {
      char c = text.charAt(i);
      boolean colon = c == ':' && (i + 1 == end || text.charAt(i + 1) == ' ');
      if (colon || (c == '#' && text.charAt(i - 1) == ' ')) {
        throw new NotPlain();
      }
    }
    return PlainScalar.value(text.substring(from, end));
  }

  private List<Object> bracketed(int from) {
    List<Object> items = new ArrayList<>();
    if (text.charAt(end - 1) != ']') {
      throw new NotPlain();
    }
    int at = from + 1;
    if (at == end - 1) {
      return items;
    }
    while (true) {
      int word = at;
      while (isWordCharacter(text.charAt(at))) {
        at++;
      }
      if (at == word || text.charAt(word) == '-') {
        throw new NotPlain();
      }
      items.add(PlainScalar.value(text.substring(word, at)));
      if (at == end - 1) {
        return items;
      }
      if (text.charAt(at) != ',' || text.charAt(at + 1) != ' ') {
        throw new NotPlain();
      }
      at += 2;
    }
  }

  private static boolean isWordCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '.'
        || c == '/'
        || c == '-';
  }
}
