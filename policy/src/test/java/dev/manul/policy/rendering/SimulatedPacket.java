package dev.manul.policy.rendering;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;

/**
 * A packet as the kernel's packet filter sees it.
 *
 * @param sourcePort 0 where there are no ports
 * @param icmpType only of ICMP and ICMPv6
 * @param in the interface that it comes in by; "" for what the host sends itself
 * @param out the interface that it leaves by; "" for what is for the host itself
 * @param state of its connection, as {@code NEW}
 * @param isDnat whether it was given another destination
 * @param sourceIsLocal whether the source is an address of the host
 * @param wayBack whether answers would leave by the interface that it came in by
 */
public record SimulatedPacket(
    Address source,
    Address destination,
    int protocol,
    int sourcePort,
    int destinationPort,
    int icmpType,
    int icmpCode,
    String in,
    String out,
    String state,
    boolean isDnat,
    boolean sourceIsLocal,
    boolean destinationIsLocal,
    boolean wayBack) {

  /** The first packet of a connection. */
  public static SimulatedPacket of(
      String source, String destination, int protocol, int sourcePort, int destinationPort) {
    return new SimulatedPacket(
        Address.parse(source),
        Address.parse(destination),
        protocol,
        sourcePort,
        destinationPort,
        0,
        0,
        "",
        "",
        "NEW",
        false,
        false,
        false,
        true);
  }

  AddressFamily family() {
    return source.family();
  }

  public SimulatedPacket by(String in, String out) {
    return new SimulatedPacket(
        source,
        destination,
        protocol,
        sourcePort,
        destinationPort,
        icmpType,
        icmpCode,
        in,
        out,
        state,
        isDnat,
        in.isEmpty(),
        out.isEmpty(),
        wayBack);
  }

  public SimulatedPacket withIcmp(int type, int code) {
    return new SimulatedPacket(
        source,
        destination,
        protocol,
        sourcePort,
        destinationPort,
        type,
        code,
        in,
        out,
        state,
        isDnat,
        sourceIsLocal,
        destinationIsLocal,
        wayBack);
  }

  public SimulatedPacket withState(String state) {
    return new SimulatedPacket(
        source,
        destination,
        protocol,
        sourcePort,
        destinationPort,
        icmpType,
        icmpCode,
        in,
        out,
        state,
        isDnat,
        sourceIsLocal,
        destinationIsLocal,
        wayBack);
  }

  public SimulatedPacket withDnat() {
    return new SimulatedPacket(
        source,
        destination,
        protocol,
        sourcePort,
        destinationPort,
        icmpType,
        icmpCode,
        in,
        out,
        state,
        true,
        sourceIsLocal,
        destinationIsLocal,
        wayBack);
  }

  public SimulatedPacket withoutWayBack() {
    return new SimulatedPacket(
        source,
        destination,
        protocol,
        sourcePort,
        destinationPort,
        icmpType,
        icmpCode,
        in,
        out,
        state,
        isDnat,
        sourceIsLocal,
        destinationIsLocal,
        false);
  }
}
