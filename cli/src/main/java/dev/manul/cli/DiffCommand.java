package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.datastore.InvalidResourceException;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Resource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code manulctl diff}: what applying files would change. */
@Command(
    name = "diff",
    header = "Shows what 'apply' would change: stored resources against those in files.",
    footer = {
      "",
      "Fields at their defaults and what the datastore adds are no differences.",
      "",
      "Exit codes: 0 no differences, 1 differences, 2 wrong usage or files, 3 not reachable.",
      "",
      "Examples:",
      "  manulctl diff -f pools.yaml",
      "  manulctl get ippools -o yaml | sed 's/Always/CrossSubnet/' | manulctl diff -f -"
    })
final class DiffCommand implements Callable<Integer> {
  private final Root root;

  @Mixin FileInput input = new FileInput();

  @Mixin final Namespaces namespaces;

  DiffCommand(Root root) {
    this.root = root;
    this.namespaces = new Namespaces(root);
  }

  @Override
  public Integer call() {
    StringBuilder text = new StringBuilder();
    try {
      List<Document> documents = input.documents(root.terminal());
      try (Datastore datastore = new Rehearsal(Stores.existing(root))) {
        for (Resource resource :
            new WritePlan(Optional.of(datastore)).check(documents, namespaces, true)) {
          text.append(difference(datastore, resource));
        }
      }
    } catch (InvalidResourceException e) {
      throw CommandFailure.usage(Main.oneLine(e.getMessage()));
    } catch (CommandFailure e) {
      // 1 is for differences, as diff and kubectl have it
      throw e.exitCode() == ExitCode.FAILED ? new CommandFailure(ExitCode.USAGE, e.lines()) : e;
    }
    root.terminal().out().print(text);
    return text.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static String difference(Datastore datastore, Resource resource) {
    Optional<? extends Resource> stored = datastore.get(resource.kind(), resource.key());
    String before = stored.map(DiffCommand::text).orElse("");
    String after = text(stored.isEmpty() ? resource : Writes.succeeding(stored.get(), resource));
    String hunks = LineDiff.hunks(before, after);
    if (hunks.isEmpty()) {
      return "";
    }
    String name = Stores.called(resource);
    return "--- "
        + (stored.isEmpty() ? "nothing" : "stored " + name)
        + "\n+++ applied "
        + name
        + "\n"
        + hunks;
  }

  /** Without identity and version, which are the datastore's. */
  private static String text(Resource resource) {
    return ResourceText.toYaml(resource.withMetadata(resource.metadata().created("", "", "")));
  }
}
