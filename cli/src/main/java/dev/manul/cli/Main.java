package dev.manul.cli;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.ipam.IpamException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The program {@code manulctl}. */
public final class Main {
  private static final int BUFFER = 1 << 16;

  /** Wide enough for the examples to stay on their lines, to be copied. */
  private static final int HELP_WIDTH = 100;

  private Main() {}

  public static void main(String[] args) {
    // There is no logging backend on purpose, so SLF4J need not warn that there is none.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    // Standard output is written in large pieces: a listing may be long.
    PrintStream out =
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
            false,
            StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.exit(run(args, System.in, out, err, System.getenv()));
  }

  /**
   * Runs a command with nothing on standard input.
   *
   * @return the exit code
   */
  public static int run(String[] args, PrintStream out, PrintStream err, Map<String, String> env) {
    return run(args, InputStream.nullInputStream(), out, err, env);
  }

  /**
   * Runs a command.
   *
   * @return the exit code, of {@link ExitCode}
   */
  public static int run(
      String[] args, InputStream in, PrintStream out, PrintStream err, Map<String, String> env) {
    return run(args, new Terminal(in, out, err, env, Clock.system(ZoneId.systemDefault())));
  }

  static int run(String[] args, Terminal terminal) {
    CommandLine line = Commands.commandLine(terminal, args);
    line.setCommandName(terminal.setting(null, "MANUL_PROGRAM", "manulctl"));
    line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    boolean help = List.of(args).contains("--help") || List.of(args).contains("-h");
    line.setColorScheme(
        CommandLine.Help.defaultColorScheme(help && terminal.hasColours() ? Ansi.ON : Ansi.OFF));
    line.setUsageHelpWidth(HELP_WIDTH);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    if (help) {
      Commands.explainExitCodes(line);
    }
    line.setParameterExceptionHandler(
        (wrong, given) -> {
          CommandLine command = wrong.getCommandLine();
          String name = command.getCommandSpec().qualifiedName();
          terminal.err().println(name + ": " + oneLine(Misuse.message(wrong)));
          terminal.err().println("Try '" + name + " --help'.");
          return ExitCode.USAGE;
        });
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> failed(failure, terminal.err()));
    int code = line.execute(args);
    if (line.getCommand() instanceof Root root) {
      root.close();
    }
    terminal.out().flush();
    terminal.err().flush();
    if (code == ExitCode.OK && terminal.out().checkError()) {
      terminal.err().println("cannot write to standard output");
      return ExitCode.FAILED;
    }
    return code;
  }

  private static int failed(Exception failure, PrintStream err) throws Exception {
    switch (failure) {
      case CommandFailure known -> {
        known.lines().forEach(err::println);
        return known.exitCode();
      }
      case InvalidResourceException invalid -> err.println(oneLine(invalid.getMessage()));
      case IpamException refused -> err.println(oneLine(refused.getMessage()));
      case DatastoreException broken -> {
        err.println(oneLine(broken.getMessage()));
        return ExitCode.UNREACHABLE;
      }
      default -> throw failure;
    }
    return ExitCode.FAILED;
  }

  /** A message with its line ends taken out, so that one problem stays one line. */
  static String oneLine(String message) {
    return String.join(" ", List.of(String.valueOf(message).strip().split("\\s*\\R\\s*", -1)));
  }
}
