package dev.manul.datastore;

/** A field that cannot be read; caught by {@link ResourceText}, which knows the document. */
final class FieldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A problem of one field.
   *
   * @param complaint follows {@code SOURCE: document N: } in the message
   */
  FieldException(String complaint) {
    super(complaint, null, false, false);
  }
}
