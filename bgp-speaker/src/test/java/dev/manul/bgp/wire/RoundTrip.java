package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads a message and writes it again: the octets must be the same, but for three choices RFC 4271
 * leaves to the writer. Attributes may come in any order, a length below 256 may be written with
 * two octets, and capabilities may be spread over several optional parameters (RFC 5492 section 4).
 * Our own choices are made in the original as well, here and without the codec, before the two are
 * compared.
 */
public final class RoundTrip {
  private static final int EXTENDED_LENGTH = 0x10;
  private static final int MP_REACH_NLRI = 14;
  private static final int MP_UNREACH_NLRI = 15;
  private static final int CAPABILITIES = 2;

  private RoundTrip() {}

  /** Fails unless a message is read without a fault and written as it was. */
  public static void check(byte[] message, DecodeContext context) {
    String hex = HexFormat.of().formatHex(message);
    DecodeOutcome outcome = MessageDecoder.decode(Unpooled.wrappedBuffer(message), context);
    assertThat(outcome).as(hex).isInstanceOf(Decoded.class);
    Decoded decoded = (Decoded) outcome;
    assertThat(decoded.faults()).as(hex).isEmpty();
    assertThat(decoded.messages()).as(hex).hasSize(1);
    ByteBuf out = Unpooled.buffer();
    EncodeContext same =
        new EncodeContext(
            context.fourOctetAs(),
            context.addPathReceive(),
            context.extendedNextHop(),
            context.extendedMessages());
    MessageEncoder.encode(decoded.messages().getFirst(), same, out);
    assertThat(Wire.hex(out)).as(hex).isEqualTo(Wire.hex(canonical(message)));
  }

  private static ByteBuf canonical(byte[] message) {
    ByteBuf in = Unpooled.wrappedBuffer(message);
    ByteBuf out = Unpooled.buffer();
    out.writeBytes(in, MessageDecoder.HEADER_LENGTH);
    switch (message[18]) {
      case MessageDecoder.OPEN -> open(in, out);
      case MessageDecoder.UPDATE -> update(in, out);
      default -> out.writeBytes(in);
    }
    return out.setShort(16, out.writerIndex());
  }

  private static void open(ByteBuf in, ByteBuf out) {
    out.writeBytes(in, 9);
    ByteBuf parameters = in.skipBytes(1);
    ByteBuf capabilities = Unpooled.buffer();
    while (parameters.isReadable()) {
      assertThat(parameters.readUnsignedByte()).isEqualTo((short) CAPABILITIES);
      capabilities.writeBytes(parameters, parameters.readUnsignedByte());
    }
    int length = capabilities.readableBytes();
    if (length == 0) {
      out.writeByte(0);
    } else {
      out.writeByte(length + 2).writeByte(CAPABILITIES).writeByte(length).writeBytes(capabilities);
    }
  }

  private record Attribute(int flags, int type, Octets value) {
    /** The multiprotocol ones are to be first (RFC 7606 section 5.1). */
    int rank() {
      return type == MP_REACH_NLRI || type == MP_UNREACH_NLRI ? type - 256 : type;
    }
  }

  private static void update(ByteBuf in, ByteBuf out) {
    int withdrawn = in.readUnsignedShort();
    out.writeShort(withdrawn).writeBytes(in, withdrawn);
    ByteBuf attributes = in.readSlice(in.readUnsignedShort());
    List<Attribute> all = new ArrayList<>();
    while (attributes.isReadable()) {
      int flags = attributes.readUnsignedByte();
      int type = attributes.readUnsignedByte();
      boolean extended = (flags & EXTENDED_LENGTH) != 0;
      byte[] value =
          new byte[extended ? attributes.readUnsignedShort() : attributes.readUnsignedByte()];
      attributes.readBytes(value);
      all.add(new Attribute(flags & ~EXTENDED_LENGTH, type, Octets.of(value)));
    }
    if (!in.isReadable() && all.stream().noneMatch(a -> a.type == MP_REACH_NLRI)) {
      all.removeIf(a -> a.type != MP_UNREACH_NLRI);
    }
    all.sort(Comparator.comparingInt(Attribute::rank));
    int at = out.writerIndex();
    out.writeShort(0);
    for (Attribute each : all) {
      boolean extended = each.rank() < 0 || each.value.length() > 255;
      out.writeByte(each.flags | (extended ? EXTENDED_LENGTH : 0)).writeByte(each.type);
      if (extended) {
        out.writeShort(each.value.length());
      } else {
        out.writeByte(each.value.length());
      }
      out.writeBytes(each.value.toArray());
    }
    out.setShort(at, out.writerIndex() - at - 2).writeBytes(in);
  }
}
