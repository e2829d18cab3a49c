package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/** Reads collections. */
final class Lists {

  /** Objects of a page. */
  private static final int PAGE = 500;

  private final ApiServer api;
  private final ObjectPath path;

  Lists(ApiServer api, ObjectPath path) {
    this.api = api;
    this.path = path;
  }

  /**
   * Reads all objects of a collection, page by page, in one state.
   *
   * @param query further parameters, each with {@code &} before it
   * @param notOlderThan a version: any state of it or after it will do, which the server answers
   *     from its memory and in one piece; "" for the newest state
   * @param item is given each object
   * @return the version of the state
   * @throws ApiFailure.ExpiredException when the state was forgotten between two pages; some
   *     objects have been given then
   */
  String read(
      String collection, String query, String notOlderThan, Consumer<Map<String, Object>> item) {
    if (!notOlderThan.isEmpty()) {
      String cached =
          "?resourceVersionMatch=NotOlderThan&resourceVersion=" + ObjectPath.encode(notOlderThan);
      ApiServer.Answer answer = api.get(collection + cached + query);
      if (answer.isSuccess()) {
        return Fields.text(page(answer, item), "resourceVersion");
      }
      // a server that was set back does not know the version; it has a newest state all the same
    }
    String next = "";
    while (true) {
      ApiServer.Answer answer = api.get(collection + "?limit=" + PAGE + next + query);
      if (!answer.isSuccess()) {
        throw ApiFailure.of(answer, "list " + path.resourceName(), path);
      }
      Map<String, Object> metadata = page(answer, item);
      String token = Fields.text(metadata, "continue");
      if (token.isEmpty()) {
        return Fields.text(metadata, "resourceVersion");
      }
      next = "&continue=" + ObjectPath.encode(token);
    }
  }

  private Map<String, Object> page(ApiServer.Answer answer, Consumer<Map<String, Object>> item) {
    try {
      return ApiJson.readList(answer.body(), item);
    } catch (IOException e) {
      throw new DatastoreException(
          "cannot list " + path.resourceName() + ": the answer is no list: " + e.getMessage(), e);
    }
  }
}
