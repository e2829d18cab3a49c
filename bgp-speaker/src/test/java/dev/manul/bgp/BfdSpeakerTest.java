package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.bfd.BfdState;
import dev.manul.bgp.bfd.BfdStatus;
import dev.manul.model.Address;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** BFD between speakers on loopback addresses, and what it does to their sessions. */
class BfdSpeakerTest {
  private static final BfdSettings FAST = new BfdSettings(50, 50, 4);

  private static Optional<BfdStatus> bfd(TestSpeaker speaker, String peer) {
    return speaker.speaker.bfd(Address.parse(peer));
  }

  private static boolean watches(TestSpeaker speaker, String peer) {
    return bfd(speaker, peer).filter(s -> s.state() == BfdState.UP).isPresent();
  }

  @Test
  void aWatchedSessionComesUpAndTellsHowItIsWatched() {
    try (TestSpeaker a = TestSpeaker.start("127.10.20.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.20.2", 64512)) {
      a.neighbors(a.towards("127.10.20.2", 64512).bfd(FAST));
      b.neighbors(b.towards("127.10.20.1", 64512).bfd(new BfdSettings(100, 200, 3)));
      eventually().until(() -> watches(a, "127.10.20.2") && watches(b, "127.10.20.1"));
      eventually()
          .untilAsserted(
              () -> {
                BfdStatus status = bfd(a, "127.10.20.2").orElseThrow();
                assertThat(status.transmitMicros()).isEqualTo(200_000);
                assertThat(status.detectionMicros()).isEqualTo(300_000);
                assertThat(status.multihop()).isFalse();
                assertThat(status.problem()).isEmpty();
              });
    }
  }

  @Test
  void takingBfdAwayIsNoFailureAndTheSessionStays() {
    try (TestSpeaker a = TestSpeaker.start("127.10.21.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.21.2", 64512)) {
      a.neighbors(a.towards("127.10.21.2", 64512).bfd(FAST));
      b.neighbors(b.towards("127.10.21.1", 64512).bfd(FAST));
      eventually().until(() -> watches(a, "127.10.21.2") && watches(b, "127.10.21.1"));
      a.neighbors(a.towards("127.10.21.2", 64512));
      eventually()
          .until(
              () ->
                  bfd(b, "127.10.21.1").orElseThrow().remoteState() == BfdState.ADMIN_DOWN
                      && bfd(a, "127.10.21.2").isEmpty());
      a.neighbors(a.towards("127.10.21.2", 64512).bfd(FAST));
      eventually().until(() -> watches(a, "127.10.21.2") && watches(b, "127.10.21.1"));
      assertThat(a.neighbor("127.10.21.2").flaps()).isZero();
      assertThat(b.neighbor("127.10.21.1").flaps()).isZero();
    }
  }

  @Test
  void aSpeakerThatIsClosedKeepsItsRoutesAtItsPeers() {
    try (TestSpeaker a = TestSpeaker.start("127.10.22.1", 64512)) {
      a.neighbors(a.towards("127.10.22.2", 64512).bfd(FAST));
      TestSpeaker b = TestSpeaker.start("127.10.22.2", 64512);
      b.neighbors(b.towards("127.10.22.1", 64512).bfd(FAST)).originate("10.244.0.0/26");
      eventually().until(() -> watches(a, "127.10.22.2") && a.routes().size() == 1);
      a.changes.clear();
      b.close();
      eventually().until(() -> a.neighbor("127.10.22.2").restarting());
      eventually().until(() -> bfd(a, "127.10.22.2").orElseThrow().state() == BfdState.DOWN);
      assertThat(a.routes()).hasSize(1);
      assertThat(a.changes).isEmpty();
      assertThat(a.neighbor("127.10.22.2").lastError()).doesNotContain("BFD");
    }
  }

  /** Only who is on the link can send a packet that still has the TTL it began with. */
  @Test
  void packetsThatHaveCrossedARouterAreNotTaken() throws IOException {
    try (TestSpeaker a = TestSpeaker.start("127.10.23.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.23.2", 64512)) {
      a.neighbors(a.towards("127.10.23.2", 64512).bfd(FAST));
      b.neighbors(b.towards("127.10.23.1", 64512));
      eventually().until(() -> bfd(a, "127.10.23.2").isPresent());
      InetSocketAddress to = new InetSocketAddress("127.10.23.1", 3784);
      // Version 1, Down, multiplier 3, 24 octets, number 7, none of the other end, once a second.
      byte[] down = ByteBuffer.allocate(24).putInt(0x20400318).putInt(7).array();
      try (DatagramSocket far = new DatagramSocket(new InetSocketAddress("127.10.23.2", 0))) {
        for (int i = 0; i < 20; i++) {
          far.send(new DatagramPacket(down, down.length, to)); // with the usual TTL, 64
        }
      }
      Awaitility.await()
          .during(Duration.ofMillis(400))
          .until(() -> bfd(a, "127.10.23.2").orElseThrow().packetsIn() == 0);
      b.neighbors(b.towards("127.10.23.1", 64512).bfd(FAST));
      eventually().until(() -> watches(a, "127.10.23.2"));
    }
  }
}
