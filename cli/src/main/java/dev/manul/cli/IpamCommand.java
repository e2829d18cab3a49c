package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code ipam}. */
@Command(
    name = "ipam",
    header = "Shows, checks and repairs what addresses are used for.",
    footer = {"", "Examples:", "  manulctl ipam show --show-blocks", "  manulctl ipam check"})
final class IpamCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
