package dev.manul.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads {@link GoTemplate}s. */
final class GoTemplateReader {
  private static final String OPEN = "{{";
  private static final String CLOSE = "}}";

  /** What an action begins with, such as {@code range}. */
  private static final Pattern WORD = Pattern.compile("^([a-z]*).*", Pattern.DOTALL);

  /** How a list of parts ended, and at which action. */
  private record Ended(List<GoTemplate.Part> parts, String by, String rest) {}

  private final String template;
  private int at;

  private GoTemplateReader(String template) {
    this.template = template;
  }

  static List<GoTemplate.Part> read(String template) {
    if (template.isBlank()) {
      throw CommandFailure.usage(
          "go-template: a template is wanted, such as {{range .items}}{{.metadata.name}}{{end}}");
    }
    GoTemplateReader reader = new GoTemplateReader(template);
    Ended all = reader.parts();
    if (!all.by().isEmpty()) {
      throw CommandFailure.usage(
          "go-template: {{" + all.by() + "}} without an {{if}}, {{range}} or {{with}} before it");
    }
    return all.parts();
  }

  private Ended parts() {
    List<GoTemplate.Part> parts = new ArrayList<>();
    while (at < template.length()) {
      int open = template.indexOf(OPEN, at);
      String text = template.substring(at, open < 0 ? template.length() : open);
      if (open >= 0 && template.startsWith("- ", open + 2)) {
        text = text.stripTrailing();
      }
      if (!text.isEmpty()) {
        parts.add(new GoTemplate.Text(text));
      }
      if (open < 0) {
        at = template.length();
        break;
      }
      String action = action(open);
      String word = WORD.matcher(action).replaceFirst("$1");
      String rest = action.substring(word.length()).strip();
      if (action.isEmpty()) {
        continue; // a comment
      }
      switch (word) {
        case "end", "else" -> {
          return new Ended(parts, word, rest);
        }
        case "if" -> parts.add(choice(false, rest));
        case "with" -> parts.add(choice(true, rest));
        case "range" -> parts.add(range(rest));
        case "define", "template", "block", "break", "continue" ->
            throw CommandFailure.usage("go-template: {{" + word + "}} is not supported");
        default -> parts.add(new GoTemplate.Output(GoPipelineReader.read(action)));
      }
    }
    return new Ended(parts, "", "");
  }

  /** The action that begins at {@code open}, without braces and comments. */
  private String action(int open) {
    int from = open + 2;
    char quote = 0;
    for (int i = from; i < template.length(); i++) {
      char c = template.charAt(i);
      if (quote != 0) {
        i += c == '\\' && quote == '"' ? 1 : 0;
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '`') {
        quote = c;
      } else if (template.startsWith(CLOSE, i)) {
        at = i + 2;
        String action = template.substring(from, i);
        if (action.endsWith(" -")) {
          action = action.substring(0, action.length() - 2);
          while (at < template.length() && Character.isWhitespace(template.charAt(at))) {
            at++;
          }
        }
        action = (action.startsWith("- ") ? action.substring(2) : action).strip();
        return action.startsWith("/*") ? "" : action;
      }
    }
    throw CommandFailure.usage(
        "go-template: the {{ at character " + (open + 1) + " is not closed by }}");
  }

  private GoTemplate.Part choice(boolean with, String condition) {
    GoTemplate.Pipeline pipeline = GoPipelineReader.read(condition);
    Ended then = block(with ? "with" : "if");
    List<GoTemplate.Part> otherwise = List.of();
    if (then.by().equals("else")) {
      if (then.rest().startsWith("if ")) {
        otherwise = List.of(choice(false, then.rest().substring(3)));
      } else {
        otherwise = closed(then.rest());
      }
    }
    return with
        ? new GoTemplate.With(pipeline, then.parts(), otherwise)
        : new GoTemplate.If(pipeline, then.parts(), otherwise);
  }

  private GoTemplate.Part range(String words) {
    String place = "";
    String item = "";
    String over = words;
    int assign = words.indexOf(":=");
    if (words.startsWith("$") && assign > 0) {
      String[] names = words.substring(0, assign).split(",", -1);
      item = names[names.length - 1].strip();
      place = names.length == 2 ? names[0].strip() : "";
      over = words.substring(assign + 2).strip();
    }
    GoTemplate.Pipeline pipeline = GoPipelineReader.read(over);
    Ended each = block("range");
    List<GoTemplate.Part> otherwise = each.by().equals("else") ? closed(each.rest()) : List.of();
    return new GoTemplate.Range(place, item, pipeline, each.parts(), otherwise);
  }

  /** What follows an {@code else} until its {@code end}. */
  private List<GoTemplate.Part> closed(String rest) {
    Ended otherwise = block("else");
    if (!rest.isEmpty() || !otherwise.by().equals("end")) {
      throw CommandFailure.usage("go-template: {{else}} is followed by {{end}}");
    }
    return otherwise.parts();
  }

  private Ended block(String opened) {
    Ended block = parts();
    if (block.by().isEmpty()) {
      throw CommandFailure.usage("go-template: {{" + opened + "}} has no {{end}}");
    }
    return block;
  }
}
