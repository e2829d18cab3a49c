package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.WorkloadEndpoint;
import java.util.Map;
import java.util.Optional;

/**
 * Writes workload endpoints into the annotations of their pods, through the status subresource, so
 * that it needs no right to change what a pod is. The annotations have one writer, the agent of the
 * pod's node, so versions are not compared; it is the pod's uid that must be the same.
 */
final class EndpointWriter {
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String JSON_PATCH = "application/json-patch+json";

  /** Kubelets write their pods as well; each such write makes one attempt futile. */
  private static final int TRIES = 20;

  private final ApiServer api;
  private final ObjectReader reader;
  private final EndpointMapping mapping;

  EndpointWriter(ApiServer api, ObjectReader reader, EndpointMapping mapping) {
    this.api = api;
    this.reader = reader;
    this.mapping = mapping;
  }

  /** Creates or updates: one patch when the endpoint's metadata has the pod's uid. */
  WriteResult<WorkloadEndpoint> put(WorkloadEndpoint endpoint) {
    WriteRules.check(endpoint);
    String uid = endpoint.metadata().uid();
    if (uid.isEmpty()) {
      Optional<Map<String, Object>> pod =
          reader
              .tree(mapping, endpoint.key())
              .filter(tree -> mapping.keyOf(tree).equals(endpoint.key()));
      if (pod.isEmpty()) {
        return new WriteResult.Conflict<>(Optional.empty());
      }
      uid = Fields.uid(pod.get());
    }
    String what = "write WorkloadEndpoint " + endpoint.key();
    ApiServer.Answer answer = patch(endpoint, MERGE_PATCH, EndpointMapping.mark(endpoint, uid));
    if (answer.isSuccess()) {
      return written(endpoint, ObjectReader.object(answer, what));
    }
    if (ApiFailure.isObjectMissing(answer)) {
      return new WriteResult.Conflict<>(Optional.empty());
    }
    if (ApiFailure.isConflict(answer)) {
      return new WriteResult.Conflict<>(reader.get(mapping, endpoint.key()));
    }
    throw ApiFailure.of(answer, what, ObjectPath.PODS);
  }

  private WriteResult<WorkloadEndpoint> written(
      WorkloadEndpoint endpoint, Map<String, Object> pod) {
    return new WriteResult.Written<>(
        mapping
            .read(pod)
            .orElseGet(
                () ->
                    endpoint.withMetadata(
                        endpoint
                            .metadata()
                            .created(
                                Fields.uid(pod),
                                Fields.text(Fields.metadata(pod), "creationTimestamp"),
                                endpoint.metadata().resourceVersion()))));
  }

  private ApiServer.Answer patch(WorkloadEndpoint endpoint, String type, Object patch) {
    String path =
        mapping
            .objectKey(endpoint.key())
            .map(ObjectPath.PODS::object)
            .orElseThrow(
                () ->
                    new InvalidResourceException(
                        "WorkloadEndpoint "
                            + endpoint.key()
                            + ": field metadata.name: wanted NODE-k8s-POD-eth0 with dashes in NODE"
                            + " and POD doubled"));
    return api.send("PATCH", path + "/status", type, ApiJson.write(patch));
  }

  /** Blanks the annotations, unless they speak of another sandbox or the pod is another one. */
  WriteResult<WorkloadEndpoint> delete(WorkloadEndpoint endpoint) {
    if (!endpoint.metadata().uid().isEmpty() && !endpoint.spec().containerID().isEmpty()) {
      // in one request, which no other write of the pod makes futile; most succeed
      ApiServer.Answer answer = patch(endpoint, JSON_PATCH, EndpointMapping.blankOwn(endpoint));
      if (answer.isSuccess()) {
        return new WriteResult.Written<>(endpoint);
      }
    }
    return deleteAsRead(endpoint);
  }

  private WriteResult<WorkloadEndpoint> deleteAsRead(WorkloadEndpoint endpoint) {
    String what = "delete WorkloadEndpoint " + endpoint.key();
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      Optional<Map<String, Object>> tree = reader.tree(mapping, endpoint.key());
      if (tree.isEmpty()) {
        return new WriteResult.Conflict<>(Optional.empty());
      }
      Map<String, Object> pod = tree.get();
      String uid = endpoint.metadata().uid();
      if (!mapping.keyOf(pod).equals(endpoint.key())
          || (!uid.isEmpty() && !uid.equals(Fields.uid(pod)))
          || !EndpointMapping.isMarkedFor(pod, endpoint)) {
        return new WriteResult.Conflict<>(
            mapping.read(pod).filter(there -> there.key().equals(endpoint.key())));
      }
      ApiServer.Answer answer = patch(endpoint, MERGE_PATCH, EndpointMapping.blank(pod));
      if (answer.isSuccess() || ApiFailure.isObjectMissing(answer)) {
        return new WriteResult.Written<>(mapping.read(pod).orElse(endpoint));
      }
      if (!ApiFailure.isConflict(answer)) {
        throw ApiFailure.of(answer, what, ObjectPath.PODS);
      }
    }
    throw new DatastoreException(
        "cannot " + what + ": others changed its pod " + TRIES + " times meanwhile");
  }
}
