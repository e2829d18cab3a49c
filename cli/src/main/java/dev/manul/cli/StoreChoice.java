package dev.manul.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Which datastore the options and the environment mean. */
sealed interface StoreChoice {

  /** Where resources are files when nothing is said. */
  String DEFAULT_DIRECTORY = "/etc/manul/datastore";

  /** A directory of files. */
  record Directory(Path path) implements StoreChoice {}

  /**
   * The Kubernetes API.
   *
   * @param kubeconfig as the command line names it; empty to look where kubectl looks
   * @param context of the kubeconfig's contexts; empty for its current one
   */
  record Cluster(Optional<Path> kubeconfig, Optional<String> context) implements StoreChoice {}

  /**
   * The datastore that is meant: the one of an option; else of {@code DATASTORE_TYPE}; else the
   * directory of {@code MANUL_DATASTORE_PATH}; else Kubernetes with a KUBECONFIG or in a pod. With
   * nothing at all, the default directory, or Kubernetes where that is not there and kubectl has
   * its configuration in the usual place.
   */
  static StoreChoice of(Root root) {
    boolean named = root.kubeconfig != null || root.context != null;
    if (root.datastore != null) {
      if (named) {
        throw CommandFailure.usage(
            "--datastore names a directory, --kubeconfig and --context a cluster; give one only");
      }
      return new Directory(Path.of(root.datastore));
    }
    Map<String, String> variables = root.connection();
    Optional<String> context = Optional.ofNullable(root.context).filter(text -> !text.isEmpty());
    Cluster cluster =
        new Cluster(
            Optional.ofNullable(root.kubeconfig).filter(text -> !text.isEmpty()).map(Path::of),
            context.or(() -> set(variables, "K8S_CURRENT_CONTEXT")));
    Optional<String> path = set(variables, "MANUL_DATASTORE_PATH");
    Directory directory = new Directory(Path.of(path.orElse(DEFAULT_DIRECTORY)));
    if (named) {
      return cluster;
    }
    String type = variables.getOrDefault("DATASTORE_TYPE", "");
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "kubernetes" -> cluster;
      case "file" -> directory;
      case "" -> path.isEmpty() && meansCluster(variables, directory) ? cluster : directory;
      default ->
          throw CommandFailure.usage("DATASTORE_TYPE: \"" + type + "\" is not kubernetes or file");
    };
  }

  private static Optional<String> set(Map<String, String> variables, String name) {
    return Optional.ofNullable(variables.get(name)).filter(text -> !text.isEmpty());
  }

  private static boolean meansCluster(Map<String, String> variables, Directory directory) {
    Optional<String> home = set(variables, "HOME");
    return set(variables, "KUBECONFIG").isPresent()
        || set(variables, "KUBERNETES_SERVICE_HOST").isPresent()
        || (home.isPresent()
            && !Files.isDirectory(directory.path())
            && Files.isRegularFile(Path.of(home.get(), ".kube", "config")));
  }
}
