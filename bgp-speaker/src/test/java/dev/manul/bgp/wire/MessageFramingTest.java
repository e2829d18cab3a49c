package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers, OPEN, and how messages are filled. */
class MessageFramingTest {
  private static final EncodeContext FOUR = new EncodeContext(true);
  private static final String MARKER = "ff".repeat(16);

  @ParameterizedTest
  @CsvSource({
    "fffffffffffffffffffffffffffffffe 0013 04, 1, 1, ''",
    "ffffffffffffffffffffffffffffffff 0012 04, 1, 2, 0012",
    "ffffffffffffffffffffffffffffffff 0014 04 00, 1, 2, 0014",
    "ffffffffffffffffffffffffffffffff 1001 02, 1, 2, 1001",
    "ffffffffffffffffffffffffffffffff 001c 01, 1, 2, 001c",
    "ffffffffffffffffffffffffffffffff 0016 02, 1, 2, 0016",
    "ffffffffffffffffffffffffffffffff 0014 03, 1, 2, 0014",
    "ffffffffffffffffffffffffffffffff 0013 00, 1, 3, 00",
    "ffffffffffffffffffffffffffffffff 0013 06, 1, 3, 06"
  })
  void badHeaderEndsTheSession(String hex, int code, int subcode, String data) {
    ByteBuf frame = Wire.bytes(hex);
    assertThat(MessageDecoder.frameLength(frame, DecodeContext.BEFORE_OPEN)).isZero();
    Notification notification = Wire.notification(MessageDecoder.decode(frame, Wire.EXTERNAL));
    assertThat(notification.code()).isEqualTo(code);
    assertThat(notification.subcode()).isEqualTo(subcode);
    assertThat(notification.data()).hasToString(data);
  }

  @Test
  void frameLengthWaitsForAWholeHeader() {
    ByteBuf frame = Wire.bytes(MARKER + "001304");
    assertThat(MessageDecoder.frameLength(frame.slice(0, 18), DecodeContext.BEFORE_OPEN))
        .isEqualTo(-1);
    assertThat(MessageDecoder.frameLength(frame, DecodeContext.BEFORE_OPEN)).isEqualTo(19);
    assertThat(MessageDecoder.decode(frame, Wire.EXTERNAL))
        .isEqualTo(new Decoded(List.of(new Keepalive()), List.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "03fde9005a0a00000100, 1, 0004",
    "0400 00005a0a00000100, 2, ''",
    "04fde9005a0000000000, 3, ''",
    "04fde900010a00000100, 6, ''",
    "04fde900020a00000100, 6, ''",
    "04fde9005a0a000001 03 010100, 4, ''",
    "04fde9005a0a000001 02 0201, 0, ''",
    "04fde9005a0a000001 04 02020105, 0, ''",
    "04fde9005a0a000001 05 0203010100, 0, ''",
    "04fde9005a0a000001 05 02, 0, ''",
    "04fde9005a0a000001 08 02064104 00000000, 2, ''",
    "04fde9005a0a000001 ff ff 0010, 0, ''"
  })
  void badOpenIsRefused(String body, int subcode, String data) {
    Notification notification =
        Wire.notification(
            MessageDecoder.decode(
                Wire.message(1, body.replace(" ", "")), DecodeContext.BEFORE_OPEN));
    assertThat(notification.code()).isEqualTo(2);
    assertThat(notification.subcode()).isEqualTo(subcode);
    assertThat(notification.data()).hasToString(data);
  }

  /** RFC 9072 allows the extended form for short parameters too. */
  @Test
  void extendedParametersAreReadWhateverTheirLength() {
    Decoded decoded =
        Wire.decoded(
            MessageDecoder.decode(
                Wire.message(1, "04fde9005a0a000001ffff000902000641040001869f"),
                DecodeContext.BEFORE_OPEN));
    Open open = (Open) decoded.messages().getFirst();
    assertThat(open.asNumber()).isEqualTo(99999);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 249, 250, 251, 252, 255})
  void parametersOfMoreThan254OctetsAreExtended(int octets) {
    Open open =
        new Open(
            4,
            65001,
            90,
            new Ipv4Address(1),
            List.of(new Capability.Unknown(200, Octets.of(new byte[octets]))));
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(open, FOUR, out);
    boolean extended = out.getUnsignedByte(28) == 255 && out.getUnsignedByte(29) == 255;
    assertThat(extended).isEqualTo(octets + 4 >= 255);
    assertThat(MessageDecoder.decode(out, Wire.EXTERNAL))
        .isEqualTo(new Decoded(List.of(open), List.of()));
  }

  /** RFC 7313 section 5: the markers have an error code of their own. */
  @ParameterizedTest
  @CsvSource({"0001000101, 1, 2", "000100, 1, 2", "000102, 7, 1", "0001010100, 7, 1"})
  void routeRefreshOfAWrongLength(String body, int code, int subcode) {
    DecodeOutcome outcome = MessageDecoder.decode(Wire.message(5, body), Wire.EXTERNAL);
    assertThat(Wire.notification(outcome).code()).isEqualTo(code);
    assertThat(Wire.notification(outcome).subcode()).isEqualTo(subcode);
  }

  @Test
  void routeRefreshOfAnUnknownSubtypeIsPassedOver() {
    assertThat(MessageDecoder.decode(Wire.message(5, "00010301"), Wire.EXTERNAL))
        .isEqualTo(new Decoded(List.of(), List.of()));
  }

  @Test
  void announcementsFillMessagesToTheBrim() {
    for (AddressFamily family : AddressFamily.values()) {
      Random random = new Random(7);
      RandomMessages messages = new RandomMessages(random, Wire.EXTERNAL);
      PathAttributes attributes = messages.attributes(family);
      List<Prefix> prefixes = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        prefixes.add(messages.prefix(family));
      }
      ByteBuf out = Unpooled.buffer();
      MessageEncoder.encode(new Update(List.of(), attributes, prefixes), FOUR, out);
      List<Prefix> read = new ArrayList<>();
      while (out.isReadable()) {
        int length = MessageDecoder.frameLength(out, DecodeContext.BEFORE_OPEN);
        assertThat(length).isBetween(19, 4096);
        Update update = Wire.update(MessageDecoder.decode(out.readSlice(length), Wire.EXTERNAL));
        assertThat(update.attributes()).isEqualTo(attributes);
        read.addAll(update.announced());
        if (read.size() < prefixes.size()) {
          int next = 1 + (prefixes.get(read.size()).length() + 7) / 8;
          assertThat(length + next).isGreaterThan(4096);
        }
      }
      assertThat(read).isEqualTo(prefixes);
    }
  }

  @Test
  void withdrawalsFillMessagesToTheBrim() {
    for (AddressFamily family : AddressFamily.values()) {
      RandomMessages messages = new RandomMessages(new Random(8), Wire.EXTERNAL);
      List<Prefix> prefixes = new ArrayList<>();
      for (int i = 0; i < 5_000; i++) {
        prefixes.add(messages.prefix(family));
      }
      ByteBuf out = Unpooled.buffer();
      MessageEncoder.encode(new Update(prefixes, PathAttributes.EMPTY, List.of()), FOUR, out);
      List<Prefix> read = new ArrayList<>();
      while (out.isReadable()) {
        int length = MessageDecoder.frameLength(out, DecodeContext.BEFORE_OPEN);
        assertThat(length).isBetween(19, 4096);
        ByteBuf frame = out.readSlice(length);
        read.addAll(Wire.update(MessageDecoder.decode(frame, Wire.EXTERNAL)).withdrawn());
      }
      assertThat(read).isEqualTo(prefixes);
    }
  }

  @Test
  void anUpdateOfBothKindsTooLongForOneMessageIsSplitWithdrawalsFirst() {
    RandomMessages messages = new RandomMessages(new Random(9), Wire.EXTERNAL);
    AddressFamily family = AddressFamily.IPV6;
    List<Prefix> gone = new ArrayList<>();
    List<Prefix> here = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      gone.add(messages.prefix(family));
      here.add(messages.prefix(family));
    }
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(new Update(gone, messages.attributes(family), here), FOUR, out);
    ByteBuf first = out.readSlice(MessageDecoder.frameLength(out, DecodeContext.BEFORE_OPEN));
    assertThat(Wire.update(MessageDecoder.decode(first, Wire.EXTERNAL)).withdrawn())
        .isEqualTo(gone);
  }

  @Test
  void attributesThatFillAMessageDoNotFit() {
    PathAttributes small =
        new RandomMessages(new Random(1), Wire.EXTERNAL).attributes(AddressFamily.IPV4);
    assertThat(MessageEncoder.fits(small, Family.IPV4_UNICAST, FOUR)).isTrue();
    List<Integer> communities = new ArrayList<>();
    for (int i = 0; i < 1020; i++) {
      communities.add(i);
    }
    PathAttributes large = small.toBuilder().communities(communities).build();
    assertThat(MessageEncoder.fits(large, Family.IPV4_UNICAST, FOUR)).isFalse();
    ByteBuf out = Unpooled.buffer().writeByte(1);
    assertThatThrownBy(
            () ->
                MessageEncoder.encode(
                    new Update(List.of(), large, List.of(Prefix.parse("10.0.0.0/8"))), FOUR, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4096");
    assertThat(out.writerIndex()).isOne();
  }

  @Test
  void aNextHopOfAnotherFamilyIsRefused() {
    PathAttributes ipv6 =
        new RandomMessages(new Random(1), Wire.EXTERNAL).attributes(AddressFamily.IPV6);
    ByteBuf out = Unpooled.buffer();
    assertThatThrownBy(
            () ->
                MessageEncoder.encode(
                    new Update(List.of(), ipv6, List.of(Prefix.parse("10.0.0.0/8"))), FOUR, out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not go with ipv4-unicast");
    assertThat(out.writerIndex()).isZero();
  }

  @Test
  void endOfRibOnTheWire() {
    ByteBuf out = Unpooled.buffer();
    MessageEncoder.encode(new EndOfRib(Family.IPV4_UNICAST), FOUR, out);
    assertThat(Wire.hex(out)).isEqualTo(MARKER + "00170200000000");
    out.clear();
    MessageEncoder.encode(new EndOfRib(Family.IPV6_UNICAST), FOUR, out);
    assertThat(Wire.hex(out)).isEqualTo(MARKER + "001e0200000007900f0003000201");
  }

  @Test
  void shutdownTextIsCutAtACharacterAndMadeHarmless() {
    Octets data = ShutdownCommunication.encode("ä".repeat(200));
    assertThat(data.length()).isEqualTo(255);
    assertThat(ShutdownCommunication.decode(data)).contains("ä".repeat(127));
    assertThat(ShutdownCommunication.decode(ShutdownCommunication.encode("a\nb\u001b[0m")))
        .contains("a b [0m");
    assertThat(ShutdownCommunication.decode(Octets.EMPTY)).isEmpty();
    assertThat(ShutdownCommunication.decode(Octets.of((byte) 9, (byte) 65))).isEmpty();
    assertThat(ShutdownCommunication.decode(Octets.of((byte) 1, (byte) 0xff))).contains("\ufffd");
  }
}
