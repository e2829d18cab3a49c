package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.DecodeOutcome.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Bytes and messages for the codec's tests. */
final class Wire {
  static final Set<Family> BOTH = Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST);
  static final DecodeContext EXTERNAL = new DecodeContext(true, true, BOTH);
  static final DecodeContext INTERNAL = new DecodeContext(true, false, BOTH);
  static final DecodeContext EXTERNAL_2 = new DecodeContext(false, true, BOTH);

  private Wire() {}

  static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  /** A message of a type with the body in hexadecimal digits. */
  static ByteBuf message(int type, String body) {
    ByteBuf content = bytes(body);
    return Unpooled.buffer()
        .writeLong(-1)
        .writeLong(-1)
        .writeShort(19 + content.readableBytes())
        .writeByte(type)
        .writeBytes(content);
  }

  /** An UPDATE of its three parts in hexadecimal digits; lengths are put in. */
  static ByteBuf update(String withdrawn, String attributes, String announced) {
    ByteBuf first = bytes(withdrawn);
    ByteBuf second = bytes(attributes);
    String body =
        "%04x%s%04x%s%s"
            .formatted(
                first.readableBytes(), withdrawn, second.readableBytes(), attributes, announced);
    return message(2, body);
  }

  static Decoded decoded(DecodeOutcome outcome) {
    assertThat(outcome).isInstanceOf(Decoded.class);
    return (Decoded) outcome;
  }

  static Update update(DecodeOutcome outcome) {
    List<BgpMessage> messages = decoded(outcome).messages();
    assertThat(messages).hasSize(1);
    return (Update) messages.getFirst();
  }

  static Notification notification(DecodeOutcome outcome) {
    assertThat(outcome).isInstanceOf(Reset.class);
    return ((Reset) outcome).notification();
  }

  static String hex(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
