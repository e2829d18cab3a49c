package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.datastore.kubernetes.PodEvictions;
import dev.manul.ipam.EndpointRemoval;
import dev.manul.model.Key;
import dev.manul.model.WorkloadEndpoint;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;

/**
 * How endpoints are ended. A class of its own, so that commands that end none never load what it
 * needs.
 */
final class EndpointRemovals {
  private static final long LOOK_MILLIS = 500;

  private EndpointRemovals() {}

  /**
   * In a cluster a pod is evicted, as an endpoint without it would be made again; among files the
   * endpoint is deleted, and its container is without network until it is attached anew.
   *
   * @param limit how long a pod's end is waited for
   * @param progress is told what is waited for
   */
  static EndpointRemoval of(Datastore datastore, Duration limit, PrintStream progress) {
    if (datastore instanceof KubernetesDatastore cluster) {
      PodEvictions evictions = cluster.evictions();
      return endpoint -> {
        try {
          return evict(evictions, endpoint, limit, progress);
        } catch (DatastoreException refused) {
          return Optional.of(refused.getMessage());
        }
      };
    }
    return endpoint ->
        datastore.delete(endpoint) instanceof WriteResult.Written<WorkloadEndpoint>
            ? Optional.empty()
            : Optional.of("somebody else has changed or deleted it meanwhile");
  }

  private static Optional<String> evict(
      PodEvictions evictions, WorkloadEndpoint endpoint, Duration limit, PrintStream progress) {
    Key pod = new Key(endpoint.metadata().namespace(), endpoint.spec().pod());
    String uid = endpoint.metadata().uid();
    Optional<String> refusal = evictions.evict(pod, uid);
    if (refusal.isPresent()) {
      return refusal;
    }
    progress.println("waiting for pod " + pod + " to end");
    progress.flush();
    long deadline = System.nanoTime() + limit.toNanos();
    while (evictions.isThere(pod, uid)) {
      if (System.nanoTime() > deadline || !Repeat.pause(LOOK_MILLIS)) {
        return Optional.of(
            "it was told to end and has not within " + limit.toSeconds() + " seconds");
      }
    }
    return Optional.empty();
  }
}
