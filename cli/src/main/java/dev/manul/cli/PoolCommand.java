package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code pool}. */
@Command(
    name = "pool",
    header = "Changes address pools.",
    footer = {
      "",
      "Examples:",
      "  manulctl pool mode default-ipv4-ippool --ipip CrossSubnet",
      "  manulctl pool mode default-ipv4-ippool --vxlan Always"
    })
final class PoolCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
