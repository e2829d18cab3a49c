package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.explanation.Flow;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A flow out of a query: {@code source} and {@code destination} (addresses), {@code protocol} (TCP
 * if unsaid), {@code port}, {@code sourcePort} (one that clients use), {@code icmpType} and {@code
 * icmpCode} (an echo request).
 */
final class FlowParameters {

  private static final Set<String> KNOWN =
      Set.of("source", "destination", "protocol", "port", "sourcePort", "icmpType", "icmpCode");

  private static final int EPHEMERAL = 40_000;
  private static final int ECHO = 8;
  private static final int ECHO_IPV6 = 128;

  private final Map<String, List<String>> query;

  private FlowParameters(Map<String, List<String>> query) {
    this.query = query;
  }

  /**
   * Reads a query.
   *
   * @throws IllegalArgumentException one line that names the parameter
   */
  static Flow flow(Map<String, List<String>> query) {
    query.keySet().stream()
        .filter(name -> !KNOWN.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  name
                      + ": unknown; known are "
                      + String.join(", ", KNOWN.stream().sorted().toList()));
            });
    return new FlowParameters(query).flow();
  }

  private Flow flow() {
    Address source = address("source");
    boolean four = source.family() == AddressFamily.IPV4;
    int protocol = protocol(value("protocol", "TCP"), four);
    boolean ports = Flow.hasPorts(protocol);
    boolean icmp = protocol == Flow.ICMP || protocol == Flow.ICMPV6;
    if (!ports && !value("port", "0").equals("0")) {
      throw new IllegalArgumentException("port: only TCP, UDP and SCTP have ports");
    }
    return new Flow(
        source,
        address("destination"),
        protocol,
        ports ? number("sourcePort", EPHEMERAL) : 0,
        number("port", 0),
        icmp ? number("icmpType", four ? ECHO : ECHO_IPV6) : 0,
        icmp ? number("icmpCode", 0) : 0);
  }

  private static int protocol(String text, boolean four) {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "TCP" -> Flow.TCP;
      case "UDP" -> Flow.UDP;
      case "SCTP" -> Flow.SCTP;
      case "ICMP" -> four ? Flow.ICMP : Flow.ICMPV6;
      case "ICMPV6" -> Flow.ICMPV6;
      default -> {
        try {
          yield Integer.parseInt(text);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "protocol: \"" + text + "\" is none of TCP, UDP, SCTP, ICMP, 1 to 255", e);
        }
      }
    };
  }

  private Address address(String name) {
    String text = value(name, "");
    if (text.isEmpty()) {
      throw new IllegalArgumentException(name + ": is missing; wanted an address");
    }
    try {
      return Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private int number(String name, int absent) {
    String text = value(name, "");
    try {
      return text.isEmpty() ? absent : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": \"" + text + "\" is no number", e);
    }
  }

  private String value(String name, String absent) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? absent : values.getFirst();
  }
}
