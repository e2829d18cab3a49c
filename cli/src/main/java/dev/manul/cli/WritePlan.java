package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteRules;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks everything that is to be written before the first of it is: each document by itself,
 * against what is stored under its name, and against what is stored beside it or comes before it in
 * the same input. So a file with an error in its last document changes nothing.
 */
final class WritePlan {
  private record Place(Kind<?> kind, Key key) {}

  private final Optional<Datastore> datastore;
  private final Map<Place, Resource> planned = new HashMap<>();
  private final Map<Kind<?>, Map<Key, Resource>> neighbours = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * @param datastore what is stored; empty to look at the documents alone
   */
  WritePlan(Optional<Datastore> datastore) {
    this.datastore = datastore;
  }

  /**
   * The documents' resources in their namespaces.
   *
   * @param replaces whether stored resources of the same names are to be replaced
   * @throws CommandFailure with a line for each document that must not be written
   */
  List<Resource> check(List<Document> documents, Namespaces namespaces, boolean replaces) {
    for (Document document : documents) {
      try {
        ClusterIdentity.mustBeWritable(document.resource().kind());
      } catch (CommandFailure e) {
        e.lines().forEach(line -> problems.add(document.place() + ": " + line));
      }
    }
    return checkAll(documents, namespaces, replaces);
  }

  /** As {@link #check}, and takes kinds too that users do not write by themselves. */
  List<Resource> checkAll(List<Document> documents, Namespaces namespaces, boolean replaces) {
    List<Resource> resources = new ArrayList<>(documents.size());
    for (Document document : documents) {
      try {
        Resource resource = namespaces.placed(document.resource());
        checkOne(resource, replaces);
        resources.add(resource);
      } catch (InvalidResourceException e) {
        problems.add(document.place() + ": " + Main.oneLine(e.getMessage()));
      } catch (CommandFailure e) {
        e.lines().forEach(line -> problems.add(document.place() + ": " + line));
      }
    }
    if (!problems.isEmpty()) {
      throw new CommandFailure(ExitCode.FAILED, problems);
    }
    return resources;
  }

  private void checkOne(Resource resource, boolean replaces) {
    if (resource.metadata().name().isEmpty()) {
      throw CommandFailure.failed(resource.kind() + ": resource name may not be empty");
    }
    WriteRules.check(resource);
    Place place = new Place(resource.kind(), resource.key());
    Optional<? extends Resource> stored =
        planned.containsKey(place)
            ? Optional.of(planned.get(place))
            : datastore.flatMap(store -> store.get(resource.kind(), resource.key()));
    if (stored.isPresent() && !replaces && datastore.isPresent()) {
      return; // will not be written: it exists already
    }
    stored.ifPresent(old -> WriteRules.checkChange(old, resource));
    List<Resource> beside = new ArrayList<>();
    for (Kind<?> kind : WriteRules.neighbours(resource.kind(), stored.isEmpty())) {
      beside.addAll(neighbours.computeIfAbsent(kind, this::stored).values());
    }
    WriteRules.checkAgainst(resource, beside);
    if (neighbours.containsKey(resource.kind())) {
      neighbours.get(resource.kind()).put(resource.key(), resource);
    }
    planned.put(place, resource);
  }

  private Map<Key, Resource> stored(Kind<?> kind) {
    Map<Key, Resource> stored = new LinkedHashMap<>();
    datastore.ifPresent(
        store ->
            store
                .list(kind, Selection.ALL)
                .items()
                .forEach(resource -> stored.put(resource.key(), resource)));
    return stored;
  }
}
