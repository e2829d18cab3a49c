package dev.manul.cli;

import dev.manul.datastore.Document;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl validate}: checks files without a datastore. */
@Command(
    name = "validate",
    header = "Checks resources in files, by themselves and against each other, and stores nothing.",
    footer = {
      "",
      "Examples:",
      "  manulctl validate -f pool.yaml",
      "  manulctl validate -R -f resources/ -o json"
    })
final class ValidateCommand implements Callable<Integer> {
  private final Root root;

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), name or json.")
  String output;

  ValidateCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.JSON);
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("validate", "validated");
    new WritePlan(Optional.empty()).check(documents, namespaces, true).forEach(report::done);
    return report.tell(root.terminal(), format);
  }
}
