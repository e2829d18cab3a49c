package dev.manul.datastore;

/** The datastore cannot be reached, read or written. The message says what was tried. */
public class DatastoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DatastoreException(String message, Throwable cause) {
    super(message, cause);
  }

  public DatastoreException(String message) {
    super(message);
  }
}
