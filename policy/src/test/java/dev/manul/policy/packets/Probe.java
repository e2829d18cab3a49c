package dev.manul.policy.packets;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.oracle.Packet;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A packet that asks whether it may pass: the first of a connection, with a number in it by which
 * it is known again.
 *
 * @param sourcePort of TCP, UDP and SCTP
 * @param icmpType of ICMP and ICMPv6
 */
public record Probe(
    Address source,
    Address destination,
    int protocol,
    int sourcePort,
    int destinationPort,
    int icmpType,
    int icmpCode) {

  private static final long MAGIC = 0x6d616e756c2d7072L;
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int ICMPV6 = 58;
  private static final int SCTP = 132;
  private static final int TAG = 12;

  static Probe of(Packet packet) {
    return new Probe(
        packet.source(),
        packet.destination(),
        packet.protocol(),
        packet.sourcePort(),
        packet.destinationPort(),
        packet.icmpType(),
        packet.icmpCode());
  }

  /** The packet, from the IP header on. */
  byte[] packet(int number) {
    byte[] transport =
        switch (protocol) {
          case TCP -> tcp(number);
          case UDP -> udp(number);
          case SCTP -> sctp(number);
          case ICMP, ICMPV6 -> icmp(number);
          default -> bytes(tag(ByteBuffer.allocate(4 + TAG), number)); // GRE begins with zeros
        };
    boolean v4 = source.family() == AddressFamily.IPV4;
    ByteBuffer packet = ByteBuffer.allocate((v4 ? 20 : 40) + transport.length);
    if (v4) {
      packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
      packet.putShort((short) number).putShort((short) 0);
      packet.put((byte) 64).put((byte) protocol).putShort((short) 0); // the kernel sums it up
    } else {
      packet.putInt(0x6000_0000).putShort((short) transport.length);
      packet.put((byte) protocol).put((byte) 64);
    }
    return bytes(packet.put(source.toBytes()).put(destination.toBytes()).put(transport));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  private byte[] tcp(int number) {
    ByteBuffer segment = ByteBuffer.allocate(20 + TAG);
    segment.putShort((short) sourcePort).putShort((short) destinationPort);
    segment.putInt(number).putInt(0).put((byte) 0x50).put((byte) 2).putShort((short) 8192);
    segment.putInt(0);
    return summed(tag(segment, number), 16);
  }

  private byte[] udp(int number) {
    ByteBuffer datagram = ByteBuffer.allocate(8 + TAG);
    datagram.putShort((short) sourcePort).putShort((short) destinationPort);
    datagram.putShort((short) datagram.capacity()).putShort((short) 0);
    return summed(tag(datagram, number), 6);
  }

  private byte[] icmp(int number) {
    ByteBuffer message = ByteBuffer.allocate(8 + TAG);
    message.put((byte) icmpType).put((byte) icmpCode).putShort((short) 0);
    message.putShort((short) number).putShort((short) 1);
    return summed(tag(message, number), 2);
  }

  /** An INIT chunk (RFC 9260, 3.3.2), with the number in a parameter that receivers skip. */
  private byte[] sctp(int number) {
    ByteBuffer packet = ByteBuffer.allocate(12 + 20 + 4 + TAG);
    packet.putShort((short) sourcePort).putShort((short) destinationPort).putInt(0).putInt(0);
    packet.put((byte) 1).put((byte) 0).putShort((short) (20 + 4 + TAG));
    packet.putInt(number + 1).putInt(65_536).putShort((short) 1).putShort((short) 1).putInt(1);
    packet.putShort((short) 0xc0ff).putShort((short) (4 + TAG));
    var sum = new CRC32C();
    sum.update(tag(packet, number).duplicate().rewind());
    packet.putInt(8, Integer.reverseBytes((int) sum.getValue()));
    return bytes(packet);
  }

  private static ByteBuffer tag(ByteBuffer packet, int number) {
    return packet.putLong(packet.capacity() - TAG, MAGIC).putInt(packet.capacity() - 4, number);
  }

  /** The number in a packet that was received; -1 when it is no probe. */
  static int numberIn(ByteBuffer packet) {
    int at = packet.limit() - TAG;
    return at >= 0 && packet.getLong(at) == MAGIC ? packet.getInt(at + 8) : -1;
  }

  /** With the Internet checksum, over the pseudo-header where the protocol has one. */
  private byte[] summed(ByteBuffer transport, int at) {
    byte[] bytes = bytes(transport);
    long sum = 0;
    if (protocol != ICMP) {
      sum = add(add(0, source.toBytes()), destination.toBytes()) + protocol + bytes.length;
    }
    sum = add(sum, bytes);
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    int complement = ~(int) sum & 0xffff;
    ByteBuffer.wrap(bytes).putShort(at, (short) (complement == 0 ? 0xffff : complement));
    return bytes;
  }

  private static long add(long sum, byte[] bytes) {
    long all = sum;
    for (int i = 0; i < bytes.length; i++) {
      all += (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    return all;
  }

  @Override
  public String toString() {
    return switch (protocol) {
      case TCP, UDP, SCTP ->
          "%s %s:%d -> %s:%d"
              .formatted(
                  protocol == TCP ? "TCP" : protocol == UDP ? "UDP" : "SCTP",
                  source,
                  sourcePort,
                  destination,
                  destinationPort);
      case ICMP, ICMPV6 -> "ICMP %d/%d %s -> %s".formatted(icmpType, icmpCode, source, destination);
      default -> "protocol %d %s -> %s".formatted(protocol, source, destination);
    };
  }
}
