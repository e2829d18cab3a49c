package dev.manul.e2e.uml;

import dev.manul.e2e.LabException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Which kernel the user-mode Linux guests run.
 *
 * <p>The first there is of: {@code MANUL_UML_KERNEL}; {@code .cache/uml-linux}, where {@code
 * e2e/uml/provide-kernel} puts one; that of Debian's package {@code user-mode-linux}, in which a
 * JVM runs at a quarter of the speed.
 */
public final class GuestKernel {

  private static final String VARIABLE = "MANUL_UML_KERNEL";
  private static final String CACHED = ".cache/uml-linux";
  private static final Path PACKAGED = Path.of("/usr/bin/linux.uml");

  private GuestKernel() {}

  /**
   * The kernel to use.
   *
   * @param root the project's root
   * @param environment the variables to look at
   */
  public static Path find(Path root, Map<String, String> environment) {
    String named = environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      if (!Files.isExecutable(Path.of(named))) {
        throw new LabException("%s: %s is not an executable", VARIABLE, named);
      }
      return Path.of(named).toAbsolutePath();
    }
    return List.of(root.resolve(CACHED), PACKAGED).stream()
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toAbsolutePath)
        .orElseThrow(
            () ->
                new LabException(
                    "no user-mode Linux kernel: install Debian's package user-mode-linux, or run"
                        + " e2e/uml/build-kernel .cache/uml-linux, or set %s",
                    VARIABLE));
  }
}
