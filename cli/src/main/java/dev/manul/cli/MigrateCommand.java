package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code datastore migrate}. */
@Command(
    name = "migrate",
    header = "Takes all resources out of one datastore and into another.",
    footer = {
      "",
      "Examples:",
      "  manulctl --datastore old datastore migrate export > all.yaml",
      "  manulctl --datastore new datastore migrate import -f all.yaml"
    })
final class MigrateCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
