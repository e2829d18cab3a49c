package dev.manul.cli;

import java.util.regex.Pattern;

/** Takes out of texts what nobody else is to see. */
final class Secrets {

  /** A value after a name that says that it is secret, in YAML, JSON and flags. */
  private static final Pattern VALUE =
      Pattern.compile(
          "(?i)(\"?[\\w.-]*(?:token|password|passwd|secret|private-?key|key-data|authorization)\"?"
              + "\\s*[:=]\\s*)(\"[^\"]*\"|(?:Bearer |Basic )?[^\\s,{}\\[\\]]+)");

  private static final Pattern KEY =
      Pattern.compile("(?s)-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \\1-----");

  private Secrets() {}

  /** The text with secrets replaced by {@code <hidden>}. */
  static String hidden(String text) {
    return VALUE.matcher(KEY.matcher(text).replaceAll("<hidden>")).replaceAll("$1<hidden>");
  }
}
