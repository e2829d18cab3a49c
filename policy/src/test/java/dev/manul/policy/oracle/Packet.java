package dev.manul.policy.oracle;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;

/**
 * The first packet of a connection, as policy sees it.
 *
 * @param protocol number of the IP protocol
 * @param sourcePort only of TCP, UDP and SCTP, else 0
 * @param icmpType only of ICMP and ICMPv6, else 0
 */
public record Packet(
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

  public Packet {
    if (source.family() != destination.family()) {
      throw new IllegalArgumentException(source + " and " + destination + ": of two families");
    }
    if ((protocol == ICMP && source.family() != AddressFamily.IPV4)
        || (protocol == ICMPV6 && source.family() != AddressFamily.IPV6)) {
      throw new IllegalArgumentException("ICMP of the wrong family");
    }
  }

  public AddressFamily family() {
    return source.family();
  }

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

  @Override
  public String toString() {
    if (hasPorts()) {
      return "protocol %d %s:%d -> %s:%d"
          .formatted(protocol, source, sourcePort, destination, destinationPort);
    }
    String icmp = isIcmp() ? " type " + icmpType + " code " + icmpCode : "";
    return "protocol " + protocol + icmp + " " + source + " -> " + destination;
  }
}
