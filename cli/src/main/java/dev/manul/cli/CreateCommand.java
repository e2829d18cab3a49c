package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl create}: stores new resources. */
@Command(
    name = "create",
    header = "Stores new resources; one that exists already is an error and stays as it is.",
    footer = {
      "",
      "Examples:",
      "  manulctl create -f pool.yaml",
      "  manulctl create --skip-exists -f defaults/"
    })
final class CreateCommand extends DocumentsCommand {

  @Option(
      names = "--skip-exists",
      description = "Leaves resources that exist already as they are, without an error.")
  boolean skipExists;

  @Mixin DryRun dryRun = new DryRun();

  CreateCommand(Root root) {
    super(root);
  }

  @Override
  public Integer call() {
    Format format = format();
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("create", "created", dryRun);
    try (Datastore datastore = dryRun.writable(root)) {
      Writes writes = new Writes(datastore);
      for (Resource resource :
          new WritePlan(Optional.of(datastore)).check(documents, namespaces, false)) {
        if (skipExists && datastore.get(resource.kind(), resource.key()).isPresent()) {
          report.skipped(resource, "skipped: " + Stores.called(resource) + " exists already");
        } else {
          report.attempt(resource, () -> writes.create(resource));
        }
      }
    }
    return report.tell(root.terminal(), format);
  }
}
