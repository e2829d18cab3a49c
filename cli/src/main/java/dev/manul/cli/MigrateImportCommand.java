package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.datastore.Selection;
import dev.manul.model.ClusterInformation;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code manulctl datastore migrate import}: stores what {@code export} has printed. */
@Command(
    name = "import",
    header = "Stores all resources of an export in a datastore that holds none yet.",
    footer = {
      "",
      "Everything is checked before the first resource is written. In a cluster, Nodes are changed",
      "where Kubernetes has them, and WorkloadEndpoints are left out: they come with the pods.",
      "",
      "Examples:",
      "  manulctl --datastore new datastore migrate import -f all.yaml",
      "  manulctl --kubeconfig admin.conf datastore migrate import -f all.yaml --dry-run"
    })
final class MigrateImportCommand extends DocumentsCommand {

  @Mixin DryRun dryRun = new DryRun();

  MigrateImportCommand(Root root) {
    super(root);
  }

  @Override
  public Integer call() {
    Format format = format();
    boolean cluster = StoreChoice.of(root) instanceof StoreChoice.Cluster;
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("import", "imported", dryRun);
    try (Datastore datastore = dryRun.writable(root)) {
      mustBeEmpty(datastore, cluster);
      Writes writes = new Writes(datastore);
      for (Resource resource :
          new WritePlan(Optional.of(datastore)).checkAll(documents, namespaces, true)) {
        if (resource instanceof ClusterInformation) {
          // an agent that was quick may have made one; the cluster's own identity goes on
          report.attempt(resource, () -> writes.apply(resource));
        } else if (!cluster) {
          report.attempt(resource, () -> writes.create(resource));
        } else if (resource instanceof WorkloadEndpoint) {
          report.skipped(resource, "skipped: " + Stores.called(resource) + " comes with its pod");
        } else if (resource instanceof Node) {
          report.attempt(resource, () -> writes.apply(resource));
        } else {
          report.attempt(resource, () -> writes.create(resource));
        }
      }
    }
    return report.tell(root.terminal(), format);
  }

  private static void mustBeEmpty(Datastore datastore, boolean cluster) {
    List<String> found = new ArrayList<>();
    for (Kind<? extends Resource> kind : cluster ? Kinds.OWN : Kinds.ALL) {
      if (kind.equals(ClusterInformation.KIND)
          || (cluster && (kind.equals(Node.KIND) || kind.equals(WorkloadEndpoint.KIND)))) {
        continue; // there before any import: the first agent's or lock's, and Kubernetes' own
      }
      int count = datastore.list(kind, Selection.ALL).items().size();
      if (count > 0) {
        found.add(count + " " + kind);
      }
    }
    if (!found.isEmpty()) {
      throw CommandFailure.failed(
          "the datastore holds resources already ("
              + String.join(", ", found)
              + "); import into an empty one, or use apply");
    }
  }
}
