package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
final class CreateCommand implements Callable<Integer> {
  private final Root root;

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = "--skip-exists",
      description = "Leaves resources that exist already as they are, without an error.")
  boolean skipExists;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), name or json.")
  String output;

  CreateCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.JSON);
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("create", "created");
    try (Datastore datastore = Stores.writable(root)) {
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
