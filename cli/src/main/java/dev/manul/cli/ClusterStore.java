package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The datastore of a Kubernetes cluster. A class of its own, so that commands on files never load
 * what it needs.
 */
final class ClusterStore {
  private ClusterStore() {}

  static Datastore open(StoreChoice.Cluster cluster, Map<String, String> environment) {
    if (cluster.kubeconfig().isEmpty()
        && !environment.getOrDefault("K8S_API_ENDPOINT", "").isEmpty()
        && environment.getOrDefault("KUBECONFIG", "").isEmpty()) {
      throw CommandFailure.usage(
          "K8S_API_ENDPOINT is not used here; put the API's address into a kubeconfig and name it"
              + " with --kubeconfig or KUBECONFIG");
    }
    return KubernetesDatastore.open(access(cluster, environment));
  }

  private static KubernetesAccess access(
      StoreChoice.Cluster cluster, Map<String, String> environment) {
    KubernetesAccess found =
        cluster
            .kubeconfig()
            .map(file -> new KubernetesAccess(Optional.of(file), Optional.empty()))
            .orElseGet(() -> KubernetesAccess.of(environment));
    return new KubernetesAccess(found.kubeconfig(), cluster.context());
  }

  /** The namespace of the kubeconfig's context, as kubectl takes it; empty when it has none. */
  static Optional<String> namespace(StoreChoice.Cluster cluster, Map<String, String> environment) {
    KubernetesAccess access = access(cluster, environment);
    return access.kubeconfig().flatMap(file -> namespace(file, access.context()));
  }

  private static Optional<String> namespace(Path kubeconfig, Optional<String> context) {
    try {
      List<Object> trees =
          ResourceText.parseTrees(Files.readString(kubeconfig), kubeconfig.toString());
      Map<?, ?> config = trees.isEmpty() ? Map.of() : map(trees.getFirst());
      String wanted = context.orElse(String.valueOf(config.get("current-context")));
      for (Object entry : config.get("contexts") instanceof List<?> all ? all : List.of()) {
        if (wanted.equals(String.valueOf(map(entry).get("name")))) {
          return Optional.ofNullable(map(map(entry).get("context")).get("namespace"))
              .map(String::valueOf)
              .filter(text -> !text.isEmpty());
        }
      }
    } catch (IOException | MalformedTextException e) {
      // opening the datastore says what is wrong with it
    }
    return Optional.empty();
  }

  private static Map<?, ?> map(Object tree) {
    return tree instanceof Map<?, ?> map ? map : Map.of();
  }
}
