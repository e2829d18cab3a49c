package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs dist/bin/manul-lab as {@code ./dev} does, with a lab directory of the tests' own. */
final class LabProgram {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PROGRAM = ROOT.resolve("dist/bin/manul-lab");
  private static final long LIMIT_MINUTES = 15;
  private static final int END_LINES = 40;

  private LabProgram() {}

  /** The exit status; what was printed is in target/NAME.log. */
  static int run(String name, String... arguments) throws IOException, InterruptedException {
    assertThat(PROGRAM).as("made by ./dev build").isExecutable();
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(List.of(arguments));
    File log = log(name).toFile();
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log)
            .redirectInput(new File("/dev/null"));
    builder.environment().put("MANUL_ROOT", ROOT.toString());
    builder.environment().put("MANUL_LAB_DIR", target().resolve("lab").toString());
    Process process = builder.start();
    if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
      process.destroy();
      throw new AssertionError(name + ": not done after " + LIMIT_MINUTES + " min\n" + end(name));
    }
    return process.exitValue();
  }

  /** The end of what was printed: whole it would push other failures out of a build's log. */
  static String end(String name) throws IOException {
    List<String> lines = output(name).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - END_LINES), lines.size()));
  }

  private static String output(String name) throws IOException {
    return Files.readString(log(name));
  }

  private static Path log(String name) {
    return target().resolve(name + ".log");
  }

  static Path target() {
    return Path.of("target").toAbsolutePath();
  }
}
