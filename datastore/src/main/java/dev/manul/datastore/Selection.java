package dev.manul.datastore;

import dev.manul.model.BlockAffinity;
import dev.manul.model.Node;
import dev.manul.model.Pod;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.Map;
import java.util.Optional;

/**
 * Which resources of a kind a list or watch is about.
 *
 * @param namespace only this namespace; empty for all
 * @param labels only resources that carry all of these labels
 * @param node only resources of this node: pods and workload endpoints on it, its block affinities,
 *     the node itself; other kinds have no node and are all admitted
 * @param name only the resource of this name; of kinds that Kubernetes alone writes, permission to
 *     read this one is enough
 */
public record Selection(
    Optional<String> namespace,
    Map<String, String> labels,
    Optional<String> node,
    Optional<String> name) {

  /** Every resource of the kind. */
  public static final Selection ALL =
      new Selection(Optional.empty(), Map.of(), Optional.empty(), Optional.empty());

  public Selection {
    labels = Map.copyOf(labels);
  }

  public static Selection inNamespace(String namespace) {
    return new Selection(Optional.of(namespace), Map.of(), Optional.empty(), Optional.empty());
  }

  public static Selection labelled(Map<String, String> labels) {
    return new Selection(Optional.empty(), labels, Optional.empty(), Optional.empty());
  }

  /** One resource of a namespace. */
  public static Selection named(String namespace, String name) {
    return new Selection(Optional.of(namespace), Map.of(), Optional.empty(), Optional.of(name));
  }

  /** What concerns one node. */
  public static Selection onNode(String node) {
    return new Selection(Optional.empty(), Map.of(), Optional.of(node), Optional.empty());
  }

  /** Whether this admits everything that another one does. */
  public boolean covers(Selection other) {
    return (namespace.isEmpty() || namespace.equals(other.namespace))
        && other.labels.entrySet().containsAll(labels.entrySet())
        && (node.isEmpty() || node.equals(other.node))
        && (name.isEmpty() || name.equals(other.name));
  }

  public boolean admits(Resource resource) {
    return namespace.map(resource.metadata().namespace()::equals).orElse(true)
        && name.map(resource.metadata().name()::equals).orElse(true)
        && resource.metadata().labels().entrySet().containsAll(labels.entrySet())
        && node.map(own -> concerns(resource, own)).orElse(true);
  }

  private static boolean concerns(Resource resource, String node) {
    return switch (resource) {
      case Pod pod -> pod.spec().nodeName().equals(node);
      case WorkloadEndpoint endpoint -> endpoint.spec().node().equals(node);
      case BlockAffinity affinity -> affinity.spec().node().equals(node);
      case Node itself -> itself.metadata().name().equals(node);
      default -> true;
    };
  }
}
