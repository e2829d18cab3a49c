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
import java.util.TreeMap;

/**
 * The datastore of a Kubernetes cluster. A class of its own, so that commands on files never load
 * what it needs.
 */
final class ClusterStore {
  private ClusterStore() {}

  static Datastore open(StoreChoice.Cluster cluster, Map<String, String> environment) {
    return KubernetesDatastore.open(access(cluster, environment));
  }

  private static KubernetesAccess access(
      StoreChoice.Cluster cluster, Map<String, String> environment) {
    KubernetesAccess found =
        cluster
            .kubeconfig()
            .map(KubernetesAccess::file)
            .orElseGet(() -> KubernetesAccess.of(environment));
    if (cluster.context().isPresent() && found.kubeconfig().isPresent()) {
      mustHave(found.kubeconfig().get(), cluster.context().get());
    }
    return new KubernetesAccess(found.kubeconfig(), cluster.context());
  }

  /** A context that a readable kubeconfig does not have is no reason to take another one. */
  private static void mustHave(Path kubeconfig, String context) {
    Map<?, ?> config = read(kubeconfig);
    if (!config.isEmpty() && !contexts(config).containsKey(context)) {
      throw CommandFailure.usage(
          "the kubeconfig "
              + kubeconfig
              + " has no context "
              + context
              + "; it has "
              + String.join(", ", contexts(config).keySet()));
    }
  }

  /** The namespace of the kubeconfig's context, as kubectl takes it; empty when it has none. */
  static Optional<String> namespace(StoreChoice.Cluster cluster, Map<String, String> environment) {
    KubernetesAccess access = access(cluster, environment);
    return access.kubeconfig().flatMap(file -> namespace(file, access.context()));
  }

  private static Optional<String> namespace(Path kubeconfig, Optional<String> context) {
    Map<?, ?> config = read(kubeconfig);
    String current = context.orElse(String.valueOf(config.get("current-context")));
    return Optional.ofNullable(contexts(config).getOrDefault(current, Map.of()).get("namespace"))
        .map(String::valueOf)
        .filter(text -> !text.isEmpty());
  }

  /** A kubeconfig; empty when it cannot be read, which opening the datastore will explain. */
  private static Map<?, ?> read(Path kubeconfig) {
    try {
      List<Object> trees =
          ResourceText.parseTrees(Files.readString(kubeconfig), kubeconfig.toString());
      return trees.isEmpty() ? Map.of() : map(trees.getFirst());
    } catch (IOException | MalformedTextException e) {
      return Map.of();
    }
  }

  private static Map<String, Map<?, ?>> contexts(Map<?, ?> config) {
    Map<String, Map<?, ?>> contexts = new TreeMap<>();
    for (Object entry : config.get("contexts") instanceof List<?> all ? all : List.of()) {
      contexts.put(String.valueOf(map(entry).get("name")), map(map(entry).get("context")));
    }
    return contexts;
  }

  private static Map<?, ?> map(Object tree) {
    return tree instanceof Map<?, ?> map ? map : Map.of();
  }
}
