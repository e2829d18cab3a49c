package dev.manul.cli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A text with paths in braces, as {@code kubectl -o jsonpath=} takes it: {@code {range
 * .items[*]}{.metadata.name}{"\n"}{end}}. A text without braces is one path.
 */
final class JsonPathTemplate {

  private sealed interface Part {}

  private record Text(String text) implements Part {}

  private record Value(JsonPath path) implements Part {}

  private record Range(JsonPath path, List<Part> parts) implements Part {}

  private final List<Part> parts;

  private JsonPathTemplate(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * Reads a template.
   *
   * @throws CommandFailure when a brace, a range or a path is wrong
   */
  static JsonPathTemplate read(String template) {
    List<Part> parts = new ArrayList<>();
    if (template.isBlank()) {
      throw CommandFailure.usage("jsonpath: a template is wanted, such as {.spec.cidr}");
    }
    if (template.indexOf('{') < 0) {
      parts.add(new Value(JsonPathReader.read(template)));
      return new JsonPathTemplate(parts);
    }
    Deque<List<Part>> open = new ArrayDeque<>();
    open.push(parts);
    int at = 0;
    while (at < template.length()) {
      int brace = template.indexOf('{', at);
      if (brace < 0) {
        open.peek().add(new Text(template.substring(at)));
        break;
      }
      if (brace > at) {
        open.peek().add(new Text(template.substring(at, brace)));
      }
      int end = closing(template, brace);
      action(template.substring(brace + 1, end).strip(), open);
      at = end + 1;
    }
    if (open.size() > 1) {
      throw CommandFailure.usage("jsonpath " + template + ": a {range …} has no {end}");
    }
    return new JsonPathTemplate(parts);
  }

  /** The brace that closes the one at {@code open}; braces in quotes do not count. */
  private static int closing(String template, int open) {
    char quote = 0;
    for (int i = open + 1; i < template.length(); i++) {
      char c = template.charAt(i);
      if (c == '\\') {
        i++;
      } else if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '}') {
        return i;
      }
    }
    throw CommandFailure.usage("jsonpath " + template + ": a brace is not closed");
  }

  private static void action(String action, Deque<List<Part>> open) {
    if (action.equals("end")) {
      if (open.size() == 1) {
        throw CommandFailure.usage("jsonpath: {end} without a {range …} before it");
      }
      open.pop();
    } else if (action.startsWith("range ")) {
      List<Part> inner = new ArrayList<>();
      open.peek().add(new Range(JsonPathReader.read(action.substring(6)), inner));
      open.push(inner);
    } else if (action.length() > 1 && "\"'".indexOf(action.charAt(0)) >= 0) {
      open.peek().add(new Text(action.substring(1, action.length() - 1).translateEscapes()));
    } else {
      open.peek().add(new Value(JsonPathReader.read(action)));
    }
  }

  String render(Object tree) {
    StringBuilder text = new StringBuilder();
    render(parts, tree, text);
    return text.toString();
  }

  private static void render(List<Part> parts, Object tree, StringBuilder into) {
    for (Part part : parts) {
      switch (part) {
        case Text(String text) -> into.append(text);
        case Value(JsonPath path) -> into.append(text(path.select(tree), " "));
        case Range(JsonPath path, List<Part> inner) ->
            path.select(tree).forEach(item -> render(inner, item, into));
      }
    }
  }

  /** Values as people and shells want them: texts bare, maps and lists as JSON. */
  static String text(List<Object> values, String between) {
    return values.stream().map(JsonPathTemplate::text).collect(Collectors.joining(between));
  }

  private static String text(Object value) {
    return value instanceof String string ? string : Json.compact(value);
  }
}
