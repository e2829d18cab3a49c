package dev.manul.cli;

import dev.manul.model.AgentStatus;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code manulctl node status}: what the agent on this node says of itself. */
@Command(
    name = "status",
    header = "Shows the agent's BGP sessions, and with -o wide its start, routes and conditions.",
    footer = {
      "",
      "Exits with 1 when the node is not ready and with 3 when no agent answers.",
      "",
      "Examples:",
      "  manulctl node status",
      "  manulctl node status -o json | jq -r '.sessions[] | .peerAddress + \" \" + .state'"
    })
final class NodeStatusCommand implements Callable<Integer> {
  private final Root root;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default), wide or json.")
  String output;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "How long to wait for the agent's answer (default 5).")
  int timeout;

  @Mixin final OneAgent agent;

  NodeStatusCommand(Root root) {
    this.root = root;
    this.agent = new OneAgent(root);
  }

  @Override
  public Integer call() {
    Format format = Format.parse(output, Format.PS, Format.WIDE, Format.JSON);
    if (timeout <= 0) {
      throw CommandFailure.usage("--timeout must be 1 or more seconds, not " + timeout);
    }
    String answer = agent.client(Duration.ofSeconds(timeout)).get(AgentReader.PATH);
    AgentStatus status = AgentReader.read(answer);
    Terminal terminal = root.terminal();
    if (format == Format.JSON) {
      terminal.out().print(answer.stripTrailing() + "\n");
    } else {
      terminal
          .out()
          .print(new NodeStatusView(status, terminal.clock()).text(format == Format.WIDE));
    }
    if (!status.ready()) {
      terminal.err().println("node " + status.node() + " is not ready" + reason(status));
      return ExitCode.FAILED;
    }
    return ExitCode.OK;
  }

  private static String reason(AgentStatus status) {
    if (status.conditions() == null) {
      return "";
    }
    return status.conditions().stream()
        .filter(condition -> !condition.status() && condition.type().equals("Ready"))
        .findFirst()
        .map(condition -> ": " + condition.message())
        .orElse("");
  }
}
