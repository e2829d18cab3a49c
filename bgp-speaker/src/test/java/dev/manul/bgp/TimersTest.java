package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.Capability;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Timers that can be configured, and names of hosts. */
class TimersTest {

  @Test
  void keepalivesComeAsOftenAsConfigured() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.16.0.1", 64512, time)) {
      a.neighbors(a.towards("127.16.0.2", 64512).passive(true).keepaliveTime(5));
      eventually().until(() -> !a.speaker.status().listening().isEmpty());
      try (RawPeer peer = new RawPeer("127.16.0.2", "127.16.0.1")) {
        peer.establish(peer.open(new Capability.HostName("rack4", "example")));
        eventually().until(() -> a.established("127.16.0.2"));
        NeighborStatus status = a.neighbor("127.16.0.2");
        assertThat(status.holdTime()).isEqualTo(90);
        assertThat(status.keepaliveTime()).isEqualTo(5);
        assertThat(status.detail().remoteHostName()).contains("rack4.example");
        long sent = status.messagesOut();
        for (int i = 1; i <= 4; i++) {
          time.advance(Duration.ofSeconds(5));
          long expected = sent + i;
          eventually().until(() -> a.neighbor("127.16.0.2").messagesOut() == expected);
        }
        for (int i = 0; i < 4; i++) {
          assertThat(peer.receive()).isInstanceOf(BgpMessage.Keepalive.class);
        }
      }
    }
  }

  @Test
  void aNeighborThatIsNotThereIsTriedAsOftenAsConfigured() {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.16.1.1", 64512, time)) {
      a.neighbors(a.towards("127.16.1.2", 64512).connectRetryTime(1));
      eventually().until(() -> lastError(a).isPresent());
      for (int i = 0; i < 8; i++) {
        Optional<Instant> before = lastError(a);
        time.advance(Duration.ofSeconds(1));
        eventually().until(() -> !lastError(a).equals(before));
      }
      assertThat(a.neighbor("127.16.1.2").lastError()).isEqualTo("connection refused");
    }
  }

  private static Optional<Instant> lastError(TestSpeaker speaker) {
    return speaker.neighbor("127.16.1.2").lastErrorAt();
  }
}
