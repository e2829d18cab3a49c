package dev.manul.model;

import com.fasterxml.jackson.annotation.JsonValue;

/** What a staged policy proposes. */
public enum StagedAction {
  /** That there be such a policy. */
  SET("Set"),
  /** That there be no policy of its name. */
  DELETE("Delete"),
  /** Nothing yet: it is being learned. */
  LEARN("Learn"),
  /** Nothing. */
  IGNORE("Ignore");

  private final String text;

  StagedAction(String text) {
    this.text = text;
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
