package dev.manul.policy.explanation;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;

/**
 * The first packet of a connection, as policy sees it.
 *
 * @param protocol number of the IP protocol, 1 to 255
 * @param sourcePort of TCP, UDP and SCTP, else 0
 * @param destinationPort likewise
 * @param icmpType of ICMP and ICMPv6, else 0
 * @param icmpCode likewise
 */
public record Flow(
    Address source,
    Address destination,
    int protocol,
    int sourcePort,
    int destinationPort,
    int icmpType,
    int icmpCode) {

  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;
  public static final int SCTP = 132;

  /**
   * A flow.
   *
   * @throws IllegalArgumentException when there can be no such packet
   */
  public Flow {
    if (source.family() != destination.family()) {
      throw new IllegalArgumentException(
          "source " + source + " and destination " + destination + " are of two address families");
    }
    boolean four = source.family() == AddressFamily.IPV4;
    if (protocol == (four ? ICMPV6 : ICMP)) {
      throw new IllegalArgumentException(
          "protocol %s: %s has %s"
              .formatted(
                  four ? "ICMPv6" : "ICMP", four ? "IPv4" : "IPv6", four ? "ICMP" : "ICMPv6"));
    }
    within("protocol", protocol, 1, 255);
    within("source port", sourcePort, 0, 65_535);
    within("port", destinationPort, 0, 65_535);
    within("ICMP type", icmpType, 0, 255);
    within("ICMP code", icmpCode, 0, 255);
  }

  private static void within(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s: %d is not within %d to %d".formatted(what, value, least, most));
    }
  }

  public AddressFamily family() {
    return source.family();
  }

  /** Whether policies know its ports. */
  public boolean hasPorts() {
    return hasPorts(protocol);
  }

  /** Whether policies know ports of a protocol. */
  public static boolean hasPorts(int protocol) {
    return protocol == TCP || protocol == UDP || protocol == SCTP;
  }

  public boolean isIcmp() {
    return protocol == ICMP || protocol == ICMPV6;
  }
}
