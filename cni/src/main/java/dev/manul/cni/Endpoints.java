package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.WriteResult;
import dev.manul.model.AddressFamily;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The datastore's view of attached pods. */
final class Endpoints {

  /** Others write an endpoint seldom; so often in a row they do not. */
  private static final int ATTEMPTS = 5;

  private final String node;
  private final Datastore datastore;

  Endpoints(String node, Datastore datastore) {
    this.node = node;
    this.datastore = datastore;
  }

  /**
   * Writes the endpoint of an attachment in the place of an earlier sandbox's.
   *
   * @param pod the pod as the API has it, where there is one
   */
  void put(Attachment attachment, Optional<Pod> pod, List<Prefix> spoofable) {
    Workload workload = attachment.workload();
    if (!workload.hasEndpoint()) {
      return;
    }
    WorkloadEndpoint endpoint = endpoint(attachment, pod, spoofable);
    WriteResult<WorkloadEndpoint> result = datastore.create(endpoint);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (result instanceof WriteResult.Conflict<WorkloadEndpoint> conflict) {
        result = conflict.current().isPresent() ? datastore.update(endpoint) : onceMore(endpoint);
      } else {
        return;
      }
    }
    if (workload.isPod()) {
      throw new CniException(
          Code.TRY_AGAIN_LATER, "pod " + workload + " is not in the datastore, or just changing");
    }
    // a store that keeps endpoints with pods has no place for a container that is none
  }

  /** It was there, and is gone; or its pod is not there at all. */
  private WriteResult<WorkloadEndpoint> onceMore(WorkloadEndpoint endpoint) {
    return datastore.create(endpoint);
  }

  private WorkloadEndpoint endpoint(
      Attachment attachment, Optional<Pod> pod, List<Prefix> spoofable) {
    Workload workload = attachment.workload();
    boolean v4 = attachment.has(AddressFamily.IPV4);
    boolean v6 = attachment.has(AddressFamily.IPV6);
    WorkloadEndpoint.Spec spec =
        new WorkloadEndpoint.Spec(
            workload.isPod() ? "k8s" : "cni",
            workload.isPod() ? null : workload.key().containerId(),
            node,
            workload.isPod() ? workload.pod() : null,
            workload.key().containerId(),
            workload.key().ifname(),
            pod.map(p -> p.spec().serviceAccountName()).orElse(null),
            attachment.addresses().stream().map(address -> address.toPrefix()).toList(),
            null,
            v4 ? attachment.gateway(AddressFamily.IPV4).text() : null,
            v6 ? attachment.gateway(AddressFamily.IPV6).text() : null,
            workload.isPod() ? List.of("kns." + workload.namespace()) : null,
            attachment.device(),
            attachment.mac(),
            pod.map(p -> p.spec().ports()).orElse(null),
            spoofable,
            null);
    Metadata metadata =
        Metadata.named(workload.endpointNamespace(), workload.endpointName(node))
            .withLabels(pod.map(p -> p.metadata().labels()).orElse(Map.of()));
    return new WorkloadEndpoint(
        // a pod of the same name that came after this one has another uid, and is not written to
        pod.map(p -> metadata.created(p.metadata().uid(), "", "")).orElse(metadata), spec);
  }

  /** Whether the stored endpoint is this container's. */
  boolean isOf(Workload workload) {
    return stored(workload).isPresent();
  }

  private Optional<WorkloadEndpoint> stored(Workload workload) {
    return datastore
        .get(
            WorkloadEndpoint.KIND,
            new Key(workload.endpointNamespace(), workload.endpointName(node)))
        .filter(e -> e.spec().containerID().equals(workload.key().containerId()));
  }

  /** Deletes the endpoint, unless it is a later sandbox's by now. */
  void remove(Workload workload) {
    if (!workload.hasEndpoint()) {
      return;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<WorkloadEndpoint> found = stored(workload);
      if (found.isEmpty() || datastore.delete(found.get()) instanceof WriteResult.Written) {
        return;
      }
    }
    throw new DatastoreException("the endpoint of " + workload + " changes all the time");
  }
}
