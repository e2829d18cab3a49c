package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code bgp}. */
@Command(
    name = "bgp",
    header = "Shows what the BGP speaker of this node, or manul-bgp, knows and why.",
    footer = {"", "Examples:", "  manulctl bgp peers", "  manulctl bgp why 10.244.1.0/26"})
final class BgpCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
