package dev.manul.bgp.wire;

import dev.manul.bgp.wire.Capability.AddPath;
import dev.manul.bgp.wire.Capability.AddPathFamily;
import dev.manul.bgp.wire.Capability.ExtendedNextHop;
import dev.manul.bgp.wire.Capability.FourOctetAs;
import dev.manul.bgp.wire.Capability.GracefulFamily;
import dev.manul.bgp.wire.Capability.GracefulRestart;
import dev.manul.bgp.wire.Capability.HostName;
import dev.manul.bgp.wire.Capability.LongLivedFamily;
import dev.manul.bgp.wire.Capability.LongLivedGracefulRestart;
import dev.manul.bgp.wire.Capability.NextHopEncoding;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Capabilities (RFC 5492): one octet of code, one of length, and a value.
 *
 * <p>The old ones, without which no session makes sense, are refused when their length is wrong. Of
 * the others a wrong length only means that the feature is not there: they are kept as {@link
 * Capability.Unknown}.
 */
final class CapabilityCodec {
  private static final int LONGEST = 255;

  private CapabilityCodec() {}

  /** Reads a value; null when its length is wrong and cannot be forgiven. */
  static Capability read(int code, ByteBuf value) {
    int length = value.readableBytes();
    return switch (code) {
      case 1 -> length == 4 ? new Capability.Multiprotocol(paddedFamily(value)) : null;
      case 2 -> length == 0 ? new Capability.RouteRefresh() : null;
      case 64 -> length >= 2 && length % 4 == 2 ? gracefulRestart(value) : null;
      case 65 -> length == 4 ? new FourOctetAs(value.readUnsignedInt()) : null;
      default -> {
        Capability known = readOptional(code, value.duplicate());
        yield known == null ? new Capability.Unknown(code, octets(value)) : known;
      }
    };
  }

  /** Null for what is not known or has a wrong length. */
  private static Capability readOptional(int code, ByteBuf value) {
    int length = value.readableBytes();
    return switch (code) {
      case 5 -> length > 0 && length % 6 == 0 ? extendedNextHop(value) : null;
      case 6 -> length == 0 ? new Capability.ExtendedMessages() : null;
      case 9 -> length == 1 ? new Capability.BgpRole(value.readUnsignedByte()) : null;
      case 69 -> length > 0 && length % 4 == 0 ? addPath(value) : null;
      case 70 -> length == 0 ? new Capability.EnhancedRouteRefresh() : null;
      case 71 -> length % 7 == 0 ? longLived(value) : null;
      case 73 -> hostName(value);
      default -> null;
    };
  }

  /** AFI, a reserved octet, SAFI: RFC 4760 section 8. */
  private static Family paddedFamily(ByteBuf value) {
    int afi = value.readUnsignedShort();
    return new Family(afi, value.skipBytes(1).readUnsignedByte());
  }

  private static Family family(ByteBuf value) {
    int afi = value.readUnsignedShort();
    return new Family(afi, value.readUnsignedByte());
  }

  private static GracefulRestart gracefulRestart(ByteBuf value) {
    int head = value.readUnsignedShort();
    List<GracefulFamily> families = new ArrayList<>(2);
    while (value.isReadable()) {
      Family family = family(value);
      families.add(new GracefulFamily(family, (value.readUnsignedByte() & 0x80) != 0));
    }
    return new GracefulRestart((head & 0x8000) != 0, (head & 0x4000) != 0, head & 0x0fff, families);
  }

  /** Here the SAFI has two octets: RFC 8950 section 4. */
  private static ExtendedNextHop extendedNextHop(ByteBuf value) {
    List<NextHopEncoding> entries = new ArrayList<>(2);
    while (value.isReadable()) {
      int afi = value.readUnsignedShort();
      Family family = new Family(afi, value.readUnsignedShort());
      entries.add(new NextHopEncoding(family, value.readUnsignedShort()));
    }
    return new ExtendedNextHop(entries);
  }

  private static AddPath addPath(ByteBuf value) {
    List<AddPathFamily> entries = new ArrayList<>(2);
    while (value.isReadable()) {
      Family family = family(value);
      entries.add(new AddPathFamily(family, value.readUnsignedByte()));
    }
    return new AddPath(entries);
  }

  private static LongLivedGracefulRestart longLived(ByteBuf value) {
    List<LongLivedFamily> families = new ArrayList<>(2);
    while (value.isReadable()) {
      Family family = family(value);
      boolean forwarding = (value.readUnsignedByte() & 0x80) != 0;
      families.add(new LongLivedFamily(family, forwarding, value.readUnsignedMedium()));
    }
    return new LongLivedGracefulRestart(families);
  }

  /** Two texts, each with its length before it. */
  private static HostName hostName(ByteBuf value) {
    String host = text(value);
    String domain = text(value);
    return host == null || domain == null || value.isReadable() ? null : new HostName(host, domain);
  }

  /** Null unless it is UTF-8. */
  private static String text(ByteBuf value) {
    if (!value.isReadable()) {
      return null;
    }
    int length = value.readUnsignedByte();
    if (length > value.readableBytes()) {
      return null;
    }
    byte[] bytes = new byte[length];
    value.readBytes(bytes);
    String text = new String(bytes, StandardCharsets.UTF_8);
    return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes) ? text : null;
  }

  private static Octets octets(ByteBuf value) {
    byte[] bytes = new byte[value.readableBytes()];
    value.readBytes(bytes);
    return Octets.of(bytes);
  }

  /**
   * Writes code, length and value.
   *
   * @throws IllegalArgumentException when the value has more than 255 octets
   */
  static void write(Capability capability, ByteBuf out) {
    out.writeByte(code(capability));
    int at = out.writerIndex();
    out.writeByte(0);
    writeValue(capability, out);
    int length = out.writerIndex() - at - 1;
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          "capability " + code(capability) + " has " + length + " octets, not 0 to " + LONGEST);
    }
    out.setByte(at, length);
  }

  private static int code(Capability capability) {
    return switch (capability) {
      case Capability.Multiprotocol c -> 1;
      case Capability.RouteRefresh c -> 2;
      case ExtendedNextHop c -> 5;
      case Capability.ExtendedMessages c -> 6;
      case Capability.BgpRole c -> 9;
      case GracefulRestart c -> 64;
      case FourOctetAs c -> 65;
      case AddPath c -> 69;
      case Capability.EnhancedRouteRefresh c -> 70;
      case LongLivedGracefulRestart c -> 71;
      case HostName c -> 73;
      case Capability.Unknown c -> c.code();
    };
  }

  private static void writeValue(Capability capability, ByteBuf out) {
    switch (capability) {
      case Capability.Multiprotocol(Family family) ->
          out.writeShort(family.afi()).writeByte(0).writeByte(family.safi());
      case Capability.RouteRefresh() -> {}
      case Capability.ExtendedMessages() -> {}
      case Capability.EnhancedRouteRefresh() -> {}
      case FourOctetAs(long asNumber) -> out.writeInt((int) asNumber);
      case Capability.BgpRole(int code) -> out.writeByte(code);
      case GracefulRestart c -> writeGracefulRestart(c, out);
      case ExtendedNextHop(List<NextHopEncoding> entries) -> {
        for (NextHopEncoding entry : entries) {
          out.writeShort(entry.family().afi()).writeShort(entry.family().safi());
          out.writeShort(entry.nextHopAfi());
        }
      }
      case AddPath(List<AddPathFamily> entries) -> {
        for (AddPathFamily entry : entries) {
          writeFamily(entry.family(), out);
          out.writeByte(entry.mode());
        }
      }
      case LongLivedGracefulRestart(List<LongLivedFamily> families) -> {
        for (LongLivedFamily family : families) {
          writeFamily(family.family(), out);
          out.writeByte(family.forwardingPreserved() ? 0x80 : 0).writeMedium(family.staleTime());
        }
      }
      case HostName(String host, String domain) -> {
        writeText(host, out);
        writeText(domain, out);
      }
      case Capability.Unknown c -> out.writeBytes(c.value().toArray());
    }
  }

  private static void writeFamily(Family family, ByteBuf out) {
    out.writeShort(family.afi()).writeByte(family.safi());
  }

  private static void writeText(String text, ByteBuf out) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeByte(bytes.length).writeBytes(bytes);
  }

  private static void writeGracefulRestart(GracefulRestart c, ByteBuf out) {
    out.writeShort(
        (c.restarting() ? 0x8000 : 0)
            | (c.notification() ? 0x4000 : 0)
            | (c.restartTime() & 0xfff));
    for (GracefulFamily family : c.families()) {
      writeFamily(family.family(), out);
      out.writeByte(family.forwardingPreserved() ? 0x80 : 0);
    }
  }
}
