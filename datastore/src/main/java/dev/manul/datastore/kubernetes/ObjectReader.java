package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Listing;
import dev.manul.datastore.MalformedTextException;
import dev.manul.datastore.Selection;
import dev.manul.model.Key;
import dev.manul.model.Resource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads single objects and collections. */
final class ObjectReader {

  /** How often a list is begun anew whose state the server forgot between two pages. */
  private static final int TRIES = 3;

  private final ApiServer api;

  ObjectReader(ApiServer api) {
    this.api = api;
  }

  <R extends Resource> Optional<R> get(Mapping<R> mapping, Key key) {
    return tree(mapping, key)
        .flatMap(tree -> bound(mapping, tree))
        .filter(resource -> resource.key().equals(key));
  }

  /** The object in which a resource of this key is kept, if there is one. */
  Optional<Map<String, Object>> tree(Mapping<?> mapping, Key key) {
    Optional<Key> object = mapping.objectKey(key);
    if (object.isEmpty()
        || object.get().name().isEmpty()
        || (mapping.path().namespaced() && object.get().namespace().isEmpty())) {
      return Optional.empty();
    }
    ApiServer.Answer answer = api.get(mapping.path().object(object.get()));
    if (ApiFailure.isObjectMissing(answer)) {
      return Optional.empty();
    }
    String what = "read " + mapping.kind() + " " + key;
    if (!answer.isSuccess()) {
      throw ApiFailure.of(answer, what, mapping.path());
    }
    return Optional.of(object(answer, what));
  }

  /** The object that an answer is. */
  static Map<String, Object> object(ApiServer.Answer answer, String what) {
    try {
      return ApiJson.read(answer.body(), 0, answer.body().length);
    } catch (IOException e) {
      throw new DatastoreException(
          "cannot " + what + ": the answer is no object: " + e.getMessage(), e);
    }
  }

  /** The resource that an object is; one that cannot be read is a failure of the datastore. */
  static <R extends Resource> Optional<R> bound(Mapping<R> mapping, Map<String, Object> tree) {
    try {
      return mapping.read(tree);
    } catch (MalformedTextException e) {
      throw new DatastoreException(e.getMessage(), e);
    }
  }

  <R extends Resource> Listing<R> list(Mapping<R> mapping, Selection selection) {
    for (int attempt = 1; ; attempt++) {
      List<R> items = new ArrayList<>();
      List<String> problems = new ArrayList<>();
      try {
        String _ =
            new Lists(api, mapping.path())
                .read(
                    mapping.path().collection(selection.namespace()),
                    mapping.query(selection),
                    "",
                    tree -> {
                      try {
                        mapping.read(tree).filter(selection::admits).ifPresent(items::add);
                      } catch (MalformedTextException e) {
                        problems.add(e.getMessage());
                      }
                    });
        items.sort(Comparator.comparing(Resource::key));
        problems.sort(Comparator.naturalOrder());
        return new Listing<>(items, problems);
      } catch (ApiFailure.ExpiredException e) {
        if (attempt == TRIES) {
          throw e;
        }
      }
    }
  }
}
