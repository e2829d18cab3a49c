package dev.manul.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The project's own small C programs, which measure and so must cost next to nothing. */
public final class NativeProgram {

  private NativeProgram() {}

  /**
   * The program, compiled where there is none that is newer than its source.
   *
   * @param root the project's root
   * @param name its source below {@code e2e}, without {@code .c}
   */
  public static Path compiled(Path root, String name) {
    Path program = root.resolve(".cache").resolve(name.replace('/', '-'));
    Path source = root.resolve("e2e").resolve(name + ".c");
    try {
      if (!Files.exists(program)
          || Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) < 0) {
        Files.createDirectories(program.getParent());
        Run.ok("gcc", "-std=gnu11", "-O2", "-o", program.toString(), source.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return program;
  }
}
