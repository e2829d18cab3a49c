package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A program run to its end, with what it wrote. */
public record Run(List<String> command, int status, String output) {

  /** Runs a program; its errors are part of its output. Never fails for its exit status. */
  public static Run of(List<String> command) {
    return of(command, "");
  }

  /** As {@link #of(List)}, with something for it to read. */
  public static Run of(List<String> command, String input) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Run(List.copyOf(command), process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("%s: interrupted", String.join(" ", command));
    }
  }

  /** Runs a program that must succeed, and returns its output. */
  public static String ok(String... command) {
    return of(List.of(command)).orThrow().output();
  }

  /** Runs a program in a network namespace; it must succeed. */
  public static String in(String namespace, String... command) {
    return of(inNamespace(namespace, List.of(command))).orThrow().output();
  }

  /** The command that runs {@code command} in a network namespace. */
  public static List<String> inNamespace(String namespace, List<String> command) {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    words.addAll(command);
    return words;
  }

  /** Applies lines of {@code ip -batch} in a network namespace; all must succeed. */
  public static void ip(String namespace, List<String> lines) {
    of(List.of("ip", "-netns", namespace, "-batch", "-"), String.join("\n", lines) + "\n")
        .orThrow();
  }

  /** This run, unless its status tells of a failure. */
  public Run orThrow() {
    if (status != 0) {
      throw new LabException(
          "%s: exit status %d: %s", String.join(" ", command), status, output.strip());
    }
    return this;
  }

  /** The output's lines that are not blank. */
  public List<String> lines() {
    return output.lines().filter(line -> !line.isBlank()).toList();
  }
}
