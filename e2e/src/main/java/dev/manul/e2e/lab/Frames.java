package dev.manul.e2e.lab;

import dev.manul.e2e.LabException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Takes frames off a file of tcpdump's and apart. What does not fit its format is an error. All
 * octets are from 0 to the limit of a buffer.
 */
public final class Frames {

  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int RECORD_LENGTH = 8;
  private static final int MAGIC = 0xa1b2c3d4;

  private Frames() {}

  /**
   * An Ethernet frame (IEEE 802.3).
   *
   * @param type the EtherType
   */
  public record Ethernet(String destination, String source, int type, ByteBuffer payload) {}

  /**
   * An IPv4 packet (RFC 791) without options.
   *
   * @param whole whether it must not be cut up
   */
  public record Ipv4(
      String source,
      String destination,
      int protocol,
      int timeToLive,
      boolean whole,
      ByteBuffer payload) {}

  /** A UDP datagram (RFC 768). */
  public record Udp(int source, int destination, ByteBuffer payload) {}

  /**
   * What VXLAN puts into UDP (RFC 7348 section 5).
   *
   * @param reserved the bits that mean nothing, all together
   */
  public record Vxlan(int flags, int vni, int reserved, ByteBuffer frame) {}

  /** An echo request or reply (RFC 792). */
  public record Echo(int type, int code) {}

  /** The frames of a file as libpcap writes it on this machine. */
  public static List<Ethernet> of(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.nativeOrder());
    require(bytes.getInt(0) == MAGIC, "a file of libpcap's", bytes);
    List<Ethernet> frames = new ArrayList<>();
    int at = FILE_HEADER;
    while (at + RECORD_HEADER <= file.length) {
      int length = bytes.getInt(at + RECORD_LENGTH);
      frames.add(ethernet(bytes.slice(at + RECORD_HEADER, length)));
      at += RECORD_HEADER + length;
    }
    return frames;
  }

  public static Ethernet ethernet(ByteBuffer octets) {
    require(octets.limit() >= 14, "an Ethernet frame", octets);
    return new Ethernet(
        mac(octets, 0), mac(octets, 6), octets.getShort(12) & 0xffff, from(octets, 14));
  }

  public static Ipv4 ipv4(Ethernet frame) {
    require(frame.type() == 0x0800, "a frame with IPv4", frame.payload());
    return ipv4(frame.payload());
  }

  public static Ipv4 ipv4(ByteBuffer octets) {
    require(octets.limit() >= 20 && octets.get(0) == 0x45, "IPv4 without options", octets);
    int length = octets.getShort(2) & 0xffff;
    require(length <= octets.limit(), "all of the packet", octets);
    return new Ipv4(
        address(octets, 12),
        address(octets, 16),
        octets.get(9),
        octets.get(8) & 0xff,
        (octets.get(6) & 0x40) != 0,
        octets.slice(20, length - 20));
  }

  public static Udp udp(Ipv4 packet) {
    ByteBuffer octets = packet.payload();
    require(packet.protocol() == 17, "UDP", octets);
    require((octets.getShort(4) & 0xffff) == octets.limit(), "UDP's length", octets);
    return new Udp(octets.getShort(0) & 0xffff, octets.getShort(2) & 0xffff, from(octets, 8));
  }

  public static Vxlan vxlan(Udp datagram) {
    ByteBuffer octets = datagram.payload();
    int reserved = (octets.getInt(0) & 0x00ff_ffff) + (octets.getInt(4) & 0xff);
    return new Vxlan(octets.get(0) & 0xff, octets.getInt(4) >>> 8, reserved, from(octets, 8));
  }

  public static Echo echo(Ipv4 packet) {
    require(packet.protocol() == 1, "ICMP", packet.payload());
    return new Echo(packet.payload().get(0), packet.payload().get(1));
  }

  private static ByteBuffer from(ByteBuffer octets, int at) {
    return octets.slice(at, octets.limit() - at);
  }

  private static byte[] some(ByteBuffer octets, int at, int count) {
    byte[] copy = new byte[count];
    octets.get(at, copy);
    return copy;
  }

  private static String mac(ByteBuffer octets, int at) {
    return HexFormat.ofDelimiter(":").formatHex(some(octets, at, 6));
  }

  private static String address(ByteBuffer octets, int at) {
    try {
      return InetAddress.getByAddress(some(octets, at, 4)).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void require(boolean good, String what, ByteBuffer octets) {
    if (!good) {
      throw new LabException(
          "not %s: %s", what, HexFormat.of().formatHex(some(octets, 0, octets.limit())));
    }
  }
}
