package dev.manul.datastore;

/**
 * Text that is not a resource: not YAML, or with a field that is unknown, misplaced or of the wrong
 * type. The message is one line that names the source, the document and the field.
 */
public class MalformedTextException extends InvalidResourceException {
  private static final long serialVersionUID = 1L;

  public MalformedTextException(String message) {
    super(message);
  }
}
