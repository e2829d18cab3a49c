package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code policy}. */
@Command(
    name = "policy",
    header = "Says what network policy does.",
    footer = {
      "",
      "Examples:",
      "  manulctl policy explain --from default/client --to default/web --port 80",
      "  manulctl policy explain --from 10.244.1.5 --to 203.0.113.7 --protocol UDP --port 53"
    })
final class PolicyCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
