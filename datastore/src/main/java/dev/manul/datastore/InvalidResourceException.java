package dev.manul.datastore;

/**
 * A resource breaks a rule of its kind. The message is one line that names the field and what it
 * allows.
 */
public class InvalidResourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidResourceException(String message) {
    super(message);
  }
}
