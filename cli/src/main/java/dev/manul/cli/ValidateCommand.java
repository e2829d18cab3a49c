package dev.manul.cli;

import dev.manul.datastore.Document;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

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
final class ValidateCommand extends DocumentsCommand {

  ValidateCommand(Root root) {
    super(root);
  }

  @Override
  public Integer call() {
    Format format = format();
    List<Document> documents = input.documents(root.terminal());
    WriteReport report = new WriteReport("validate", "validated", new DryRun());
    new WritePlan(Optional.empty()).check(documents, namespaces, true).forEach(report::done);
    return report.tell(root.terminal(), format);
  }
}
