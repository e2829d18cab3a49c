package dev.manul.cni.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The plugin's program on the host, compiled with the address and the undefined behaviour
 * sanitizers: whatever they find ends it with exit status 99.
 */
final class HostProgram {

  private static final int SANITIZER_STATUS = 99;
  private static final Path SOURCES = Path.of("src/main/c").toAbsolutePath();
  private static final Path PROGRAM = compiled("manul", sources(), List.of());

  private HostProgram() {}

  /** What a run printed, and its exit status. */
  record Outcome(int status, String out, String err) {}

  /** Seconds that an agent has for an ADD, and for anything else, in this build. */
  static final int ADD_SECONDS = 2;

  static final int OTHER_SECONDS = 1;

  static Path path() {
    return PROGRAM;
  }

  static List<Path> sources() {
    return List.of(
        SOURCES.resolve("manul-cni.c"), SOURCES.resolve("install.c"), SOURCES.resolve("json.c"));
  }

  /** Compiles a program into target/host. */
  static Path compiled(String name, List<Path> sources, List<String> options) {
    Path program = Path.of("target/host", name).toAbsolutePath();
    List<String> command =
        new ArrayList<>(List.of("gcc", "-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror"));
    command.addAll(List.of("-fsanitize=address,undefined", "-fno-sanitize-recover=all"));
    command.addAll(List.of("-DADD_SECONDS=" + ADD_SECONDS, "-DOTHER_SECONDS=" + OTHER_SECONDS));
    command.addAll(List.of("-I" + SOURCES, "-o", program.toString()));
    command.addAll(options);
    sources.forEach(source -> command.add(source.toString()));
    try {
      Files.createDirectories(program.getParent());
      Outcome outcome = run(command, Map.of("PATH", System.getenv("PATH")), new byte[0]);
      assertThat(outcome.status()).as(outcome.err()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return program;
  }

  /** Runs the program with nothing but this environment. */
  static Outcome run(Map<String, String> environment, byte[] input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(List.of(arguments));
    return run(command, environment, input);
  }

  static Outcome run(List<String> command, Map<String, String> environment, byte[] input)
      throws IOException, InterruptedException {
    Path in = Files.createTempFile("manul-host", ".in");
    Path err = Files.createTempFile("manul-host", ".err");
    try {
      Files.write(in, input);
      var builder =
          new ProcessBuilder(command).redirectInput(in.toFile()).redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      String common = "exitcode=" + SANITIZER_STATUS;
      builder.environment().put("ASAN_OPTIONS", common + ":detect_leaks=0");
      builder.environment().put("UBSAN_OPTIONS", common);
      Process process = builder.start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      String errors = Files.readString(err, StandardCharsets.ISO_8859_1);
      assertThat(status).as(errors).isNotEqualTo(SANITIZER_STATUS);
      return new Outcome(status, out, errors);
    } finally {
      Files.delete(in);
      Files.delete(err);
    }
  }
}
