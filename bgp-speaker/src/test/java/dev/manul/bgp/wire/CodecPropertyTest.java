package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.DecodeOutcome.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for any message and for any bytes. Every case can be had again from its seed. */
class CodecPropertyTest {
  private static final int ROUND_TRIPS = 60_000;
  private static final int MUTATIONS = 160_000;
  private static final int NOISE = 80_000;

  private static final List<DecodeContext> CONTEXTS =
      List.of(
          Wire.EXTERNAL,
          Wire.INTERNAL,
          Wire.EXTERNAL_2,
          new DecodeContext(false, false, Wire.BOTH),
          new DecodeContext(true, false, Wire.BOTH, Set.of(), Set.of(Family.IPV4_UNICAST), false));

  private static EncodeContext encode(DecodeContext context) {
    return new EncodeContext(context.fourOctetAs(), Set.of(), context.extendedNextHop(), false);
  }

  private final ByteBuf buffer = Unpooled.buffer(MessageDecoder.MAX_LENGTH);

  private static DecodeContext context(int seed) {
    return CONTEXTS.get(seed % CONTEXTS.size());
  }

  @Test
  void decodingGivesBackWhatWasEncoded() {
    for (int seed = 0; seed < ROUND_TRIPS; seed++) {
      DecodeContext context = context(seed);
      BgpMessage message = new RandomMessages(new Random(seed), context).message();
      buffer.clear();
      MessageEncoder.encode(message, encode(context), buffer);
      assertThat(MessageDecoder.frameLength(buffer, DecodeContext.BEFORE_OPEN))
          .as("seed %d", seed)
          .isEqualTo(buffer.readableBytes());
      DecodeOutcome outcome = MessageDecoder.decode(buffer, context);
      assertThat(outcome).as("seed %d", seed).isEqualTo(new Decoded(List.of(message), List.of()));
    }
  }

  @Test
  void aMessageOfChangedBytesIsDecodedOrRefusedButNeverThrows() {
    int resets = 0;
    int faults = 0;
    for (int seed = 0; seed < MUTATIONS; seed++) {
      DecodeContext context = context(seed);
      Random random = new Random(seed);
      BgpMessage message = new RandomMessages(random, context).message();
      buffer.clear();
      MessageEncoder.encode(message, encode(context), buffer);
      mutate(random);
      DecodeOutcome outcome = decode(seed, context(random.nextInt(CONTEXTS.size())));
      switch (outcome) {
        case Reset reset -> {
          resets++;
          checkSendable(reset);
        }
        case Decoded decoded -> faults += decoded.faults().isEmpty() ? 0 : 1;
      }
    }
    assertThat(resets).isGreaterThan(MUTATIONS / 20);
    assertThat(faults).isGreaterThan(MUTATIONS / 20);
  }

  /** Changes octets behind the header, and half the time the length of the message. */
  private void mutate(Random random) {
    int length = buffer.readableBytes();
    for (int i = random.nextInt(4); i >= 0 && length > 19; i--) {
      // Most structure is near the beginning.
      int at = 19 + random.nextInt(Math.min(length - 19, random.nextBoolean() ? 60 : 4096));
      buffer.setByte(at, random.nextBoolean() ? random.nextInt(256) : buffer.getByte(at) ^ 1 << i);
    }
    if (random.nextBoolean()) {
      int shorter = 19 + random.nextInt(length - 18);
      buffer.writerIndex(shorter).setShort(16, shorter);
    }
  }

  @Test
  void noiseIsDecodedOrRefusedButNeverThrows() {
    for (int seed = 0; seed < NOISE; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[random.nextInt(random.nextInt(10) == 0 ? 4200 : 120)];
      random.nextBytes(noise);
      buffer.clear();
      if (random.nextInt(8) != 0) { // else the marker is wrong as a rule
        buffer.writeLong(-1).writeLong(-1).writeShort(19 + Math.min(4077, noise.length));
        buffer.writeByte(random.nextInt(7));
      }
      buffer.writeBytes(noise);
      DecodeOutcome outcome = decode(seed, context(seed));
      if (outcome instanceof Reset reset) {
        checkSendable(reset);
      }
    }
  }

  /** A NOTIFICATION made of an error must itself be a good message. */
  private void checkSendable(Reset reset) {
    buffer.clear();
    MessageEncoder.encode(reset.notification(), new EncodeContext(true), buffer);
    assertThat(MessageDecoder.decode(buffer, Wire.EXTERNAL))
        .isEqualTo(new Decoded(List.of(reset.notification()), List.of()));
    assertThat(reset.reason()).isNotEmpty();
  }

  private DecodeOutcome decode(int seed, DecodeContext context) {
    try {
      int frame = MessageDecoder.frameLength(buffer, DecodeContext.BEFORE_OPEN);
      assertThat(frame).isBetween(-1, MessageDecoder.MAX_LENGTH);
      return MessageDecoder.decode(buffer, context);
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed, e);
    }
  }
}
