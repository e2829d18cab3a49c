package dev.manul.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the project and its files are. */
final class Project {
  private Project() {}

  static Path root() {
    String told = System.getenv("MANUL_ROOT");
    Path at = Path.of(told == null ? "" : told).toAbsolutePath();
    while (!Files.exists(at.resolve("dev")) || !Files.exists(at.resolve("model/pom.xml"))) {
      at = at.getParent();
    }
    return at;
  }

  /** Where Kubernetes' programs are, as kube-api-test looks for them. */
  static Path kube() {
    String told = System.getenv("MANUL_KUBE_DIR");
    return told == null ? root().resolve(".cache/kube") : Path.of(told);
  }

  /** The files of a directory of test resources. */
  static List<Path> resources(String directory) {
    return files(root().resolve("deploy/src/test/resources").resolve(directory));
  }

  /** All files below a directory, in order. */
  static List<Path> files(Path directory) {
    try (Stream<Path> found = Files.walk(directory)) {
      return found.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }
}
