package dev.manul.cli;

import dev.manul.datastore.Datastore;
import picocli.CommandLine.Command;

/** {@code manulctl datastore migrate lock}: keeps agents from giving addresses out. */
@Command(
    name = "lock",
    header = "Locks the datastore: no addresses are given out or taken back until it is unlocked.",
    footer = {
      "",
      "Pods that run go on running, and agents forward as before. New pods wait, and what pods that",
      "end had is released after the unlocking. A locked datastore may be exported, split and",
      "repaired without others changing it at the same time.",
      "",
      "Examples:",
      "  manulctl datastore migrate lock",
      "  manulctl --kubeconfig admin.conf datastore migrate lock"
    })
final class MigrateLockCommand implements Runnable {
  private final Root root;

  MigrateLockCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    try (Datastore datastore = Stores.existing(root)) {
      ClusterIdentity.lock(datastore, true);
    }
    root.terminal().out().println("Datastore locked.");
  }
}
