package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes Manul's own kinds. */
final class CustomWriter {
  private static final String JSON = "application/json";

  /** How often a write without a version is tried against others who write at the same time. */
  private static final int TRIES = 10;

  private final ApiServer api;
  private final ObjectReader reader;

  CustomWriter(ApiServer api, ObjectReader reader) {
    this.api = api;
    this.reader = reader;
  }

  <R extends Resource> WriteResult<R> create(OwnMapping<R> mapping, R resource) {
    WriteRules.check(resource);
    String what = "create " + resource.kind() + " " + resource.key();
    Map<String, Object> tree = mapping.write(resource);
    Map<String, Object> metadata = new LinkedHashMap<>(Fields.metadata(tree));
    metadata.remove("resourceVersion");
    metadata.remove("uid");
    metadata.remove("creationTimestamp");
    tree.put("metadata", metadata);
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      if (WriteRules.needsOthers(resource.kind())) {
        Optional<R> current = reader.get(mapping, resource.key());
        if (current.isPresent()) {
          return new WriteResult.Conflict<>(current);
        }
        checkAgainstOthers(mapping, resource, true);
      }
      ApiServer.Answer answer =
          api.send(
              "POST",
              mapping.path().collection(Optional.of(resource.metadata().namespace())),
              JSON,
              ApiJson.write(tree));
      if (answer.isSuccess()) {
        return withStatus(mapping, resource, answer, what);
      }
      if (!ApiFailure.isConflict(answer)) {
        throw ApiFailure.of(answer, what, mapping.path());
      }
      Optional<R> current = reader.get(mapping, resource.key());
      if (current.isPresent()) {
        return new WriteResult.Conflict<>(current);
      }
    }
    throw contended(what);
  }

  private <R extends Resource> void checkAgainstOthers(
      OwnMapping<R> mapping, R resource, boolean isNew) {
    List<Resource> others = new ArrayList<>();
    for (Kind<?> kind : WriteRules.neighbours(resource.kind(), isNew)) {
      Mapping<?> beside = kind.equals(resource.kind()) ? mapping : new OwnMapping<>(kind);
      others.addAll(reader.list(beside, Selection.ALL).items());
    }
    WriteRules.checkAgainst(resource, others);
  }

  private static DatastoreException contended(String what) {
    return new DatastoreException(
        "cannot " + what + ": others changed it " + TRIES + " times meanwhile");
  }

  <R extends Resource> WriteResult<R> update(OwnMapping<R> mapping, R resource) {
    WriteRules.check(resource);
    boolean versioned = !resource.metadata().resourceVersion().isEmpty();
    String what = "update " + resource.kind() + " " + resource.key();
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      R wanted = resource;
      if (!versioned || resource instanceof IPPool) {
        Optional<R> current = reader.get(mapping, resource.key());
        if (current.isEmpty() || (versioned && !sameVersion(resource, current.get()))) {
          return new WriteResult.Conflict<>(current);
        }
        WriteRules.checkChange(current.get(), resource);
        wanted = inPlaceOf(current.get(), resource);
      }
      if (WriteRules.needsOthers(resource.kind())) {
        checkAgainstOthers(mapping, resource, false);
      }
      Map<String, Object> tree = mapping.write(wanted);
      boolean known = wanted instanceof IPAMBlock && !mapping.hasUnknown(resource.key());
      if (wanted instanceof IPAMBlock) {
        endTracking(tree);
      }
      String path = mapping.path().object(resource.key());
      ApiServer.Answer answer =
          known
              ? api.putForMetadata(path, ApiJson.write(tree))
              : api.send("PUT", path, JSON, ApiJson.write(tree));
      if (answer.isSuccess()) {
        return known
            ? new WriteResult.Written<>(numbered(wanted, ObjectReader.object(answer, what)))
            : withStatus(mapping, wanted, answer, what);
      }
      Optional<R> seen = whenRefused(mapping, resource, answer, what);
      if (versioned || seen.isEmpty()) {
        return new WriteResult.Conflict<>(seen);
      }
    }
    throw contended(what);
  }

  /**
   * Has the server keep no account of who has set which field, as one empty entry does (Kubernetes,
   * Server-Side Apply, "Clearing managedFields"): for what is written with every pod and by agents
   * alone, that account takes it longer than the write.
   */
  private static void endTracking(Map<String, Object> tree) {
    Map<String, Object> metadata = new LinkedHashMap<>(Fields.metadata(tree));
    metadata.put("managedFields", List.of(Map.of()));
    tree.put("metadata", metadata);
  }

  private static boolean sameVersion(Resource one, Resource other) {
    return one.metadata().resourceVersion().equals(other.metadata().resourceVersion());
  }

  private static <R extends Resource> R inPlaceOf(R current, R resource) {
    return identified(
        resource,
        current.metadata().uid(),
        current.metadata().creationTimestamp(),
        current.metadata().resourceVersion());
  }

  /**
   * What has been written, as it is stored now. A block is large, written with every pod, and has
   * nothing that a server would fill in, so that it need not come back whole.
   */
  private static <R extends Resource> R numbered(R written, Map<String, Object> stored) {
    return identified(
        written,
        Fields.uid(stored),
        Fields.text(Fields.metadata(stored), "creationTimestamp"),
        Fields.version(stored));
  }

  @SuppressWarnings("unchecked") // withMetadata gives the same kind of record
  private static <R extends Resource> R identified(
      R resource, String uid, String timestamp, String version) {
    return (R) resource.withMetadata(resource.metadata().created(uid, timestamp, version));
  }

  /**
   * Writes the status as well, if the server left it out because it is a subresource of its own.
   * Only pools have one.
   */
  private <R extends Resource> WriteResult<R> withStatus(
      OwnMapping<R> mapping, R wanted, ApiServer.Answer answer, String what) {
    Map<String, Object> tree = ObjectReader.object(answer, what);
    R written = ObjectReader.bound(mapping, tree).orElseThrow();
    if (!(wanted instanceof IPPool pool)
        || pool.status().conditions().isEmpty()
        || pool.status().equals(((IPPool) written).status())) {
      return new WriteResult.Written<>(written);
    }
    tree.put("status", Fields.map(mapping.write(wanted), "status"));
    ApiServer.Answer second =
        api.send("PUT", mapping.path().object(wanted.key()) + "/status", JSON, ApiJson.write(tree));
    if (second.isSuccess()) {
      return new WriteResult.Written<>(
          ObjectReader.bound(mapping, ObjectReader.object(second, what)).orElseThrow());
    }
    throw ApiFailure.of(second, what + " (its status)", mapping.path());
  }

  <R extends Resource> WriteResult<R> delete(OwnMapping<R> mapping, R resource) {
    String what = "delete " + resource.kind() + " " + resource.key();
    boolean versioned = !resource.metadata().resourceVersion().isEmpty();
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      R target = resource;
      if (!versioned || resource.metadata().uid().isEmpty()) {
        Optional<R> current = reader.get(mapping, resource.key());
        if (current.isEmpty() || (versioned && !sameVersion(resource, current.get()))) {
          return new WriteResult.Conflict<>(current);
        }
        target = current.get();
      }
      ApiServer.Answer answer =
          api.send(
              "DELETE",
              mapping.path().object(resource.key()),
              JSON,
              ApiJson.write(deleteOptions(target)));
      if (answer.isSuccess()) {
        mapping.forget(resource.key());
        return new WriteResult.Written<>(target);
      }
      Optional<R> seen = whenRefused(mapping, resource, answer, what);
      if (versioned || seen.isEmpty()) {
        return new WriteResult.Conflict<>(seen);
      }
    }
    throw contended(what);
  }

  /**
   * What is there in place of what a refused write was meant for; empty when nothing is.
   *
   * @throws DatastoreException when the write was refused for another reason than that
   */
  private <R extends Resource> Optional<R> whenRefused(
      OwnMapping<R> mapping, R resource, ApiServer.Answer answer, String what) {
    if (ApiFailure.isObjectMissing(answer)) {
      return Optional.empty();
    }
    if (!ApiFailure.isConflict(answer)) {
      throw ApiFailure.of(answer, what, mapping.path());
    }
    return reader.get(mapping, resource.key());
  }

  private static Map<String, Object> deleteOptions(Resource target) {
    return Map.of(
        "apiVersion",
        "v1",
        "kind",
        "DeleteOptions",
        "preconditions",
        Map.of(
            "uid",
            target.metadata().uid(),
            "resourceVersion",
            target.metadata().resourceVersion()));
  }
}
