package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code manulctl replace}: stores resources in place of those that exist. */
@Command(
    name = "replace",
    header = "Replaces resources that exist; a resourceVersion in the document must still hold.",
    footer = {
      "",
      "All documents are checked before the first is written: one mistake, and nothing is replaced.",
      "",
      "Examples:",
      "  manulctl replace -f pool.yaml",
      "  manulctl replace -f ./resources -R"
    })
final class ReplaceCommand extends DocumentsCommand {

  @Mixin DryRun dryRun = new DryRun();

  ReplaceCommand(Root root) {
    super(root);
  }

  @Override
  public Integer call() {
    Format format = format();
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("replace", "replaced", dryRun);
    try (Datastore datastore = dryRun.writable(root)) {
      Writes writes = new Writes(datastore);
      for (Resource resource :
          new WritePlan(Optional.of(datastore)).check(documents, namespaces, true)) {
        report.attempt(resource, () -> writes.replace(resource));
      }
    }
    return report.tell(root.terminal(), format);
  }
}
