package dev.manul.policy.translation;

/** A field that cannot be read; the message is {@code FIELD: WHY}. */
final class UnreadableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String field;
  private final String why;

  UnreadableException(String field, String why) {
    super(field + ": " + why, null, false, false);
    this.field = field;
    this.why = why;
  }

  void tell(Problems problems) {
    problems.add(field, why);
  }

  /** Reads a text. */
  interface Reader<T, V> {
    V read(T text);
  }

  /** What {@code reader} makes of a field's text. */
  static <T, V> V read(String field, T text, Reader<T, V> reader) throws UnreadableException {
    try {
      return reader.read(text);
    } catch (IllegalArgumentException e) {
      throw new UnreadableException(field, e.getMessage());
    }
  }
}
