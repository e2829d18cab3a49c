package dev.manul.cli;

import picocli.CommandLine.Option;

/** {@code -o} of the commands that answer with plain lines, or with JSON for programs. */
final class PsOrJson {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default) or json.")
  private String output;

  /** Which was asked for: {@link Format#PS} or {@link Format#JSON}. */
  Format format() {
    return Format.parse(output, Format.PS, Format.JSON);
  }
}
