package dev.manul.datastore.kubernetes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How the Kubernetes API is reached.
 *
 * @param kubeconfig a file as kubectl uses them; empty for the service account that a pod has
 * @param context of the file's contexts; empty for its current one
 */
public record KubernetesAccess(Optional<Path> kubeconfig, Optional<String> context) {

  /**
   * As kubectl finds it: the first file that {@code KUBECONFIG} names; in a pod, which has {@code
   * KUBERNETES_SERVICE_HOST}, the service account; else {@code ~/.kube/config}.
   */
  public static KubernetesAccess of(Map<String, String> environment) {
    String named = environment.getOrDefault("KUBECONFIG", "");
    Path first = null;
    for (String name : named.split(":", -1)) {
      if (!name.isEmpty()) {
        Path file = Path.of(name);
        first = first == null ? file : first;
        if (Files.exists(file)) {
          return file(file);
        }
      }
    }
    if (first != null) {
      return file(first); // opening it says that it is not there
    }
    if (!environment.getOrDefault("KUBERNETES_SERVICE_HOST", "").isEmpty()) {
      return new KubernetesAccess(Optional.empty(), Optional.empty());
    }
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/root"));
    return file(Path.of(home, ".kube", "config"));
  }

  /** By a file, in its current context. */
  public static KubernetesAccess file(Path kubeconfig) {
    return new KubernetesAccess(Optional.of(kubeconfig), Optional.empty());
  }
}
