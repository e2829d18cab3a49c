package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import dev.manul.model.Spelling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
      case StoreChoice.Cluster cluster -> ClusterStore.open(cluster, root.connection());
    };
  }

  /** The datastore to write to; made when it is not there, so that a node can be set up first. */
  static Datastore writable(Root root) {
    return switch (StoreChoice.of(root)) {
      case StoreChoice.Directory(Path path) -> FileDatastore.open(path);
      case StoreChoice.Cluster cluster -> ClusterStore.open(cluster, root.connection());
    };
  }

  /** The kind that an argument names, in any of its forms. */
  static Kind<? extends Resource> kind(String name) {
    return Kinds.find(name).orElseThrow(() -> unknownKind(name));
  }

  private static CommandFailure unknownKind(String name) {
    List<String> names = new ArrayList<>();
    for (Kind<?> kind : Kinds.ALL) {
      names.add(kind.toString().toLowerCase(Locale.ROOT));
    }
    List<String> forms = new ArrayList<>(names);
    Kinds.ALL.forEach(kind -> forms.add(kind.plural()));
    return CommandFailure.usage(
        "resource kind '"
            + name
            + "' is not known; "
            + Spelling.nearest(name, forms)
                .map(near -> "did you mean " + near + "?")
                .orElseGet(() -> "it must be one of " + String.join(", ", names)));
  }

  /** How messages call a resource: {@code IPPool(name)}. */
  static String called(Resource resource) {
    return called(resource.kind(), resource.key().toString());
  }

  static String called(Kind<?> kind, String name) {
    return kind + "(" + name + ")";
  }
}
