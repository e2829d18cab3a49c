package dev.manul.datastore;

import dev.manul.model.Resource;
import java.util.Map;
import java.util.Optional;

/**
 * Which resources of a kind a list or watch is about.
 *
 * @param namespace only this namespace; empty for all
 * @param labels only resources that carry all of these labels
 */
public record Selection(Optional<String> namespace, Map<String, String> labels) {

  /** Every resource of the kind. */
  public static final Selection ALL = new Selection(Optional.empty(), Map.of());

  public Selection {
    labels = Map.copyOf(labels);
  }

  public static Selection inNamespace(String namespace) {
    return new Selection(Optional.of(namespace), Map.of());
  }

  public static Selection labelled(Map<String, String> labels) {
    return new Selection(Optional.empty(), labels);
  }

  public boolean admits(Resource resource) {
    return namespace.map(resource.metadata().namespace()::equals).orElse(true)
        && resource.metadata().labels().entrySet().containsAll(labels.entrySet());
  }
}
