package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A command that has run, in this process. */
record Ran(int code, String out, String err) {
  static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

  static Ran with(Path directory, String input, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Map<String, String> env =
        Map.of(
            "MANUL_DATASTORE_PATH",
            directory.resolve("store").toString(),
            "MANUL_RUN_DIR",
            directory.resolve("run").toString());
    int code =
        Main.run(
            args,
            new Terminal(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                env,
                CLOCK));
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static Ran of(Path directory, String... args) {
    return with(directory, "", args);
  }

  /** What a command writes that must succeed and complain of nothing. */
  static String outputOf(Path directory, String... args) {
    Ran ran = of(directory, args);
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    return ran.out();
  }

  /** Applies documents; they must be good. */
  static void apply(Path directory, String documents) {
    Ran ran = with(directory, documents, "apply", "-f", "-");
    if (ran.code() != 0) {
      throw new AssertionError(ran.toString());
    }
  }

  List<String> errLines() {
    return err.lines().toList();
  }

  /** Every file below a directory with its contents. */
  static Map<String, String> contents(Path directory) {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return contents;
  }
}
