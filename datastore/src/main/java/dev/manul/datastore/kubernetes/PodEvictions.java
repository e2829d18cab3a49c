package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.model.Key;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Ends pods as a drain of a node does: by their eviction, which their disruption budgets may
 * refuse, so that whatever controls a pod makes it anew. Every call asks the API.
 */
public final class PodEvictions {
  private static final String JSON = "application/json";

  /** Servers try for 10 seconds before they say that a pod is another one. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ApiServer api;

  PodEvictions(ApiServer api) {
    this.api = api;
  }

  /**
   * Asks for the end of a pod.
   *
   * @param uid the pod's, so that none of the same name that came after it is ended
   * @return empty when it will end or is gone; else why it goes on, such as a disruption budget
   * @throws DatastoreException when the API cannot be reached, or does not permit it
   */
  public Optional<String> evict(Key pod, String uid) {
    if (!isThere(pod, uid)) {
      return Optional.empty();
    }
    ApiServer.Answer answer = post(pod, uid, "policy/v1");
    if (answer.status() == 400 || answer.status() == 415) {
      answer = post(pod, uid, "policy/v1beta1"); // all that servers before 1.22 know
    }
    if (answer.isSuccess() || ApiFailure.isObjectMissing(answer) || ApiFailure.isConflict(answer)) {
      return Optional.empty(); // a conflict speaks of the uid: the pod is another one already
    }
    if (answer.status() == 429) {
      return Optional.of(ApiFailure.message(answer));
    }
    throw ApiFailure.of(answer, "evict pod " + pod, ObjectPath.PODS);
  }

  private ApiServer.Answer post(Key pod, String uid, String version) {
    Map<String, Object> eviction =
        Map.of(
            "apiVersion",
            version,
            "kind",
            "Eviction",
            "metadata",
            Map.of("name", pod.name(), "namespace", pod.namespace()),
            "deleteOptions",
            Map.of("preconditions", Map.of("uid", uid)));
    return api.send(
        "POST", ObjectPath.PODS.object(pod) + "/eviction", JSON, ApiJson.write(eviction), LIMIT);
  }

  /** Whether a pod is there still, and not another one of its name. */
  public boolean isThere(Key pod, String uid) {
    ApiServer.Answer answer = api.get(ObjectPath.PODS.object(pod));
    if (ApiFailure.isObjectMissing(answer)) {
      return false;
    }
    String what = "read pod " + pod;
    if (!answer.isSuccess()) {
      throw ApiFailure.of(answer, what, ObjectPath.PODS);
    }
    return Fields.uid(ObjectReader.object(answer, what)).equals(uid);
  }
}
