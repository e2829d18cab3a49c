package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Fuzzer;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Malformed messages over sessions of a running speaker. */
class LiveFuzzTest {
  private static final DecodeContext CONTEXT =
      new DecodeContext(true, false, Set.of(Family.IPV4_UNICAST, Family.IPV6_UNICAST));

  private static final int UPDATES = 30_000;
  private static final int CONNECTIONS = 200;
  private static final int MESSAGES_EACH = 30;

  private static Update good(String prefix) {
    return new Update(List.of(Prefix.parse(prefix)), PathAttributes.EMPTY, List.of());
  }

  @Test
  void aSessionOutlivesEveryFaultOfAttributes() throws IOException {
    try (TestSpeaker speaker = TestSpeaker.start("127.10.30.1", 64512)) {
      speaker.neighbors(speaker.towards("127.10.30.2", 64512).passive(true));
      eventually().until(() -> !speaker.speaker.status().listening().isEmpty());
      try (RawPeer peer = new RawPeer("127.10.30.2", "127.10.30.1")) {
        peer.establish(peer.open(false, false));
        eventually().until(() -> speaker.established("127.10.30.2"));
        final var since = speaker.neighbor("127.10.30.2").since();
        Fuzzer fuzzer = new Fuzzer(1, CONTEXT);
        for (int i = 0; i < UPDATES; i++) {
          peer.send(fuzzer.malformedUpdate());
        }
        peer.send(good("10.1.1.0/24"));
        eventually().until(() -> speaker.neighbor("127.10.30.2").messagesIn() >= UPDATES + 3);
        NeighborStatus status = speaker.neighbor("127.10.30.2");
        assertThat(status.established()).isTrue();
        assertThat(status.flaps()).isZero();
        assertThat(status.since()).isEqualTo(since);
        assertThat(status.malformed()).isGreaterThan(UPDATES / 4);
      }
    }
  }

  @Test
  void whateverComesFromOnePeerTheOthersAreLeftAlone() throws IOException {
    try (TestSpeaker speaker = TestSpeaker.start("127.10.31.1", 64512);
        TestSpeaker other = TestSpeaker.start("127.10.31.3", 64512)) {
      speaker.neighbors(
          speaker.towards("127.10.31.2", 64512).passive(true),
          speaker.towards("127.10.31.3", 64512));
      other.neighbors(other.towards("127.10.31.1", 64512));
      eventually().until(() -> speaker.established("127.10.31.3"));
      Fuzzer fuzzer = new Fuzzer(2, CONTEXT);
      for (int i = 0; i < CONNECTIONS; i++) {
        try (RawPeer peer = new RawPeer("127.10.31.2", "127.10.31.1")) {
          if (i % 2 == 0) {
            peer.send(peer.open(false, false));
          }
          for (int j = 0; j < MESSAGES_EACH; j++) {
            peer.send(fuzzer.anything());
          }
        } catch (IOException e) {
          // the speaker has ended the session, as it should
          assertThat(e).hasMessageMatching("(?i).*(reset|broken|closed|abort).*");
        }
      }
      other.originate("10.3.0.0/24");
      eventually().until(() -> speaker.best.containsKey(Prefix.parse("10.3.0.0/24")));
      assertThat(speaker.neighbor("127.10.31.3").flaps()).isZero();
      assertThat(speaker.neighbor("127.10.31.2").malformed()).isPositive();
    }
  }
}
