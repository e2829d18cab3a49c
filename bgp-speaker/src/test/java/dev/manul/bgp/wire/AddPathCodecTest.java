package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Path identifiers on the wire (RFC 7911). */
class AddPathCodecTest {
  private static final DecodeContext DECODE =
      new DecodeContext(true, true, Wire.BOTH, Wire.BOTH, Set.of(), false);
  private static final EncodeContext ENCODE = new EncodeContext(true, Wire.BOTH, Set.of(), false);

  @Test
  void identifiersComeBackAsTheyWere() {
    for (int seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      RandomMessages messages = new RandomMessages(random, Wire.EXTERNAL);
      AddressFamily family = random.nextBoolean() ? AddressFamily.IPV4 : AddressFamily.IPV6;
      Update update =
          new Update(
              identified(messages, family, random, random.nextInt(3)),
              messages.attributes(family),
              identified(messages, family, random, 1 + random.nextInt(60)));
      ByteBuf out = Unpooled.buffer();
      MessageEncoder.encode(update, ENCODE, out);
      assertThat(Wire.update(MessageDecoder.decode(out, DECODE)))
          .as("seed %s", seed)
          .isEqualTo(update);
    }
  }

  private static PrefixList identified(
      RandomMessages messages, AddressFamily family, Random random, int size) {
    PrefixList.Builder builder = new PrefixList.Builder(family, true);
    for (int i = 0; i < size; i++) {
      builder.add(messages.prefix(family), random.nextInt());
    }
    return builder.build();
  }

  @Test
  void aLongListFillsMessagesAndKeepsEveryIdentifier() {
    RandomMessages messages = new RandomMessages(new Random(3), Wire.EXTERNAL);
    PrefixList sent = identified(messages, AddressFamily.IPV6, new Random(4), 5_000);
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(
        new Update(PrefixList.EMPTY, messages.attributes(AddressFamily.IPV6), sent), ENCODE, out);
    List<String> read = new ArrayList<>();
    while (out.isReadable()) {
      int length = MessageDecoder.frameLength(out, DecodeContext.BEFORE_OPEN);
      assertThat(length).isBetween(19, 4096);
      read.addAll(
          shown(Wire.update(MessageDecoder.decode(out.readSlice(length), DECODE)).announced()));
    }
    assertThat(read).isEqualTo(shown(sent));
  }

  private static List<String> shown(PrefixList prefixes) {
    List<String> shown = new ArrayList<>();
    for (PrefixList.Cursor at = prefixes.cursor(); at.next(); ) {
      shown.add(at.prefix() + " " + Integer.toUnsignedString(at.identifier()));
    }
    return shown;
  }

  @Test
  void identifiersGoOnlyWhereTheyAreUsed() {
    Update plain = new Update(List.of(Prefix.parse("10.0.0.0/8")), PathAttributes.EMPTY, List.of());
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(plain, ENCODE, out);
    PrefixList read = Wire.update(MessageDecoder.decode(out.duplicate(), DECODE)).withdrawn();
    assertThat(read.identified()).isTrue();
    assertThat(shown(read)).containsExactly("10.0.0.0/8 0");

    PrefixList.Builder builder = new PrefixList.Builder(AddressFamily.IPV4, true);
    builder.add(Prefix.parse("10.0.0.0/8"), 77);
    out.clear();
    MessageEncoder.encode(
        new Update(builder.build(), PathAttributes.EMPTY, PrefixList.EMPTY),
        new EncodeContext(true),
        out);
    assertThat(Wire.update(MessageDecoder.decode(out, Wire.EXTERNAL))).isEqualTo(plain);
  }

  @Test
  void anIdentifierCutShortEndsTheSession() {
    assertThat(Wire.notification(MessageDecoder.decode(Wire.update("000000", "", ""), DECODE)))
        .isEqualTo(new BgpMessage.Notification(3, 10, Octets.EMPTY));
    assertThat(Wire.notification(MessageDecoder.decode(Wire.update("0000000121", "", ""), DECODE)))
        .isEqualTo(new BgpMessage.Notification(3, 10, Octets.EMPTY));
  }
}
