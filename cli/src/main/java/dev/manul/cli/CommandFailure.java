package dev.manul.cli;

import java.util.List;

/** Ends a command: lines for standard error, and the exit code. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final transient List<String> lines;

  CommandFailure(int exitCode, List<String> lines) {
    super(String.join("; ", lines), null, false, false);
    this.exitCode = exitCode;
    this.lines = List.copyOf(lines);
  }

  /** Bad input, a lost race, or something found to be wrong. */
  static CommandFailure failed(String line) {
    return new CommandFailure(ExitCode.FAILED, List.of(line));
  }

  /** The command line itself is wrong. */
  static CommandFailure usage(String line) {
    return new CommandFailure(ExitCode.USAGE, List.of(line));
  }

  /** The datastore or the agent cannot be reached. */
  static CommandFailure unreachable(String line) {
    return new CommandFailure(ExitCode.UNREACHABLE, List.of(line));
  }

  int exitCode() {
    return exitCode;
  }

  List<String> lines() {
    return lines;
  }
}
