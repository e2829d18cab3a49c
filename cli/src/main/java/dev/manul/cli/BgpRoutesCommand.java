package dev.manul.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code manulctl bgp routes}: every path known. */
@Command(
    name = "routes",
    header = "Lists all paths of all prefixes, the best one first.",
    footer = {
      "",
      "Marks: * known, S kept from a peer that restarts, > the best path.",
      "",
      "Examples:",
      "  manulctl bgp routes --family ipv6 --best",
      "  manulctl bgp routes --prefix 10.244.1.7"
    })
final class BgpRoutesCommand implements Runnable {
  @Mixin final BgpRoutes routes;

  BgpRoutesCommand(Root root) {
    this.routes = new BgpRoutes(root);
  }

  @Override
  public void run() {
    routes.print("/v1/bgp/routes");
  }
}
