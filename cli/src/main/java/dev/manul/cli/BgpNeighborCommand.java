package dev.manul.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code manulctl bgp neighbor}: all about one. */
@Command(
    name = "neighbor",
    header = "Shows all about one peer: session, capabilities, BFD, errors and why it is down.",
    footer = {
      "",
      "Examples:",
      "  manulctl bgp neighbor 10.0.0.2",
      "  manulctl bgp neighbor 10.0.0.2 -o json | jq .lastError"
    })
final class BgpNeighborCommand implements Runnable {
  private final Root root;

  @Mixin final BgpQuestion question;

  @Parameters(paramLabel = "PEER", description = "The address of the peer.")
  String peer;

  @Mixin final PsOrJson output = new PsOrJson();

  BgpNeighborCommand(Root root) {
    this.root = root;
    this.question = new BgpQuestion(root);
  }

  @Override
  public void run() {
    Format format = output.format();
    String answer = question.ask("/v1/bgp/neighbors/" + peer);
    Map<?, ?> neighbor = BgpQuestion.tree(answer);
    root.terminal()
        .out()
        .print(
            format == Format.JSON
                ? answer.stripTrailing() + "\n"
                : new BgpNeighborView(neighbor, new Times(root.terminal().clock())).text());
  }
}
