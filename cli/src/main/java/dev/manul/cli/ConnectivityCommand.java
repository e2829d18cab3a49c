package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code connectivity}. */
@Command(
    name = "connectivity",
    header = "Tests whether pods reach each other.",
    footer = {
      "",
      "Examples:",
      "  manulctl connectivity test",
      "  manulctl connectivity test --create 2 --agent /run/node-b"
    })
final class ConnectivityCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
