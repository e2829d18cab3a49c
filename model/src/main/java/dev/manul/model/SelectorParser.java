package dev.manul.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads selectors by recursive descent, straight from the characters. */
final class SelectorParser {

  private static final int MAX_LABEL = 512;

  /** Deeper nesting is refused, so that hostile text cannot exhaust the stack. */
  private static final int MAX_DEPTH = 200;

  private final String text;
  private int at;
  private int depth;

  SelectorParser(String text) {
    this.text = text;
  }

  Selector parse() {
    skipBlanks();
    if (at == text.length()) {
      return Selector.ALL;
    }
    Selector selector = or();
    if (at < text.length()) {
      throw expected("&&, || or the end");
    }
    return selector;
  }

  private Selector or() {
    List<Selector> terms = new ArrayList<>(2);
    terms.add(and());
    while (accept("||")) {
      terms.add(and());
    }
    return terms.size() == 1 ? terms.getFirst() : new Selector.Or(terms);
  }

  private Selector and() {
    List<Selector> terms = new ArrayList<>(2);
    terms.add(operand());
    while (accept("&&")) {
      terms.add(operand());
    }
    return terms.size() == 1 ? terms.getFirst() : new Selector.And(terms);
  }

  private Selector operand() {
    if (++depth > MAX_DEPTH) {
      throw error("nested more than " + MAX_DEPTH + " deep");
    }
    try {
      if (accept("!")) {
        return new Selector.Not(operand());
      }
      if (accept("(")) {
        Selector inner = or();
        require(")");
        return inner;
      }
      return test();
    } finally {
      depth--;
    }
  }

  private Selector test() {
    int start = at;
    String word = label();
    if (!accept("(")) {
      return comparison(word);
    }
    Selector selector =
        switch (word) {
          case "all" -> Selector.ALL;
          case "global" -> new Selector.Global();
          case "has" -> new Selector.Has(label());
          default -> {
            at = start;
            throw expected("has(LABEL), all() or global()");
          }
        };
    require(")");
    return selector;
  }

  private Selector comparison(String label) {
    if (accept("==")) {
      return new Selector.Equal(label, string());
    }
    if (accept("!=")) {
      return new Selector.NotEqual(label, string());
    }
    int start = at;
    String operator = word();
    if (operator.equals("not") || operator.equals("starts") || operator.equals("ends")) {
      operator += " " + word();
    }
    return switch (operator) {
      case "in" -> new Selector.In(label, set());
      case "not in" -> new Selector.NotIn(label, set());
      case "contains" -> new Selector.Contains(label, string());
      case "starts with" -> new Selector.StartsWith(label, string());
      case "ends with" -> new Selector.EndsWith(label, string());
      default -> {
        at = start;
        throw expected("==, !=, in, not in, contains, starts with or ends with");
      }
    };
  }

  private Set<String> set() {
    require("{");
    Set<String> values = new HashSet<>();
    if (accept("}")) {
      return values;
    }
    do {
      values.add(string());
    } while (accept(","));
    require("}");
    return values;
  }

  private String string() {
    if (at == text.length() || (text.charAt(at) != '\'' && text.charAt(at) != '"')) {
      throw expected("a string in quotes");
    }
    int end = text.indexOf(text.charAt(at), at + 1);
    if (end < 0) {
      throw error("the string is not closed");
    }
    String value = text.substring(at + 1, end);
    at = end + 1;
    skipBlanks();
    return value;
  }

  private String label() {
    int start = at;
    String word = word();
    if (word.isEmpty()) {
      throw expected("a label, !, (, has(LABEL), all() or global()");
    }
    if (word.length() > MAX_LABEL) {
      at = start;
      throw error("the label is longer than " + MAX_LABEL + " characters");
    }
    return word;
  }

  /** The letters, digits and {@code _./-} from here on; may be none. */
  private String word() {
    int start = at;
    while (at < text.length() && isLabelCharacter(text.charAt(at))) {
      at++;
    }
    String word = text.substring(start, at);
    skipBlanks();
    return word;
  }

  private static boolean isLabelCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '.'
        || c == '/'
        || c == '-';
  }

  private boolean accept(String symbol) {
    // "!" must not take the first half of "!=", which would follow a label and is reported there
    if (!text.startsWith(symbol, at) || (symbol.equals("!") && text.startsWith("!=", at))) {
      return false;
    }
    at += symbol.length();
    skipBlanks();
    return true;
  }

  private void require(String symbol) {
    if (!accept(symbol)) {
      throw expected(symbol);
    }
  }

  private void skipBlanks() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }

  private IllegalArgumentException expected(String what) {
    return error(
        "expected "
            + what
            + ", found "
            + (at == text.length() ? "the end" : "'" + text.charAt(at) + "'"));
  }

  private IllegalArgumentException error(String reason) {
    return new IllegalArgumentException(
        "selector \"" + text + "\": position " + (at + 1) + ": " + reason);
  }
}
