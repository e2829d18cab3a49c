package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.ShutdownCommunication;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How sessions end, who is told what, and what becomes of the routes. */
class SessionEndTest {
  private static final String PREFIX = "10.244.0.64/26";

  private static NeighborConfiguration.Builder passive(TestSpeaker speaker, String peer) {
    return speaker.towards(peer, 64512).passive(true).families(Set.of(Family.IPV4_UNICAST));
  }

  private static TestSpeaker listening(
      String address, TimeSource time, String peer, NeighborConfiguration.Builder... builders) {
    TestSpeaker speaker = TestSpeaker.start(address, 64512, time);
    speaker.neighbors(
        builders.length == 0
            ? new NeighborConfiguration.Builder[] {passive(speaker, peer)}
            : builders);
    eventually().until(() -> !speaker.speaker.status().listening().isEmpty());
    return speaker;
  }

  private static Capability graceful(boolean notification) {
    return new Capability.GracefulRestart(
        false, notification, 60, List.of(new Capability.GracefulFamily(Family.IPV4_UNICAST, true)));
  }

  private static void announce(RawPeer peer, String nextHop, String... prefixes)
      throws IOException {
    PathAttributes attributes =
        PathAttributes.builder()
            .nextHop(Optional.of(Address.parse(nextHop)))
            .localPreference(OptionalLong.of(100))
            .build();
    for (String prefix : prefixes) {
      peer.send(new Update(List.of(), attributes, List.of(Prefix.parse(prefix))));
    }
  }

  @Test
  void aNotificationKeepsRoutesWhereBothKnowThatAndAHardResetDoesNot() throws IOException {
    try (TestSpeaker a = listening("127.13.0.1", new ManualTime(), "127.13.0.2")) {
      for (boolean hard : new boolean[] {false, true}) {
        try (RawPeer peer = new RawPeer("127.13.0.2", "127.13.0.1")) {
          peer.establish(peer.open(graceful(true)));
          announce(peer, "127.13.0.2", PREFIX);
          peer.send(new EndOfRib(Family.IPV4_UNICAST));
          eventually().until(() -> a.routes().size() == 1);
          assertThat(a.neighbor("127.13.0.2").detail().features().notificationRestart()).isTrue();
          peer.send(
              hard
                  ? new Notification(6, 9, Octets.of((byte) 6, (byte) 4))
                  : new Notification(6, 4, ShutdownCommunication.encode("back soon")));
          eventually().until(() -> !a.established("127.13.0.2"));
          assertThat(a.neighbor("127.13.0.2").restarting()).isEqualTo(!hard);
          assertThat(a.neighbor("127.13.0.2").lastError())
              .isEqualTo(
                  hard
                      ? "received Cease: hard reset (Cease: administrative reset)"
                      : "received Cease: administrative reset (\"back soon\")");
        }
      }
      eventually().until(() -> a.routes().isEmpty());
      assertThat(a.neighbor("127.13.0.2").detail().lastShutdown()).contains("back soon");
    }
  }

  @Test
  void shutdownByConfigurationTellsTheNeighborAndKeepsTheSessionDown() throws IOException {
    ManualTime time = new ManualTime();
    String text = "wartung ⏲ bis 5";
    try (TestSpeaker a = listening("127.13.1.1", time, "127.13.1.2")) {
      try (RawPeer peer = new RawPeer("127.13.1.2", "127.13.1.1")) {
        peer.establish(peer.open(graceful(true)));
        announce(peer, "127.13.1.2", PREFIX);
        eventually().until(() -> a.routes().size() == 1);
        a.neighbors(passive(a, "127.13.1.2").shutdown(text));
        List<BgpMessage> heard = peer.receiveAll();
        Notification last = (Notification) heard.getLast();
        assertThat(last.code()).isEqualTo(6);
        assertThat(last.subcode())
            .as("a hard reset, since the peer would keep routes")
            .isEqualTo(9);
        assertThat(last.data().toString()).isEqualTo("0602" + ShutdownCommunication.encode(text));
      }
      eventually().until(() -> a.routes().isEmpty());
      assertThat(a.neighbor("127.13.1.2").lastError()).isEqualTo("administratively down");
      assertThat(a.neighbor("127.13.1.2").detail().shutdown()).contains(text);

      try (RawPeer peer = new RawPeer("127.13.1.2", "127.13.1.1")) {
        assertThat(peer.receiveAll())
            .containsExactly(new Notification(6, 2, ShutdownCommunication.encode(text)));
      }
      time.advance(Duration.ofHours(1));
      assertThat(a.neighbor("127.13.1.2").state().toString()).isEqualTo("Idle");

      a.neighbors(passive(a, "127.13.1.2"));
      eventually().until(() -> a.neighbor("127.13.1.2").state().toString().equals("Active"));
      try (RawPeer peer = new RawPeer("127.13.1.2", "127.13.1.1")) {
        peer.establish(peer.open());
        eventually().until(() -> a.established("127.13.1.2"));
      }
    }
  }

  @Test
  void theTextOfAShutdownArrivesAtTheOtherSpeaker() {
    try (TestSpeaker a = TestSpeaker.start("127.13.2.1", 64512)) {
      TestSpeaker b = TestSpeaker.start("127.13.2.2", 64512);
      a.neighbors(a.towards("127.13.2.2", 64512)).originate("10.244.0.0/26");
      b.neighbors(b.towards("127.13.2.1", 64512)).originate(PREFIX);
      eventually().until(() -> a.routes().size() == 1 && b.routes().size() == 1);

      // A reset that is not hard keeps the routes on both sides.
      a.changes.clear();
      b.changes.clear();
      a.speaker.reset(b.address, false, "new certificates");
      eventually()
          .until(
              () ->
                  b.neighbor("127.13.2.1").flaps() == 1
                      && a.neighbor("127.13.2.2").endOfRib()
                      && b.neighbor("127.13.2.1").endOfRib());
      assertThat(b.neighbor("127.13.2.1").detail().lastShutdown()).contains("new certificates");
      assertThat(a.changes).isEmpty();
      assertThat(b.changes).isEmpty();

      // A hard one does not.
      a.speaker.reset(b.address, true, "");
      eventually().until(() -> b.neighbor("127.13.2.1").flaps() == 2);
      eventually().until(() -> b.changes.size() == 2 && a.changes.size() == 2);

      b.speaker.closeWithCease("node is drained");
      eventually()
          .untilAsserted(
              () -> {
                assertThat(a.routes()).isEmpty();
                assertThat(a.neighbor("127.13.2.2").detail().lastShutdown())
                    .contains("node is drained");
              });
    }
  }

  @Test
  void tooManyPrefixesEndTheSessionUntilTheRestartTimeIsOver() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.13.3.1", 64512, time)) {
      PrefixLimit limit = new PrefixLimit(2, OptionalInt.of(15));
      a.neighbors(passive(a, "127.13.3.2").prefixLimit(limit));
      eventually().until(() -> !a.speaker.status().listening().isEmpty());
      try (RawPeer peer = new RawPeer("127.13.3.2", "127.13.3.1")) {
        peer.establish(peer.open(graceful(true)));
        announce(peer, "127.13.3.2", PREFIX, "10.244.0.128/26");
        eventually().until(() -> a.routes().size() == 2);
        announce(peer, "127.13.3.2", "10.244.0.192/26");
        Notification last = (Notification) peer.receiveAll().getLast();
        assertThat(last).isEqualTo(new Notification(6, 9, Octets.of((byte) 6, (byte) 1)));
      }
      eventually().until(() -> a.routes().isEmpty());
      NeighborStatus status = a.neighbor("127.13.3.2");
      assertThat(status.lastError()).isEqualTo("more than 2 prefixes announced");
      assertThat(status.detail().idleUntil()).contains(time.now().plus(Duration.ofMinutes(15)));

      time.advance(Duration.ofMinutes(14));
      try (RawPeer peer = new RawPeer("127.13.3.2", "127.13.3.1")) {
        assertThat(peer.receiveAll()).containsExactly(new Notification(6, 1, Octets.EMPTY));
      }
      time.advance(Duration.ofMinutes(2));
      try (RawPeer peer = new RawPeer("127.13.3.2", "127.13.3.1")) {
        peer.establish(peer.open());
        eventually().until(() -> a.established("127.13.3.2"));
        announce(peer, "127.13.3.2", PREFIX, "10.244.0.128/26");
        eventually().until(() -> a.routes().size() == 2);
        // A lower limit counts at once; without a time, only a change ends it.
        a.neighbors(passive(a, "127.13.3.2").prefixLimit(new PrefixLimit(1, OptionalInt.empty())));
        assertThat(peer.receiveAll().getLast()).isInstanceOf(Notification.class);
      }
      time.advance(Duration.ofDays(1));
      assertThat(a.neighbor("127.13.3.2").detail().idleUntil()).isEmpty();
      assertThat(a.neighbor("127.13.3.2").state().toString()).isEqualTo("Idle");
      a.neighbors(passive(a, "127.13.3.2"));
      eventually().until(() -> a.neighbor("127.13.3.2").state().toString().equals("Active"));
      try (RawPeer peer = new RawPeer("127.13.3.2", "127.13.3.1")) {
        peer.establish(peer.open());
        eventually().until(() -> a.established("127.13.3.2"));
      }
    }
  }

  @Test
  void aFlappingNeighborIsTurnedAwayForAWhileIfThatIsWanted() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.13.4.1", 64512, time)) {
      a.neighbors(passive(a, "127.13.4.2").idleHoldTime(30));
      eventually().until(() -> !a.speaker.status().listening().isEmpty());
      for (int i = 1; i <= 4; i++) {
        try (RawPeer peer = new RawPeer("127.13.4.2", "127.13.4.1")) {
          peer.establish(peer.open());
          eventually().until(() -> a.established("127.13.4.2"));
        }
        int flaps = i;
        eventually().until(() -> a.neighbor("127.13.4.2").flaps() == flaps);
      }
      assertThat(a.neighbor("127.13.4.2").detail().idleUntil()).contains(time.now().plusSeconds(2));
      try (RawPeer peer = new RawPeer("127.13.4.2", "127.13.4.1")) {
        assertThat(peer.receiveAll()).containsExactly(new Notification(6, 5, Octets.EMPTY));
      }
      time.advance(Duration.ofSeconds(3));
      try (RawPeer peer = new RawPeer("127.13.4.2", "127.13.4.1")) {
        peer.establish(peer.open());
        eventually().until(() -> a.established("127.13.4.2"));
      }
    }
  }

  @Test
  void faultsAreCountedByKindAndTheLastMessageIsKept() throws IOException {
    try (TestSpeaker a = listening("127.13.6.1", new ManualTime(), "127.13.6.2");
        RawPeer peer = new RawPeer("127.13.6.2", "127.13.6.1")) {
      peer.establish(peer.open());
      // ORIGIN 7 twice: its prefix is treated as withdrawn.
      byte[] update = update("40010107" + "400200" + "4003047f0d0602" + "40050400000064");
      peer.send(update);
      peer.send(update);
      // A second MED: the first one counts.
      byte[] repeated =
          update(
              "40010100"
                  + "400200"
                  + "4003047f0d0602"
                  + "80040400000001"
                  + "80040400000002"
                  + "40050400000064");
      peer.send(repeated);
      eventually().until(() -> a.routes().size() == 1);
      NeighborStatus status = a.neighbor("127.13.6.2");
      assertThat(status.malformed()).isEqualTo(3);
      assertThat(status.detail().faults())
          .containsExactly(
              new NeighborDetail.FaultCount(NeighborDetail.FaultKind.ATTRIBUTE_DISCARDED, 4, 1),
              new NeighborDetail.FaultCount(NeighborDetail.FaultKind.TREATED_AS_WITHDRAWN, 1, 2));
      NeighborDetail.MalformedMessage last = status.detail().lastMalformed().orElseThrow();
      assertThat(last.kind()).isEqualTo(NeighborDetail.FaultKind.ATTRIBUTE_DISCARDED);
      assertThat(last.message()).isEqualTo(Octets.of(repeated));
      assertThat(last.reason()).contains("twice");
      assertThat(a.established("127.13.6.2")).isTrue();

      // A header of an unknown type ends the session.
      byte[] nonsense = update.clone();
      nonsense[18] = 99;
      peer.send(nonsense);
      eventually().until(() -> !a.established("127.13.6.2"));
      NeighborDetail detail = a.neighbor("127.13.6.2").detail();
      assertThat(detail.faults())
          .contains(new NeighborDetail.FaultCount(NeighborDetail.FaultKind.HEADER, 0, 1));
      assertThat(detail.lastMalformed().orElseThrow().message().toString())
          .startsWith("f".repeat(32));
    }
  }

  private static byte[] update(String attributes) {
    String prefix = "1a0af40040"; // 10.244.0.64/26
    int octets = attributes.length() / 2;
    String body = "0000%04x%s%s".formatted(octets, attributes, prefix);
    String whole = "f".repeat(32) + "%04x02".formatted(19 + body.length() / 2) + body;
    return HexFormat.of().parseHex(whole);
  }

  /** What somebody hears who connects; nothing when he is turned away. */
  private static List<BgpMessage> hears(String from, String to) throws IOException {
    try (RawPeer other = new RawPeer(from, to)) {
      return other.receiveAll();
    } catch (SocketException e) {
      return List.of();
    }
  }

  @Test
  void aWorkloadIsWaitedForAndAcceptedFromItsAddressAlone() throws IOException {
    try (TestSpeaker a = TestSpeaker.start("127.13.7.1", 64512)) {
      a.neighbors(a.towards("127.13.7.2", 64512).localWorkload(true));
      eventually().until(() -> !a.speaker.status().listening().isEmpty());
      assertThat(a.neighbor("127.13.7.2").state().toString()).isEqualTo("Active");
      assertThat(hears("127.13.7.3", "127.13.7.1")).isEmpty();
      eventually()
          .untilAsserted(
              () ->
                  assertThat(a.speaker.status().strangers())
                      .singleElement()
                      .matches(s -> s.address().equals(Address.parse("127.13.7.3"))));
      try (RawPeer workload = new RawPeer("127.13.7.2", "127.13.7.1")) {
        workload.establish(workload.open());
        eventually().until(() -> a.established("127.13.7.2"));
        a.neighbors();
        assertThat(workload.receiveAll().getLast()).isEqualTo(new Notification(6, 3, Octets.EMPTY));
      }
    }
  }
}
