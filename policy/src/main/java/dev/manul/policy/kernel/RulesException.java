package dev.manul.policy.kernel;

/** A program that reads or writes rules or sets has failed; the message names it and its words. */
public final class RulesException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public RulesException(String message) {
    super(message);
  }

  public RulesException(String message, Throwable cause) {
    super(message, cause);
  }
}
