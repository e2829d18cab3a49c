package dev.manul.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code manulctl bgp rib out}: what a peer has been told. */
@Command(
    name = "out",
    header = "Lists what a peer has been told, after export filters.",
    footer = {
      "",
      "Marks: * known, S kept from a peer that restarts, > the best path.",
      "",
      "Examples:",
      "  manulctl bgp rib out 10.0.0.2",
      "  manulctl bgp rib out 10.0.0.2 -o json | jq -r '.routes[].prefix'"
    })
final class BgpRibOutCommand implements Runnable {
  @Mixin final BgpRoutes routes;

  @Parameters(paramLabel = "PEER", description = "The address of the peer.")
  String peer;

  BgpRibOutCommand(Root root) {
    this.routes = new BgpRoutes(root);
  }

  @Override
  public void run() {
    routes.print("/v1/bgp/neighbors/" + peer + "/rib-out");
  }
}
