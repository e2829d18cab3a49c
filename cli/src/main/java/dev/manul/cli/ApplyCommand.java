package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code manulctl apply}: stores resources, new ones and changed ones. */
@Command(
    name = "apply",
    header = "Stores resources: new ones are created, those that exist are replaced.",
    footer = {
      "",
      "All documents are checked before the first is written: one mistake, and nothing is applied.",
      "",
      "Examples:",
      "  manulctl apply -f pools.yaml",
      "  manulctl get bgpconfig default -o yaml | sed 's/64512/64513/' | manulctl apply -f -"
    })
final class ApplyCommand extends DocumentsCommand {

  @Mixin DryRun dryRun = new DryRun();

  ApplyCommand(Root root) {
    super(root);
  }

  @Override
  public Integer call() {
    Format format = format();
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("apply", "applied", dryRun);
    try (Datastore datastore = dryRun.writable(root)) {
      Writes writes = new Writes(datastore);
      for (Resource resource :
          new WritePlan(Optional.of(datastore)).check(documents, namespaces, true)) {
        report.attempt(resource, () -> writes.apply(resource));
      }
    }
    return report.tell(root.terminal(), format);
  }
}
