package dev.manul.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code manulctl bgp rib in}: what a peer has announced. */
@Command(
    name = "in",
    header = "Lists what a peer has announced, before import filters.",
    footer = {
      "",
      "Marks: * known, S kept from a peer that restarts, > the best path.",
      "",
      "Examples:",
      "  manulctl bgp rib in 10.0.0.2",
      "  manulctl bgp rib in 10.0.0.2 -o wide --prefix 10.244.0.0/16 --longer"
    })
final class BgpRibInCommand implements Runnable {
  @Mixin final BgpRoutes routes;

  @Parameters(paramLabel = "PEER", description = "The address of the peer.")
  String peer;

  BgpRibInCommand(Root root) {
    this.routes = new BgpRoutes(root);
  }

  @Override
  public void run() {
    routes.print("/v1/bgp/neighbors/" + peer + "/rib-in");
  }
}
