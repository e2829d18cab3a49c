package dev.manul.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which packets are asked about. */
final class FlowOptions {

  @Option(
      names = "--to-port",
      paramLabel = "NUMBER",
      description = "The port it goes to; of TCP unless --protocol says otherwise.")
  Integer port;

  @Option(
      names = "--protocol",
      paramLabel = "PROTOCOL",
      description = "TCP, UDP, SCTP, ICMP (default without --to-port) or a number.")
  String protocol;

  /** What was chosen. */
  record Chosen(String protocol, Optional<Integer> port) {
    String text() {
      return protocol + port.map(number -> " port " + number).orElse("");
    }
  }

  Chosen chosen() {
    String chosen =
        protocol == null ? (port == null ? "ICMP" : "TCP") : protocol.toUpperCase(Locale.ROOT);
    boolean ports = List.of("TCP", "UDP", "SCTP", "6", "17", "132").contains(chosen);
    if (ports && port == null) {
      throw CommandFailure.usage("--to-port is needed with " + chosen);
    }
    if (!ports && port != null) {
      throw CommandFailure.usage("--to-port: only TCP, UDP and SCTP have ports, not " + chosen);
    }
    if (port != null && (port < 1 || port > 65535)) {
      throw CommandFailure.usage("--to-port must be within 1 to 65535, not " + port);
    }
    return new Chosen(chosen, Optional.ofNullable(port));
  }
}
