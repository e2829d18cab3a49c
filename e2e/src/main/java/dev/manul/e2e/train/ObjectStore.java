package dev.manul.e2e.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Objects by their paths in Kubernetes' API, with versions, and nothing of what objects mean: no
 * schemas, no defaults, no selectors. For one thread.
 */
final class ObjectStore {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int CONFLICT = 409;

  private final Map<Target, ObjectNode> objects = new LinkedHashMap<>();
  private final List<Watcher> watchers = new ArrayList<>();

  /** All that ever happened: a training is short. */
  private final List<Change> changes = new ArrayList<>();

  private long version = 1;

  /** Is told what changes of what it watches. */
  interface Watcher {

    Target target();

    void tell(ObjectNode event);
  }

  private record Change(long version, Target target, ObjectNode event) {}

  /** What is answered: a status of HTTP, and an object. */
  record Answer(int status, ObjectNode body) {}

  /**
   * What a path names.
   *
   * @param group such as {@code api/v1} or {@code apis/projectcalico.org/v3}
   * @param namespace "" for all, or for objects without
   * @param name "" for all
   */
  record Target(String group, String namespace, String plural, String name) {

    /** The target of a path such as {@code /api/v1/namespaces/a/pods/b/status}. */
    static Optional<Target> of(String path) {
      List<String> words = new ArrayList<>(List.of(path.substring(1).split("/", -1)));
      int ofGroup = words.getFirst().equals("api") ? 2 : 3;
      if (words.size() <= ofGroup) {
        return Optional.empty();
      }
      String group = String.join("/", words.subList(0, ofGroup));
      List<String> rest = words.subList(ofGroup, words.size());
      String namespace = "";
      if (rest.getFirst().equals("namespaces") && rest.size() > 2) {
        namespace = rest.get(1);
        rest = rest.subList(2, rest.size());
      }
      return Optional.of(
          new Target(group, namespace, rest.getFirst(), rest.size() > 1 ? rest.get(1) : ""));
    }

    Target named(String other) {
      return new Target(group, namespace, plural, other);
    }

    boolean covers(Target other) {
      return group.equals(other.group)
          && plural.equals(other.plural)
          && (namespace.isEmpty() || namespace.equals(other.namespace))
          && (name.isEmpty() || name.equals(other.name));
    }
  }

  /** Does what is asked. */
  Answer ask(String method, Target target, ObjectNode body) {
    return switch (method) {
      case "GET" -> target.name().isEmpty() ? list(target) : read(target);
      case "POST" -> create(target, body);
      case "PUT" -> replace(target, body);
      case "PATCH" -> patch(target, body);
      case "DELETE" -> delete(target);
      default -> failure(NOT_ALLOWED, "MethodNotAllowed", target);
    };
  }

  /** Tells what has changed since a version, and from then on every change. */
  void watch(Watcher watcher, long since) {
    changes.stream()
        .filter(change -> change.version() > since && watcher.target().covers(change.target()))
        .forEach(change -> watcher.tell(change.event()));
    ObjectNode mark = NODES.objectNode();
    mark.putObject("metadata").put("resourceVersion", Long.toString(version));
    watcher.tell(event("BOOKMARK", mark));
    watchers.add(watcher);
  }

  void leave(Watcher watcher) {
    watchers.remove(watcher);
  }

  private List<ObjectNode> listed(Target target) {
    return objects.entrySet().stream()
        .filter(entry -> target.covers(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private Optional<ObjectNode> stored(Target target) {
    return Optional.ofNullable(objects.get(target));
  }

  private Answer list(Target target) {
    ObjectNode list = NODES.objectNode().put("kind", "List").put("apiVersion", "v1");
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    list.putArray("items").addAll(listed(target));
    return new Answer(OK, list);
  }

  private Answer read(Target target) {
    return stored(target)
        .map(object -> new Answer(OK, object))
        .orElseGet(() -> failure(NOT_FOUND, "NotFound", target));
  }

  private Answer create(Target collection, ObjectNode body) {
    Target target = collection.named(body.path("metadata").path("name").asText());
    if (stored(target).isPresent()) {
      return failure(CONFLICT, "AlreadyExists", target);
    }
    ObjectNode object = body.deepCopy();
    ObjectNode metadata = object.withObjectProperty("metadata");
    metadata.put("uid", UUID.randomUUID().toString());
    metadata.put("creationTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    if (!target.namespace().isEmpty()) {
      metadata.put("namespace", target.namespace());
    }
    return new Answer(CREATED, put(target, object, "ADDED"));
  }

  private Answer replace(Target target, ObjectNode body) {
    Optional<ObjectNode> before = stored(target);
    if (before.isEmpty()) {
      return failure(NOT_FOUND, "NotFound", target);
    }
    if (isOutdated(before.get(), body)) {
      return failure(CONFLICT, "Conflict", target);
    }
    ObjectNode object = body.deepCopy();
    ObjectNode metadata = object.withObjectProperty("metadata");
    for (String kept : List.of("uid", "creationTimestamp", "namespace")) {
      metadata.set(kept, before.get().path("metadata").get(kept));
    }
    return new Answer(OK, put(target, object, "MODIFIED"));
  }

  private Answer patch(Target target, ObjectNode patch) {
    Optional<ObjectNode> before = stored(target);
    if (before.isEmpty()) {
      return failure(NOT_FOUND, "NotFound", target);
    }
    if (isOutdated(before.get(), patch)) {
      return failure(CONFLICT, "Conflict", target);
    }
    ObjectNode object = before.get().deepCopy();
    merge(object, patch);
    return new Answer(OK, put(target, object, "MODIFIED"));
  }

  private Answer delete(Target target) {
    Optional<ObjectNode> before = stored(target);
    if (before.isEmpty()) {
      return failure(NOT_FOUND, "NotFound", target);
    }
    ObjectNode object = put(target, before.get().deepCopy(), "DELETED");
    objects.remove(target);
    return new Answer(OK, object);
  }

  private static boolean isOutdated(ObjectNode stored, ObjectNode given) {
    String expected = given.path("metadata").path("resourceVersion").asText();
    return !expected.isEmpty()
        && !expected.equals(stored.path("metadata").path("resourceVersion").asText());
  }

  private ObjectNode put(Target target, ObjectNode object, String what) {
    version++;
    object.withObjectProperty("metadata").put("resourceVersion", Long.toString(version));
    objects.put(target, object);
    ObjectNode event = event(what, object);
    changes.add(new Change(version, target, event));
    for (Watcher watcher : List.copyOf(watchers)) {
      if (watcher.target().covers(target)) {
        watcher.tell(event);
      }
    }
    return object;
  }

  private static ObjectNode event(String type, ObjectNode object) {
    ObjectNode event = NODES.objectNode().put("type", type);
    event.set("object", object.deepCopy());
    return event;
  }

  /** RFC 7396, and conditions by their type, as a strategic merge patch means them. */
  private static void merge(ObjectNode object, ObjectNode patch) {
    patch
        .properties()
        .forEach(
            field -> {
              String name = field.getKey();
              JsonNode value = field.getValue();
              if (value.isNull()) {
                object.remove(name);
              } else if (value instanceof ObjectNode inner) {
                merge(object.withObjectProperty(name), inner);
              } else if (name.equals("conditions") && object.get(name) instanceof ArrayNode there) {
                value.forEach(condition -> mergeCondition(there, condition));
              } else if (!name.startsWith("$")) {
                object.set(name, value);
              }
            });
  }

  private static void mergeCondition(ArrayNode conditions, JsonNode condition) {
    for (int i = 0; i < conditions.size(); i++) {
      if (conditions.get(i).path("type").equals(condition.path("type"))) {
        conditions.set(i, condition);
        return;
      }
    }
    conditions.add(condition);
  }

  private static Answer failure(int status, String reason, Target target) {
    ObjectNode body = NODES.objectNode().put("kind", "Status").put("apiVersion", "v1");
    body.put("status", "Failure").put("reason", reason).put("code", status);
    body.put("message", target.plural() + " \"" + target.name() + "\": " + reason);
    body.putObject("details").put("name", target.name()).put("kind", target.plural());
    return new Answer(status, body);
  }
}
