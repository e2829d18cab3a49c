package dev.manul.bgp.bfd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BfdPacketTest {
  private static final List<BfdState> STATES = List.of(BfdState.values());
  private static final String UP =
      "20c80318" + "00000007" + "00000009" + "000186a0" + "000493e0" + "00000000";

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
  }

  @Test
  void readsWhatSection41Draws() {
    assertThat(BfdPacket.decode(bytes("23f80318" + UP.substring(8))))
        .contains(
            new BfdPacket(
                BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN,
                BfdState.UP,
                true,
                true,
                false,
                3,
                7,
                9,
                100_000,
                300_000));
  }

  @ParameterizedTest
  @CsvSource({
    "'', too short",
    "20c8031800000007000000090001 86a0, too short",
    "40c80318, version 2",
    "20c80317, a length below 24",
    "20c80319, a length beyond the datagram",
    "20c80018, multiplier 0",
    "20cc0318, authentication that no session uses",
    "20c90318, multipoint",
  })
  void discardsWhatSection686Says(String head, String why) {
    String hex = head.replace(" ", "");
    String packet = hex.length() == 8 ? hex + UP.substring(8) : hex;
    assertThat(BfdPacket.decode(bytes(packet))).as(why).isEmpty();
  }

  @Test
  void discardsNumbersThatAreMissing() {
    String noNumber = UP.substring(0, 8) + "00000000" + UP.substring(16);
    assertThat(BfdPacket.decode(bytes(noNumber))).isEmpty();
    String upWithoutOurs = UP.substring(0, 16) + "00000000" + UP.substring(24);
    assertThat(BfdPacket.decode(bytes(upWithoutOurs))).isEmpty();
    String downWithoutOurs = "2040" + upWithoutOurs.substring(4);
    assertThat(BfdPacket.decode(bytes(downWithoutOurs))).isPresent();
  }

  @Test
  void writesWhatItReads() {
    Random random = new Random(5880);
    for (int i = 0; i < 20_000; i++) {
      BfdPacket packet =
          new BfdPacket(
              BfdDiagnostic.of(random.nextInt(9)),
              STATES.get(random.nextInt(4)),
              random.nextBoolean(),
              random.nextBoolean(),
              random.nextBoolean(),
              1 + random.nextInt(255),
              random.nextInt() | 1,
              random.nextInt() | 1,
              random.nextInt() & 0xffffffffL,
              random.nextInt() & 0xffffffffL);
      ByteBuf out = Unpooled.buffer();
      packet.encode(out);
      assertThat(out.readableBytes()).isEqualTo(BfdPacket.LENGTH);
      assertThat(BfdPacket.decode(out)).contains(packet);
    }
  }

  @Test
  void anyBytesAreReadOrDiscarded() {
    Random random = new Random(5881);
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      if (noise.length > 3 && random.nextBoolean()) {
        noise[0] = 0x20;
        noise[3] = 24;
      }
      read += BfdPacket.decode(Unpooled.wrappedBuffer(noise)).isPresent() ? 1 : 0;
    }
    assertThat(read).isPositive();
  }
}
