package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.model.Resource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What an answer that is no success means. */
final class ApiFailure {
  private ApiFailure() {}

  /** The state that was asked for is too old for the server to know; one has to list anew. */
  static final class ExpiredException extends DatastoreException {
    private static final long serialVersionUID = 1L;

    ExpiredException(String message) {
      super(message);
    }
  }

  /** The server does not serve the kind at all. */
  static final class UnservedException extends DatastoreException {
    private static final long serialVersionUID = 1L;

    UnservedException(String message) {
      super(message);
    }
  }

  /**
   * Whether an answer of 404 speaks of the object and not of its kind, which the server does not
   * serve.
   */
  static boolean isObjectMissing(ApiServer.Answer answer) {
    return answer.status() == 404
        && !Fields.text(Fields.map(status(answer), "details"), "name").isEmpty();
  }

  /** Whether somebody else was first. */
  static boolean isConflict(ApiServer.Answer answer) {
    return answer.status() == 409
        || (answer.status() == 422 && message(answer).contains("metadata.uid:"));
  }

  /**
   * The exception for an answer.
   *
   * @param what was tried, such as {@code update IPPool a}
   */
  static RuntimeException of(ApiServer.Answer answer, String what, ObjectPath path) {
    String message = message(answer);
    return switch (answer.status()) {
      case 400, 422 -> new InvalidResourceException("cannot " + what + ": " + message);
      case 401 -> refused(what, "the Kubernetes API does not know this client: " + message);
      case 403 -> refused(what, "not permitted: " + message);
      case 404 ->
          new UnservedException(
              "cannot "
                  + what
                  + ": the Kubernetes API does not serve "
                  + path.resourceName()
                  + notInstalled(path));
      case 410 -> new ExpiredException("cannot " + what + ": " + message);
      default -> refused(what, "the Kubernetes API answers " + answer.status() + ": " + message);
    };
  }

  private static String notInstalled(ObjectPath path) {
    return path.group().equals("/apis/" + Resource.API_VERSION)
        ? "; install Manul's definitions with kubectl apply -f deploy/crds"
        : "";
  }

  private static DatastoreException refused(String what, String why) {
    return new DatastoreException("cannot " + what + ": " + why);
  }

  private static Map<String, Object> status(ApiServer.Answer answer) {
    try {
      return ApiJson.read(answer.body(), 0, answer.body().length);
    } catch (IOException e) {
      return Map.of();
    }
  }

  static String message(ApiServer.Answer answer) {
    String message = Fields.text(status(answer), "message");
    if (message.isEmpty()) {
      message = new String(answer.body(), StandardCharsets.UTF_8);
    }
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
    return line.length() > 500 ? line.substring(0, 500) + "\u2026" : line;
  }
}
