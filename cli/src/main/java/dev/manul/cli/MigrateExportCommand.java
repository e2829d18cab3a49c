package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code manulctl datastore migrate export}: all resources as YAML. */
@Command(
    name = "export",
    header = "Prints all resources as YAML documents, addresses in use among them.",
    footer = {
      "",
      "Of a cluster, the kinds of projectcalico.org/v3; of a directory, all kinds, Secrets with",
      "their passwords too. Let nothing change while it runs: kinds are read one after another.",
      "",
      "Examples:",
      "  manulctl datastore migrate export > all.yaml",
      "  manulctl --datastore /etc/manul/datastore datastore migrate export | gzip > all.yaml.gz"
    })
final class MigrateExportCommand implements Callable<Integer> {
  private final Root root;

  MigrateExportCommand(Root root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    List<Resource> all = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    boolean cluster = StoreChoice.of(root) instanceof StoreChoice.Cluster;
    try (Datastore datastore = Stores.existing(root)) {
      for (Kind<? extends Resource> kind : cluster ? Kinds.OWN : Kinds.ALL) {
        Listing<? extends Resource> listing = datastore.list(kind, Selection.ALL);
        listing.problems().forEach(problem -> problems.add(Main.oneLine(problem)));
        listing
            .items()
            .forEach(
                resource ->
                    all.add(resource.withMetadata(resource.metadata().created("", "", ""))));
      }
    }
    if (!problems.isEmpty()) {
      // half of a datastore must not pass for the whole of it
      problems.add("nothing is exported, because not everything can be read");
      throw new CommandFailure(ExitCode.FAILED, problems);
    }
    root.terminal().out().print(Listings.mixed(all, Format.YAML));
    return ExitCode.OK;
  }
}
