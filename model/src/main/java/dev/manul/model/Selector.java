package dev.manul.model;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A selector of labels in Calico's language, such as {@code role == 'db' && !has(canary)}.
 *
 * <p>From weak to strong: {@code ||}, {@code &&}, {@code !}. Parentheses group. The tests are
 * {@code k == 'v'}, {@code k != 'v'}, {@code k in {'a', 'b'}}, {@code k not in {…}}, {@code k
 * contains 's'}, {@code k starts with 's'}, {@code k ends with 's'}, {@code has(k)}, {@code all()}
 * and {@code global()}. {@code !=} and {@code not in} hold for labels that are absent. Strings
 * stand in single or double quotes and know no escapes. Empty text is {@code all()}.
 *
 * <p>{@code toString} gives text that parses to an equal selector.
 */
public sealed interface Selector {

  /** Selects everything. */
  Selector ALL = new All();

  /** The label that namespaced resources carry; {@code global()} asks for its absence. */
  String NAMESPACE_LABEL = "projectcalico.org/namespace";

  /** Whether {@code labels} are selected. */
  boolean matches(Map<String, String> labels);

  /**
   * Reads a selector.
   *
   * @throws IllegalArgumentException with a one-line reason that names the place, counted from 1
   */
  static Selector parse(String text) {
    return new SelectorParser(text).parse();
  }

  /** Either holds. */
  record Or(List<Selector> terms) implements Selector {
    public Or {
      terms = List.copyOf(terms);
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      for (Selector term : terms) {
        if (term.matches(labels)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String toString() {
      return terms.stream().map(Selector::toString).collect(Collectors.joining(" || ", "(", ")"));
    }
  }

  /** All hold. */
  record And(List<Selector> terms) implements Selector {
    public And {
      terms = List.copyOf(terms);
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      for (Selector term : terms) {
        if (!term.matches(labels)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String toString() {
      return terms.stream().map(Selector::toString).collect(Collectors.joining(" && ", "(", ")"));
    }
  }

  /** {@code !term}. */
  record Not(Selector term) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return !term.matches(labels);
    }

    @Override
    public String toString() {
      return "!" + term;
    }
  }

  /** {@code all()}. */
  record All() implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return true;
    }

    @Override
    public String toString() {
      return "all()";
    }
  }

  /** {@code global()}: what is in no namespace. */
  record Global() implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return !labels.containsKey(NAMESPACE_LABEL);
    }

    @Override
    public String toString() {
      return "global()";
    }
  }

  /** {@code has(label)}. */
  record Has(String label) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return labels.containsKey(label);
    }

    @Override
    public String toString() {
      return "has(" + label + ")";
    }
  }

  /** {@code label == 'value'}. */
  record Equal(String label, String value) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return value.equals(labels.get(label));
    }

    @Override
    public String toString() {
      return label + " == " + quoted(value);
    }
  }

  /** {@code label != 'value'}: also when there is no such label. */
  record NotEqual(String label, String value) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      return !value.equals(labels.get(label));
    }

    @Override
    public String toString() {
      return label + " != " + quoted(value);
    }
  }

  /** {@code label in {…}}. */
  record In(String label, Set<String> values) implements Selector {
    public In {
      values = Set.copyOf(values);
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(label);
      return value != null && values.contains(value);
    }

    @Override
    public String toString() {
      return label + " in " + quoted(values);
    }
  }

  /** {@code label not in {…}}: also when there is no such label. */
  record NotIn(String label, Set<String> values) implements Selector {
    public NotIn {
      values = Set.copyOf(values);
    }

    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(label);
      return value == null || !values.contains(value);
    }

    @Override
    public String toString() {
      return label + " not in " + quoted(values);
    }
  }

  /** {@code label contains 'part'}. */
  record Contains(String label, String part) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(label);
      return value != null && value.contains(part);
    }

    @Override
    public String toString() {
      return label + " contains " + quoted(part);
    }
  }

  /** {@code label starts with 'part'}. */
  record StartsWith(String label, String part) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(label);
      return value != null && value.startsWith(part);
    }

    @Override
    public String toString() {
      return label + " starts with " + quoted(part);
    }
  }

  /** {@code label ends with 'part'}. */
  record EndsWith(String label, String part) implements Selector {
    @Override
    public boolean matches(Map<String, String> labels) {
      String value = labels.get(label);
      return value != null && value.endsWith(part);
    }

    @Override
    public String toString() {
      return label + " ends with " + quoted(part);
    }
  }

  private static String quoted(String value) {
    return value.indexOf('\'') < 0 ? "'" + value + "'" : "\"" + value + "\"";
  }

  private static String quoted(Set<String> values) {
    return new TreeSet<>(values)
        .stream().map(Selector::quoted).collect(Collectors.joining(", ", "{", "}"));
  }
}
