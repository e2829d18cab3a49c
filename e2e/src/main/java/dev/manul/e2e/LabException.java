package dev.manul.e2e;

import java.util.Locale;

/** Something a lab needs is missing or went wrong; the message is all a user needs to read. */
public final class LabException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An exception whose message is made as {@link String#format} does. */
  @SuppressWarnings("AnnotateFormatMethod")
  public LabException(String format, Object... arguments) {
    super(String.format(Locale.ROOT, format, arguments));
  }
}
