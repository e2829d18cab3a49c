package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code bgp rib}. */
@Command(
    name = "rib",
    header = "Shows the routes heard from or told to one peer.",
    footer = {
      "",
      "Examples:",
      "  manulctl bgp rib in 10.0.0.2",
      "  manulctl bgp rib out 10.0.0.2 --prefix 10.244.0.0/16 --longer"
    })
final class BgpRibCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
