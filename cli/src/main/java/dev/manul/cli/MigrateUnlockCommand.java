package dev.manul.cli;

import dev.manul.datastore.Datastore;
import picocli.CommandLine.Command;

/** {@code manulctl datastore migrate unlock}: lets agents give addresses out again. */
@Command(
    name = "unlock",
    header = "Unlocks the datastore: addresses are given out and taken back again.",
    footer = {
      "",
      "Examples:",
      "  manulctl datastore migrate unlock",
      "  manulctl --kubeconfig admin.conf datastore migrate unlock"
    })
final class MigrateUnlockCommand implements Runnable {
  private final Root root;

  MigrateUnlockCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    try (Datastore datastore = Stores.existing(root)) {
      ClusterIdentity.lock(datastore, false);
    }
    root.terminal().out().println("Datastore unlocked.");
  }
}
