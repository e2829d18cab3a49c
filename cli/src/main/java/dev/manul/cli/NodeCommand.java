package dev.manul.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code node}. */
@Command(
    name = "node",
    header = "Asks this node's agent, and looks at its machine.",
    footer = {"", "Examples:", "  manulctl node status", "  manulctl node status -o wide"})
final class NodeCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command given");
  }
}
