package dev.manul.e2e.kube;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where Kubernetes' programs are.
 *
 * @param root the project's root
 * @param directory what holds etcd, kube-apiserver, kubectl and the others
 */
public record KubeBinaries(Path root, Path directory) {

  private static final String LAYOUT = "k8s/1.20.2-linux-amd64";
  private static final String PROVIDER = "e2e/kube/provide-binaries";
  private static final List<String> NEEDED = List.of("etcd", "kube-apiserver", "kubectl");

  /**
   * Finds the programs below {@code $MANUL_KUBE_DIR} or {@code .cache/kube} of the project, and has
   * them provided when they are not there yet, which can take long.
   */
  public static KubeBinaries provided() {
    return provided(System.getenv());
  }

  static KubeBinaries provided(Map<String, String> environment) {
    KubeBinaries binaries = located(environment);
    if (!binaries.missing().isEmpty()) {
      Run.ok(binaries.root().resolve(PROVIDER).toString());
    }
    if (!binaries.missing().isEmpty()) {
      throw new LabException(
          "%s: no %s there, and %s did not provide it",
          binaries.directory(), String.join(", ", binaries.missing()), PROVIDER);
    }
    return binaries;
  }

  /** The programs, if they are there already. */
  public static Optional<KubeBinaries> present(Map<String, String> environment) {
    return Optional.of(located(environment)).filter(found -> found.missing().isEmpty());
  }

  private static KubeBinaries located(Map<String, String> environment) {
    Path root = projectRoot(environment);
    String configured = environment.get("MANUL_KUBE_DIR");
    Path base = configured == null ? root.resolve(".cache/kube") : Path.of(configured);
    return new KubeBinaries(root, base.resolve(LAYOUT));
  }

  private List<String> missing() {
    return NEEDED.stream()
        .filter(program -> !Files.isExecutable(directory.resolve(program)))
        .toList();
  }

  /** The program's path; whether it is there shows when it is started. */
  public Path program(String name) {
    return directory.resolve(name);
  }

  /** The project's root: {@code $MANUL_ROOT}, or the first directory above this one that is it. */
  public static Path projectRoot(Map<String, String> environment) {
    String named = environment.get("MANUL_ROOT");
    if (named != null) {
      return Path.of(named);
    }
    Path here = Path.of("").toAbsolutePath();
    for (Path candidate = here; candidate != null; candidate = candidate.getParent()) {
      if (Files.isExecutable(candidate.resolve(PROVIDER))) {
        return candidate;
      }
    }
    throw new LabException("MANUL_ROOT is not set, and %s is not inside the project", here);
  }
}
