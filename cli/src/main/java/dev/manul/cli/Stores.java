package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/** Opens datastores, and finds what the command line names in them. */
final class Stores {
  private Stores() {}

  /** The datastore to read from, which must be there. */
  static Datastore existing(Root root) {
    return switch (StoreChoice.of(root)) {
      case StoreChoice.Directory(Path path) -> {
        if (!Files.isDirectory(path)) {
          throw CommandFailure.unreachable(
              "the datastore directory "
                  + path
                  + " does not exist; name another with --datastore or MANUL_DATASTORE_PATH, or a"
                  + " cluster with --kubeconfig or KUBECONFIG");
        }
        yield FileDatastore.open(path);
      }
      case StoreChoice.Cluster cluster -> ClusterStore.open(cluster, root.terminal().env());
    };
  }

  /** The datastore to write to; made when it is not there, so that a node can be set up first. */
  static Datastore writable(Root root) {
    return switch (StoreChoice.of(root)) {
      case StoreChoice.Directory(Path path) -> FileDatastore.open(path);
      case StoreChoice.Cluster cluster -> ClusterStore.open(cluster, root.terminal().env());
    };
  }

  /** The kind that an argument names, in any of its forms. */
  static Kind<? extends Resource> kind(String name) {
    return Kinds.find(name)
        .orElseThrow(
            () ->
                CommandFailure.usage(
                    "resource kind '"
                        + name
                        + "' is not known; it must be one of "
                        + Kinds.ALL.stream()
                            .map(kind -> kind.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))));
  }

  /** How messages call a resource: {@code IPPool(name)}. */
  static String called(Resource resource) {
    return called(resource.kind(), resource.key().toString());
  }

  static String called(Kind<?> kind, String name) {
    return kind + "(" + name + ")";
  }
}
