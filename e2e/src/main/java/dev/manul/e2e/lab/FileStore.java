package dev.manul.e2e.lab;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.e2e.LabException;
import dev.manul.model.Key;
import dev.manul.model.Node;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The state in a directory that all agents share. */
record FileStore(Path directory) implements ClusterStore {

  @Override
  public Map<String, String> environment() {
    return Map.of("MANUL_DATASTORE_PATH", directory.toString());
  }

  @Override
  public void machinesWired(Topology topology, Progress progress) {}

  /** Gives the nodes' resources, which the agents have made, the labels of the topology. */
  @Override
  public void agentsReady(Topology topology) {
    try (Datastore datastore = open()) {
      topology.nodes().forEach(node -> label(datastore, node));
    }
  }

  private static void label(Datastore datastore, Topology.Machine node) {
    boolean written = node.labels().isEmpty();
    while (!written) {
      Node stored =
          datastore
              .get(Node.KIND, Key.of(node.name()))
              .orElseThrow(() -> new LabException("%s: no Node resource", node.name()));
      Map<String, String> labels = new HashMap<>(stored.metadata().labels());
      labels.putAll(node.labels());
      written =
          datastore.update(stored.withMetadata(stored.metadata().withLabels(labels)))
              instanceof WriteResult.Written<Node>;
    }
  }

  @Override
  public Datastore open() {
    return FileDatastore.open(directory);
  }

  @Override
  public void podsScheduled(Map<String, List<String>> names) {}

  @Override
  public void podsRunning(List<Pod> pods) {}

  @Override
  public String patchPool(Lab lab, String pool, String patch) {
    String node = lab.topology().nodes().getFirst().name();
    lab.manulctl(node, "patch", "ippool", pool, "-p", patch).orThrow();
    return "manulctl patch ippool %s -p '%s'".formatted(pool, patch);
  }

  @Override
  public void close() {}
}
