package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads {@link JsonPath}s. */
final class JsonPathReader {
  private static final List<String> OPERATORS = List.of("==", "!=", "<=", ">=", "<", ">");

  private final String text;
  private int at;

  private JsonPathReader(String text) {
    this.text = text;
  }

  /**
   * Reads a whole path, such as {@code .spec.cidr}; {@code $} or {@code @} may stand before it.
   *
   * @throws CommandFailure when it is none
   */
  static JsonPath read(String text) {
    JsonPathReader reader = new JsonPathReader(text.strip());
    JsonPath path = reader.path();
    if (!reader.atEnd()) {
      throw reader.wrong("'" + reader.text.charAt(reader.at) + "' is not expected");
    }
    return path;
  }

  private JsonPath path() {
    List<JsonPath.Step> steps = new ArrayList<>();
    boolean marked = take("$") || take("@");
    if (!marked && !atEnd() && isNameCharacter(text.charAt(at))) {
      steps.add(new JsonPath.Field(name())); // kubectl's relaxed form, without the first dot
    }
    while (!atEnd()) {
      if (take("..")) {
        steps.add(new JsonPath.Deep(name()));
      } else if (take(".")) {
        if (take("*")) {
          steps.add(new JsonPath.All());
        } else if (!atEnd() && text.charAt(at) != '[') {
          steps.add(new JsonPath.Field(name()));
        }
      } else if (take("[")) {
        steps.add(bracket());
      } else {
        break;
      }
    }
    return new JsonPath(steps);
  }

  private JsonPath.Step bracket() {
    JsonPath.Step step;
    if (take("*")) {
      step = new JsonPath.All();
    } else if (take("?(")) {
      step = filter();
      expect(")");
    } else if (!atEnd() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
      step = new JsonPath.Field(quoted());
    } else {
      step = numbers();
    }
    expect("]");
    return step;
  }

  private JsonPath.Step numbers() {
    OptionalInt first = number();
    if (take(":")) {
      return new JsonPath.Slice(first, number());
    }
    List<Integer> numbers = new ArrayList<>();
    numbers.add(first.orElseThrow(() -> wrong("a number, a name in quotes, * or ?( is wanted")));
    while (take(",")) {
      numbers.add(number().orElseThrow(() -> wrong("a number is wanted")));
    }
    return new JsonPath.Items(numbers);
  }

  private OptionalInt number() {
    int start = at;
    while (!atEnd() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '-')) {
      at++;
    }
    if (start == at) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(text, start, at, 10));
    } catch (NumberFormatException e) {
      throw wrong("'" + text.substring(start, at) + "' is no number");
    }
  }

  private JsonPath.Filter filter() {
    JsonPath.Operand left = operand();
    spaces();
    for (String operator : OPERATORS) {
      if (take(operator)) {
        spaces();
        JsonPath.Operand right = operand();
        spaces();
        return new JsonPath.Filter(left, operator, right);
      }
    }
    return new JsonPath.Filter(left, "", left);
  }

  private JsonPath.Operand operand() {
    spaces();
    if (atEnd()) {
      throw wrong("a value is wanted");
    }
    char c = text.charAt(at);
    if (c == '@' || c == '$') {
      return new JsonPath.Operand(path(), null);
    }
    if (c == '\'' || c == '"') {
      return new JsonPath.Operand(null, quoted());
    }
    int start = at;
    while (!atEnd() && " )=!<>".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    if (word.equals("true") || word.equals("false")) {
      return new JsonPath.Operand(null, Boolean.valueOf(word));
    }
    try {
      return new JsonPath.Operand(null, Double.valueOf(word));
    } catch (NumberFormatException e) {
      throw wrong("'" + word + "' is no number; a text stands in quotes, a field after @.");
    }
  }

  private String quoted() {
    char quote = text.charAt(at++);
    StringBuilder value = new StringBuilder();
    while (!atEnd() && text.charAt(at) != quote) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      value.append(text.charAt(at++));
    }
    expect(String.valueOf(quote));
    return value.toString();
  }

  private String name() {
    StringBuilder name = new StringBuilder();
    while (!atEnd() && isNameCharacter(text.charAt(at))) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++; // the next character is the name's, such as the dots of kubernetes\.io/hostname
      }
      name.append(text.charAt(at++));
    }
    if (name.isEmpty()) {
      throw wrong("a field's name is wanted");
    }
    return name.toString();
  }

  private static boolean isNameCharacter(char c) {
    return !Character.isWhitespace(c) && ".[]()'\"*$@,:=!<>{}|&".indexOf(c) < 0;
  }

  private void spaces() {
    while (!atEnd() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private boolean take(String expected) {
    boolean there = text.startsWith(expected, at);
    at += there ? expected.length() : 0;
    return there;
  }

  private void expect(String expected) {
    if (!take(expected)) {
      throw wrong("'" + expected + "' is wanted");
    }
  }

  private boolean atEnd() {
    return at >= text.length();
  }

  private CommandFailure wrong(String what) {
    return CommandFailure.usage("jsonpath " + text + ": at character " + (at + 1) + " " + what);
  }
}
