package dev.manul.deploy;

import java.util.List;
import java.util.Optional;

/**
 * What a server is to check of a field beyond its type. The agent's own rules ({@link
 * dev.manul.model.ResourceRules}) say the same; a test holds the two together.
 *
 * @param required whether a document must have the field
 * @param defaulted whether the server puts in the value that the record has when the field is
 *     absent
 * @param values what the text may be; empty for any
 * @param least the least number
 * @param most the greatest number
 * @param pattern a regular expression in RE2's and Java's common language
 * @param maxLength of text
 * @param maxItems of a list
 * @param format the JSON schema format in place of the type's own; "" for none
 * @param rules in CEL, on the field
 */
record FieldFacts(
    boolean required,
    boolean defaulted,
    List<String> values,
    Optional<Long> least,
    Optional<Long> most,
    Optional<String> pattern,
    Optional<Integer> maxLength,
    Optional<Integer> maxItems,
    Optional<String> format,
    List<Rule> rules) {

  /** Nothing beyond the type. */
  static final FieldFacts NONE =
      new FieldFacts(
          false,
          false,
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of());

  /**
   * A rule of {@code x-kubernetes-validations}.
   *
   * @param expression in CEL, as Kubernetes 1.25 has it
   * @param message one line for people
   */
  record Rule(String expression, String message) {}

  static FieldFacts of() {
    return NONE;
  }

  FieldFacts mandatory() {
    return new FieldFacts(
        true, defaulted, values, least, most, pattern, maxLength, maxItems, format, rules);
  }

  FieldFacts byDefault() {
    return new FieldFacts(
        required, true, values, least, most, pattern, maxLength, maxItems, format, rules);
  }

  FieldFacts oneOf(String... allowed) {
    return new FieldFacts(
        required,
        defaulted,
        List.of(allowed),
        least,
        most,
        pattern,
        maxLength,
        maxItems,
        format,
        rules);
  }

  FieldFacts within(long min, long max) {
    return new FieldFacts(
        required,
        defaulted,
        values,
        Optional.of(min),
        Optional.of(max),
        pattern,
        maxLength,
        maxItems,
        format,
        rules);
  }

  FieldFacts matching(String expression) {
    return new FieldFacts(
        required,
        defaulted,
        values,
        least,
        most,
        Optional.of(expression),
        maxLength,
        maxItems,
        format,
        rules);
  }

  FieldFacts upTo(int length) {
    return new FieldFacts(
        required,
        defaulted,
        values,
        least,
        most,
        pattern,
        Optional.of(length),
        maxItems,
        format,
        rules);
  }

  FieldFacts items(int count) {
    return new FieldFacts(
        required,
        defaulted,
        values,
        least,
        most,
        pattern,
        maxLength,
        Optional.of(count),
        format,
        rules);
  }

  FieldFacts format(String name) {
    return new FieldFacts(
        required,
        defaulted,
        values,
        least,
        most,
        pattern,
        maxLength,
        maxItems,
        Optional.of(name),
        rules);
  }

  FieldFacts rule(String expression, String message) {
    List<Rule> more = new java.util.ArrayList<>(rules);
    more.add(new Rule(expression, message));
    return new FieldFacts(
        required,
        defaulted,
        values,
        least,
        most,
        pattern,
        maxLength,
        maxItems,
        format,
        List.copyOf(more));
  }
}
