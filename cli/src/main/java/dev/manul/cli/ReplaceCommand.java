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
final class ReplaceCommand implements Callable<Integer> {
  private final Root root;

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), name or json.")
  String output;

  ReplaceCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.JSON);
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("replace", "replaced");
    try (Datastore datastore = Stores.writable(root)) {
      Writes writes = new Writes(datastore);
      for (Resource resource :
          new WritePlan(Optional.of(datastore)).check(documents, namespaces, true)) {
        report.attempt(resource, () -> writes.replace(resource));
      }
    }
    return report.tell(root.terminal(), format);
  }
}
