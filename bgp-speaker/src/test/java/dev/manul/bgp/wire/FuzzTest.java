package dev.manul.bgp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.DecodeOutcome.Decoded;
import dev.manul.bgp.wire.DecodeOutcome.Reset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Malformed messages by the hundred thousand, or by as many as MANUL_FUZZ_MESSAGES says (see {@code
 * ./dev fuzz}). A failure names the seed of its message.
 */
class FuzzTest {
  private static final long MESSAGES =
      Long.parseLong(System.getenv().getOrDefault("MANUL_FUZZ_MESSAGES", "600000"));

  /** So many messages come from one seed. */
  private static final int BATCH = 1_000;

  private static final Set<Family> BOTH = Wire.BOTH;

  private static final List<DecodeContext> CONTEXTS =
      List.of(
          Wire.EXTERNAL,
          Wire.INTERNAL,
          Wire.EXTERNAL_2,
          new DecodeContext(false, false, Set.of(Family.IPV4_UNICAST)),
          new DecodeContext(true, true, BOTH, BOTH, Set.of(Family.IPV4_UNICAST), true),
          new DecodeContext(true, false, BOTH, Set.of(Family.IPV4_UNICAST), BOTH, false));

  private final ByteBuf out = Unpooled.buffer();

  @Test
  void whateverComesIsReadOrRefusedAndWhatIsReadCanBeWritten() {
    long resets = 0;
    long faults = 0;
    for (long seed = 0; seed < MESSAGES / 2 / BATCH; seed++) {
      DecodeContext made = CONTEXTS.get((int) (seed % 4));
      Fuzzer fuzzer = new Fuzzer(seed, made);
      for (int i = 0; i < BATCH; i++) {
        byte[] message = fuzzer.anything();
        DecodeContext read = CONTEXTS.get(i % CONTEXTS.size());
        try {
          switch (MessageDecoder.decode(Unpooled.wrappedBuffer(message), read)) {
            case Reset reset -> {
              resets++;
              write(reset.notification(), read);
            }
            case Decoded decoded -> {
              faults += decoded.faults().size();
              decoded.messages().forEach(m -> write(m, read));
            }
          }
        } catch (RuntimeException e) {
          throw new AssertionError(
              "seed " + seed + " message " + i + " " + HexFormat.of().formatHex(message), e);
        }
      }
    }
    assertThat(resets).isGreaterThan(MESSAGES / 20);
    assertThat(faults).isGreaterThan(MESSAGES / 20);
  }

  /**
   * A message that is too long for what has been put in is refused in the way that is documented.
   */
  private void write(BgpMessage message, DecodeContext context) {
    out.clear();
    try {
      MessageEncoder.encode(message, new EncodeContext(context.fourOctetAs()), out);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageMatching("(?s).*(octets|next hop|family).*");
      assertThat(out.readableBytes()).isZero();
    }
  }

  @Test
  void faultsOfAttributesNeverEndTheSession() {
    long faulty = 0;
    for (long seed = 0; seed < MESSAGES / 2 / BATCH; seed++) {
      DecodeContext context = CONTEXTS.get((int) (seed % 3));
      Fuzzer fuzzer = new Fuzzer(~seed, context);
      for (int i = 0; i < BATCH; i++) {
        byte[] message = fuzzer.malformedUpdate();
        DecodeOutcome outcome = MessageDecoder.decode(Unpooled.wrappedBuffer(message), context);
        if (outcome instanceof Reset reset) {
          throw new AssertionError(
              "seed ~%d message %d: %s %s"
                  .formatted(seed, i, reset.reason(), HexFormat.of().formatHex(message)));
        }
        faulty += outcome.faulty() ? 1 : 0;
      }
    }
    assertThat(faulty).isGreaterThan(MESSAGES / 8);
  }
}
