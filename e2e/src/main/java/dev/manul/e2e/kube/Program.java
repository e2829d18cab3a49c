package dev.manul.e2e.kube;

import dev.manul.e2e.LabException;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One running program of the control plane, with its log. */
final class Program {

  private static final int LOG_LINES = 15;

  private final String name;
  private final Process process;
  private final Path log;

  private Program(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts it, with an environment that has these besides this process's own. */
  static Program start(String name, List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.appendTo(log.toFile()))
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new Program(name, builder.start(), log);
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean runs() {
    return process.isAlive();
  }

  /** What to tell of a program that ended by itself. */
  LabException ended() {
    return new LabException(
        "%s ended with status %d; its log %s ends: %s",
        name, process.exitValue(), log, String.join(" | ", tail()));
  }

  List<String> tail() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
    } catch (IOException e) {
      return List.of("(" + e + ")");
    }
  }

  /** Ends it at once. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
