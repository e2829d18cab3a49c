package dev.manul.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The terminal of this process in raw mode, until closed; nothing where there is no terminal. */
final class RawTerminal implements AutoCloseable {

  private final String saved;
  private final String size;

  private RawTerminal(String saved, String size) {
    this.saved = saved;
    this.size = size;
  }

  static RawTerminal open() throws IOException, InterruptedException {
    String saved = stty(List.of("-g"));
    String size = stty(List.of("size"));
    if (!saved.isEmpty()) {
      stty(List.of("raw", "-echo"));
    }
    return new RawTerminal(saved, size);
  }

  /** A shell command that gives another terminal this one's size, or nothing. */
  String sizing() {
    String[] parts = size.split(" ", -1);
    return parts.length == 2 ? "stty rows " + parts[0] + " cols " + parts[1] + "; " : "";
  }

  private static String stty(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    return process.waitFor() == 0 ? output : "";
  }

  @Override
  public void close() throws IOException {
    if (!saved.isEmpty()) {
      try {
        stty(List.of(saved));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
