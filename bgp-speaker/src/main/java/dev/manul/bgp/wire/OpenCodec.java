package dev.manul.bgp.wire;

import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability.FourOctetAs;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.DecodeOutcome.Reset;
import dev.manul.model.Ipv4Address;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * OPEN (RFC 4271 section 4.2), its capabilities (RFC 5492), and optional parameters of more than
 * 255 octets (RFC 9072).
 *
 * <pre>
 * +---------+----+-----------+------------+--------+------------+
 * | version | AS | hold time | identifier | length | parameters |
 * |    1    | 2  |     2     |     4      |   1    |            |
 * +---------+----+-----------+------------+--------+------------+
 * </pre>
 *
 * A length of 255 followed by the octet 255 stands for the extended form: a length of 2 octets
 * comes next, and each parameter then has a length of 2 octets as well.
 */
final class OpenCodec {
  private static final int VERSION = 4;
  private static final int CAPABILITIES = 2;
  private static final int EXTENDED = 255;

  private OpenCodec() {}

  static DecodeOutcome decode(ByteBuf body) {
    int version = body.readUnsignedByte();
    int twoOctetAs = body.readUnsignedShort();
    int holdTime = body.readUnsignedShort();
    Ipv4Address routerId = new Ipv4Address(body.readInt());
    if (version != VERSION) {
      return fault(
          1, Octets.of((byte) 0, (byte) VERSION), "peer speaks BGP version " + version + ", not 4");
    }
    List<Capability> capabilities = new ArrayList<>();
    Reset wrong = parameters(body, capabilities);
    if (wrong != null) {
      return wrong;
    }
    long asNumber = twoOctetAs;
    for (Capability capability : capabilities) {
      if (capability instanceof FourOctetAs four) {
        asNumber = four.asNumber();
        break;
      }
    }
    if (asNumber == 0) {
      return fault(2, Octets.EMPTY, "AS 0 is reserved");
    }
    if (holdTime == 1 || holdTime == 2) {
      return fault(
          6, Octets.EMPTY, "a hold time of " + holdTime + " s; 0 or at least 3 is allowed");
    }
    if (routerId.isUnspecified()) {
      return fault(3, Octets.EMPTY, "BGP identifier 0.0.0.0");
    }
    return new Decoded(
        List.of(new Open(version, asNumber, holdTime, routerId, capabilities)), List.of());
  }

  private static Reset parameters(ByteBuf in, List<Capability> into) {
    int length = in.readUnsignedByte();
    boolean extended =
        length == EXTENDED
            && in.readableBytes() >= 3
            && in.getUnsignedByte(in.readerIndex()) == EXTENDED;
    if (extended) {
      length = in.skipBytes(1).readUnsignedShort();
    }
    if (length != in.readableBytes()) {
      return fault(0, Octets.EMPTY, "optional parameters of " + length + " octets do not fit");
    }
    while (in.isReadable()) {
      if (in.readableBytes() < (extended ? 3 : 2)) {
        return fault(0, Octets.EMPTY, "the last optional parameter is cut short");
      }
      int type = in.readUnsignedByte();
      int octets = extended ? in.readUnsignedShort() : in.readUnsignedByte();
      if (octets > in.readableBytes()) {
        return fault(0, Octets.EMPTY, "optional parameter " + type + " is cut short");
      }
      if (type != CAPABILITIES) {
        return fault(4, Octets.EMPTY, "optional parameter " + type + " is not supported");
      }
      String wrong = capabilities(in.readSlice(octets), into);
      if (wrong != null) {
        return fault(0, Octets.EMPTY, wrong);
      }
    }
    return null;
  }

  /** Returns null when all is well, else what is wrong. */
  private static String capabilities(ByteBuf in, List<Capability> into) {
    while (in.isReadable()) {
      if (in.readableBytes() < 2) {
        return "the last capability is cut short";
      }
      int code = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (length > in.readableBytes()) {
        return "capability " + code + " is cut short";
      }
      Capability capability = CapabilityCodec.read(code, in.readSlice(length));
      if (capability == null) {
        return "capability " + code + " has a wrong length of " + length;
      }
      into.add(capability);
    }
    return null;
  }

  private static Reset fault(int subcode, Octets data, String reason) {
    return MessageDecoder.reset(2, subcode, data, reason);
  }

  /** Writes the body. All capabilities go into one optional parameter. */
  static void encode(Open open, ByteBuf out) {
    out.writeByte(open.version());
    out.writeShort(AsPathCodec.toTwoOctets(open.asNumber()));
    out.writeShort(open.holdTime());
    out.writeInt(open.routerId().value());
    int at = out.writerIndex();
    open.capabilities().forEach(capability -> CapabilityCodec.write(capability, out));
    int length = out.writerIndex() - at;
    if (length == 0) {
      out.writeByte(0);
      return;
    }
    // The parameter's head goes before what has just been written: written again after it.
    out.writerIndex(at);
    if (length + 2 < EXTENDED) {
      out.writeByte(length + 2).writeByte(CAPABILITIES).writeByte(length);
    } else {
      out.writeByte(EXTENDED).writeByte(EXTENDED).writeShort(length + 3);
      out.writeByte(CAPABILITIES).writeShort(length);
    }
    open.capabilities().forEach(capability -> CapabilityCodec.write(capability, out));
  }
}
