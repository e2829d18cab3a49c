package dev.manul.model;

/**
 * A field that breaks a rule.
 *
 * @param field the field's path, such as {@code spec.cidr}
 * @param message what is wrong, with the value found and what is allowed
 */
public record Violation(String field, String message) {

  /** {@code FIELD: MESSAGE}. */
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
