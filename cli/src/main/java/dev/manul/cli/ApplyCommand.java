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
final class ApplyCommand implements Callable<Integer> {
  private final Root root;

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), name or json.")
  String output;

  ApplyCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.JSON);
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("apply", "applied");
    try (Datastore datastore = Stores.writable(root)) {
      Writes writes = new Writes(datastore);
      for (Resource resource :
          new WritePlan(Optional.of(datastore)).check(documents, namespaces, true)) {
        report.attempt(resource, () -> writes.apply(resource));
      }
    }
    return report.tell(root.terminal(), format);
  }
}
