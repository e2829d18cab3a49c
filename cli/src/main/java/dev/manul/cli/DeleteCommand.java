package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code manulctl delete}: removes resources. */
@Command(
    name = "delete",
    header = "Removes resources, named by kind and name or by files that hold them.",
    footer = {
      "",
      "Deleting a pool releases its blocks from their nodes; pods keep the addresses they have.",
      "",
      "Examples:",
      "  manulctl delete ippool old-pool",
      "  manulctl delete --skip-not-exists -f pools.yaml"
    })
final class DeleteCommand implements Callable<Integer> {
  private record Target(Kind<? extends Resource> kind, Key key) {}

  private final Root root;

  @Parameters(
      paramLabel = "KIND NAME",
      completionCandidates = KindNames.class,
      arity = "0..*",
      description = "The kind, then one name or more.")
  List<String> kindAndNames = new ArrayList<>();

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  @Option(
      names = {"-s", "--skip-not-exists"},
      description = "A resource that does not exist is no error.")
  boolean skipMissing;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), name or json.")
  String output;

  @Mixin DryRun dryRun = new DryRun();

  DeleteCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.NAME, Format.JSON);
    List<Target> targets = input.given() ? fromFiles() : fromArguments();
    targets.forEach(target -> ClusterIdentity.mustBeWritable(target.kind()));
    Terminal terminal = root.terminal();
    WriteReport report = new WriteReport("delete", "deleted", dryRun);
    try (Datastore datastore = Stores.existing(root)) {
      Writes writes = new Writes(datastore);
      for (Target target : targets) {
        Optional<? extends Resource> stored = datastore.get(target.kind(), target.key());
        if (stored.isPresent() && dryRun.on) {
          report.done(stored.get());
        } else if (stored.isPresent()) {
          report.attempt(
              stored.get(), () -> writes.delete(target.kind(), target.key(), terminal.clock()));
        } else if (!skipMissing) {
          report.failed(
              target.kind().toString(), Writes.missing(target.kind(), target.key()).getMessage());
        }
      }
    }
    return report.tell(terminal, format);
  }

  private List<Target> fromArguments() {
    if (kindAndNames.size() < 2) {
      throw CommandFailure.usage("name a kind and a resource, or files with -f");
    }
    Kind<? extends Resource> kind = Stores.kind(kindAndNames.getFirst());
    return kindAndNames.stream()
        .skip(1)
        .map(name -> new Target(kind, namespaces.key(kind, name)))
        .toList();
  }

  private List<Target> fromFiles() {
    if (!kindAndNames.isEmpty()) {
      throw CommandFailure.usage("name either a kind and resources or files with -f, not both");
    }
    List<Target> targets = new ArrayList<>();
    for (Document document : input.documents(root.terminal())) {
      Resource resource = namespaces.placed(document.resource());
      targets.add(new Target(resource.kind(), resource.key()));
    }
    // what was applied last may depend on what was applied first
    return targets.reversed();
  }
}
