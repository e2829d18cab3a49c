package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code datastore}. */
@Command(
    name = "datastore",
    header = "Works on the datastore as a whole.",
    footer = {
      "",
      "Examples:",
      "  manulctl datastore migrate export > all.yaml",
      "  manulctl datastore migrate import -f all.yaml"
    })
final class DatastoreCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
