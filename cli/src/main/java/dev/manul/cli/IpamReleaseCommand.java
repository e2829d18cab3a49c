package dev.manul.cli;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.ReleaseRequest;
import dev.manul.ipam.ReleaseResult;
import dev.manul.model.Address;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code manulctl ipam release}: gives an address back. */
@Command(
    name = "release",
    header = "Gives an address back, whoever uses it.",
    footer = {
      "",
      "Examples:",
      "  manulctl ipam release --ip=10.244.0.7",
      "  manulctl ipam release --ip=fd00:10:244::7 -o json"
    })
final class IpamReleaseCommand implements Runnable {
  private final Root root;

  @Option(names = "--ip", paramLabel = "ADDRESS", required = true, description = "The address.")
  String ip;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "ps",
      description = "ps (default) or json.")
  String output;

  IpamReleaseCommand(Root root) {
    this.root = root;
  }

  @Override
  public void run() {
    Format format = Format.parse(output, Format.PS, Format.JSON);
    Address address = IpamShowCommand.address(ip);
    Terminal terminal = root.terminal();
    ReleaseResult result;
    try (Datastore datastore = Stores.existing(root)) {
      result = new Ipam(datastore, terminal.clock()).release(List.of(ReleaseRequest.of(address)));
    }
    if (!result.refused().isEmpty()) {
      throw CommandFailure.failed(
          "IP address " + address + " is not released: " + result.refused().getFirst().reason());
    }
    boolean released = !result.released().isEmpty();
    if (format == Format.JSON) {
      terminal.out().print(Json.text(Json.object("ip", address, "released", released)));
    } else {
      terminal
          .out()
          .println(
              released
                  ? "Successfully released IP address " + address
                  : "IP address " + address + " is not assigned");
    }
  }
}
