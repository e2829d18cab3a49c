package dev.manul.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The forms that output takes. */
enum Format {
  /** A table, or plain lines. */
  PS,
  /** A table with more columns. */
  WIDE,
  YAML,
  JSON,
  /** One {@code kind/name} a line. */
  NAME;

  /**
   * The format called so.
   *
   * @param allowed what the command has
   */
  static Format parse(String text, Format... allowed) {
    return parseOr("", text, allowed);
  }

  /**
   * The format called so.
   *
   * @param others what may be given besides, for the message that it is none
   */
  static Format parseOr(String others, String text, Format... allowed) {
    List<Format> formats = Arrays.asList(allowed);
    for (Format format : formats) {
      if (format.label().equals(text) || (format == YAML && text.equals("yml"))) {
        return format;
      }
    }
    throw CommandFailure.usage(
        "output format '"
            + text
            + "' is not known; it must be one of "
            + formats.stream().map(Format::label).collect(Collectors.joining(", "))
            + others);
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether programs read it. */
  boolean structured() {
    return this == JSON || this == YAML;
  }
}
