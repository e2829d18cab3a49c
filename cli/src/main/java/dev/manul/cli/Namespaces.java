package dev.manul.cli;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Resource;
import picocli.CommandLine.Option;

/** The option {@code -n} and the rules of namespaces. */
final class Namespaces {
  /** Where resources of a namespaced kind are when nothing else is said. */
  static final String DEFAULT = "default";

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAMESPACE",
      description =
          "The namespace of a namespaced kind; without it, that of the kubeconfig's context, or "
              + DEFAULT
              + ".")
  String namespace;

  private final Root root;

  Namespaces(Root root) {
    this.root = root;
  }

  boolean given() {
    return namespace != null;
  }

  /** The namespace for a kind: as given, or the default one; "" for a kind without namespaces. */
  String of(Kind<?> kind) {
    if (!kind.namespaced()) {
      if (given()) {
        throw CommandFailure.failed(kind + " is not namespaced; leave out --namespace");
      }
      return "";
    }
    return given() ? namespace : unsaid();
  }

  /** As kubectl has it: of the kubeconfig's context, where the datastore is a cluster. */
  private String unsaid() {
    return StoreChoice.of(root) instanceof StoreChoice.Cluster cluster
        ? ClusterStore.namespace(cluster, root.connection()).orElse(DEFAULT)
        : DEFAULT;
  }

  Key key(Kind<?> kind, String name) {
    return new Key(of(kind), name);
  }

  /** A document's resource in its namespace; its own counts, and must be the given one. */
  Resource placed(Resource resource) {
    Metadata metadata = resource.metadata();
    if (!resource.kind().namespaced()) {
      of(resource.kind());
      return resource;
    }
    if (metadata.namespace().isEmpty()) {
      return resource.withMetadata(
          new Metadata(
              metadata.name(),
              of(resource.kind()),
              metadata.labels(),
              metadata.annotations(),
              metadata.resourceVersion(),
              metadata.uid(),
              metadata.creationTimestamp()));
    }
    if (given() && !metadata.namespace().equals(namespace)) {
      throw CommandFailure.failed(
          Stores.called(resource)
              + ": its namespace "
              + metadata.namespace()
              + " is not the one of --namespace "
              + namespace);
    }
    return resource;
  }
}
