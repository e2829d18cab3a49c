package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.model.Pod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The agents that run as pods of a cluster. Each is asked by a program that {@code kubectl exec}
 * runs beside it, with the rights that this takes: {@code create} on {@code pods/exec}.
 */
final class AgentPods {
  private AgentPods() {}

  /** The ways to them by the names of their nodes; no pod is asked anything by this. */
  static Map<String, RelayLine> lines(Root root, StoreChoice.Cluster cluster) {
    Kubectl kubectl = Kubectl.of(root, cluster);
    Map<String, RelayLine> lines = new LinkedHashMap<>();
    Selection agents =
        new Selection(
            Optional.of(Kubectl.NAMESPACE),
            Map.of(Kubectl.LABEL, Kubectl.AGENT),
            Optional.empty(),
            Optional.empty());
    try (Datastore datastore = ClusterStore.open(cluster, root.connection())) {
      for (Pod pod : datastore.list(Pod.KIND, agents).items()) {
        if (pod.status().phase().equals("Running")) {
          lines.put(pod.spec().nodeName(), root.closing(line(kubectl, pod)));
        }
      }
    }
    return lines;
  }

  private static RelayLine line(Kubectl kubectl, Pod pod) {
    return new RelayLine(
        "on node " + pod.spec().nodeName() + " (pod " + pod.key() + ")",
        kubectl.with(
            List.of(
                "exec",
                "--stdin",
                "--namespace=" + pod.metadata().namespace(),
                "--container=" + Kubectl.AGENT,
                pod.metadata().name(),
                "--",
                "manulctl",
                RelayCommand.NAME)),
        kubectl.variables());
  }
}
