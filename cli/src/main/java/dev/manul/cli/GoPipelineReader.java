package dev.manul.cli;

import dev.manul.model.Spelling;
import java.util.ArrayList;
import java.util.List;

/** Reads what stands between the braces of a {@link GoTemplate}. */
final class GoPipelineReader {
  private final String text;
  private int at;

  private GoPipelineReader(String text) {
    this.text = text;
  }

  static GoTemplate.Pipeline read(String text) {
    GoPipelineReader reader = new GoPipelineReader(text);
    GoTemplate.Pipeline pipeline = reader.pipeline();
    if (reader.at < text.length()) {
      throw reader.wrong("'" + text.charAt(reader.at) + "' is not expected");
    }
    return pipeline;
  }

  private GoTemplate.Pipeline pipeline() {
    spaces();
    String variable = "";
    if (peek('$')) {
      int start = at;
      at++;
      String name = "$" + word();
      spaces();
      if (text.startsWith(":=", at) || peek('=')) {
        at += peek('=') ? 1 : 2;
        variable = name;
      } else {
        at = start;
      }
    }
    List<List<GoTemplate.Term>> commands = new ArrayList<>();
    commands.add(command());
    while (peek('|')) {
      at++;
      commands.add(command());
    }
    return new GoTemplate.Pipeline(variable, commands);
  }

  private List<GoTemplate.Term> command() {
    List<GoTemplate.Term> terms = new ArrayList<>();
    spaces();
    while (at < text.length() && !peek('|') && !peek(')')) {
      terms.add(term());
      spaces();
    }
    if (terms.isEmpty()) {
      throw wrong("a value is wanted");
    }
    return terms;
  }

  private GoTemplate.Term term() {
    char c = text.charAt(at);
    if (c == '.') {
      return new GoTemplate.Dot(fields());
    }
    if (c == '$') {
      at++;
      return new GoTemplate.Variable("$" + word(), fields());
    }
    if (c == '(') {
      at++;
      GoTemplate.Pipeline inner = pipeline();
      if (!peek(')')) {
        throw wrong("')' is wanted");
      }
      at++;
      return new GoTemplate.Group(inner, fields());
    }
    if (c == '"' || c == '`') {
      return new GoTemplate.Literal(quoted(c));
    }
    if (Character.isDigit(c) || c == '-') {
      return number();
    }
    return named();
  }

  private GoTemplate.Term number() {
    int start = at++;
    while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      at++;
    }
    String digits = text.substring(start, at);
    try {
      return new GoTemplate.Literal(
          digits.contains(".") ? (Object) Double.valueOf(digits) : (Object) Long.valueOf(digits));
    } catch (NumberFormatException e) {
      at = start;
      throw wrong("'" + digits + "' is no number");
    }
  }

  private GoTemplate.Term named() {
    int start = at;
    String name = word();
    return switch (name) {
      case "true" -> new GoTemplate.Literal(true);
      case "false" -> new GoTemplate.Literal(false);
      case "nil" -> new GoTemplate.Literal(null);
      case "" -> throw wrong("'" + text.charAt(at) + "' is not expected");
      default -> {
        if (!GoTemplateFunctions.NAMES.contains(name)) {
          at = start;
          throw wrong(
              "there is no function "
                  + name
                  + Spelling.nearest(name, GoTemplateFunctions.NAMES)
                      .map(near -> "; did you mean " + near + "?")
                      .orElseGet(
                          () -> "; there are " + String.join(", ", GoTemplateFunctions.NAMES)));
        }
        yield new GoTemplate.Function(name);
      }
    };
  }

  /** The fields that follow: {@code .a.b}; a dot alone is none. */
  private List<String> fields() {
    List<String> fields = new ArrayList<>();
    while (peek('.')) {
      at++;
      String name = word();
      if (!name.isEmpty()) {
        fields.add(name);
      } else if (!fields.isEmpty()) {
        throw wrong("a field's name is wanted");
      }
    }
    return fields;
  }

  private String word() {
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted(char quote) {
    int start = ++at;
    while (at < text.length() && text.charAt(at) != quote) {
      at += text.charAt(at) == '\\' && quote == '"' ? 2 : 1;
    }
    if (at >= text.length()) {
      throw wrong("a quote is not closed");
    }
    String inner = text.substring(start, at++);
    try {
      return quote == '"' ? inner.translateEscapes() : inner;
    } catch (IllegalArgumentException e) {
      throw wrong("\"" + inner + "\" has an escape that is none");
    }
  }

  private void spaces() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean peek(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private CommandFailure wrong(String what) {
    return CommandFailure.usage(
        "go-template {{" + text + "}}: at character " + (at + 1) + " " + what);
  }
}
