package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code cluster}. */
@Command(
    name = "cluster",
    header = "Looks at the cluster as a whole.",
    footer = {
      "",
      "Examples:",
      "  manulctl cluster diags",
      "  manulctl cluster diags --focus-nodes=node-1,node-2 --since=1h"
    })
final class ClusterCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
