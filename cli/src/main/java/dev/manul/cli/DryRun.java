package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.memory.MemoryDatastore;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --dry-run}, and the datastore that it means. */
final class DryRun {
  @Option(
      names = "--dry-run",
      description = "Checks everything and says what would be done, and writes nothing.")
  boolean on;

  /** The datastore to write to, which may have to be made first. */
  Datastore writable(Root root) {
    if (!on) {
      return Stores.writable(root);
    }
    return StoreChoice.of(root) instanceof StoreChoice.Directory(Path path)
            && !Files.isDirectory(path)
        ? new Rehearsal(new MemoryDatastore())
        : existing(root);
  }

  /** The datastore to write to, which must be there. */
  Datastore existing(Root root) {
    Datastore datastore = Stores.existing(root);
    return on ? new Rehearsal(datastore) : datastore;
  }

  /** What follows a message of success. */
  String note() {
    return on ? " (dry run)" : "";
  }
}
