package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Octets;
import dev.manul.model.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who does not get a session learns why, and so do we; the others notice nothing. */
class RefusalTest {

  private static TestSpeaker waiting(String address, String peer) {
    TestSpeaker a = TestSpeaker.start(address, 64512, new ManualTime());
    a.neighbors(a.towards(peer, 64512).passive(true));
    eventually().until(() -> !a.speaker.status().listening().isEmpty());
    return a;
  }

  @Test
  void anUnsupportedVersionIsNamed() throws IOException {
    try (TestSpeaker a = waiting("127.15.0.1", "127.15.0.2");
        RawPeer peer = new RawPeer("127.15.0.2", "127.15.0.1")) {
      // Version 5, AS 64512, 90 s, 127.15.0.2, no parameters.
      peer.send(HexFormat.of().parseHex("f".repeat(32) + "001d0105fc00005a7f0f000200"));
      assertThat(peer.receiveAll().getLast())
          .isEqualTo(new Notification(2, 1, Octets.of((byte) 0, (byte) 4)));
      assertThat(a.neighbor("127.15.0.2").lastError())
          .isEqualTo("peer speaks BGP version 5, not 4");
    }
  }

  @Test
  void whoRefusesCapabilitiesIsOfferedNone() throws IOException {
    try (TestSpeaker a = waiting("127.15.7.1", "127.15.7.2")) {
      try (RawPeer peer = new RawPeer("127.15.7.2", "127.15.7.1")) {
        assertThat(((Open) peer.receive()).capabilities()).isNotEmpty();
        peer.send(new Notification(2, 4, Octets.EMPTY));
        assertThat(peer.receiveAll()).isEmpty();
      }
      eventually()
          .untilAsserted(
              () ->
                  assertThat(a.neighbor("127.15.7.2").lastError())
                      .isEqualTo("received OPEN error: unsupported optional parameter"));
      try (RawPeer peer = new RawPeer("127.15.7.2", "127.15.7.1")) {
        Open mine = peer.open();
        peer.send(new Open(4, 64512, 90, mine.routerId(), List.of()));
        assertThat(((Open) peer.receive()).capabilities()).isEmpty();
        peer.send(new Keepalive());
        eventually().until(() -> a.established("127.15.7.2"));
        assertThat(a.neighbor("127.15.7.2").families()).containsExactly(Family.IPV4_UNICAST);
        assertThat(a.neighbor("127.15.7.2").detail().features().fourOctetAs()).isFalse();
      }
    }
  }

  @Test
  void theSameRouterIdIsNamed() throws IOException {
    try (TestSpeaker a = waiting("127.15.1.1", "127.15.1.2");
        RawPeer peer = new RawPeer("127.15.1.2", "127.15.1.1")) {
      Open mine = peer.open();
      peer.send(new Open(4, mine.asNumber(), mine.holdTime(), a.address, mine.capabilities()));
      assertThat(peer.receiveAll().getLast()).isEqualTo(new Notification(2, 3, Octets.EMPTY));
      assertThat(a.neighbor("127.15.1.2").lastError())
          .isEqualTo("peer's BGP identifier 127.15.1.1 is also ours");
    }
  }

  @Test
  void aThousandConnectionsOfAStrangerCostASessionNothing() throws IOException {
    try (TestSpeaker a = TestSpeaker.start("127.15.2.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.15.2.2", 64512)) {
      a.neighbors(a.towards("127.15.2.2", 64512)).originate();
      b.neighbors(b.towards("127.15.2.1", 64512)).originate("10.244.0.0/26");
      eventually().until(() -> a.routes().size() == 1);
      Instant since = a.neighbor("127.15.2.2").since();
      long messages = a.neighbor("127.15.2.2").messagesIn();
      try (LogLines lines = new LogLines()) {
        for (int i = 0; i < 1000; i++) {
          knock("127.15.2.9", "127.15.2.1");
        }
        eventually().until(() -> refusals(a) == 1000);
        assertThat(lines.about("127.15.2.9"))
            .containsExactly("connection refused peer=127.15.2.9 reason=\"no such neighbor\"");
      }
      eventually()
          .untilAsserted(
              () ->
                  assertThat(a.speaker.status().strangers())
                      .singleElement()
                      .matches(
                          s ->
                              s.refused() == 1000
                                  && s.address().equals(Address.parse("127.15.2.9"))));
      b.originate("10.244.0.64/26");
      eventually().until(() -> a.routes().containsKey("10.244.0.64/26"));
      assertThat(a.neighbor("127.15.2.2").since()).isEqualTo(since);
      assertThat(a.neighbor("127.15.2.2").flaps()).isZero();
      assertThat(a.neighbor("127.15.2.2").messagesIn()).isBetween(messages + 1, messages + 20);
      assertThat(a.speaker.status().neighbors()).hasSize(1);
    }
  }

  private static long refusals(TestSpeaker speaker) {
    return speaker.speaker.status().strangers().stream().mapToLong(s -> s.refused()).sum();
  }

  @Test
  void aReasonThatComesAgainIsLoggedOnce() throws IOException {
    try (TestSpeaker a = waiting("127.15.6.1", "127.15.6.2");
        LogLines lines = new LogLines()) {
      for (int i = 0; i < 5; i++) {
        try (RawPeer peer = new RawPeer("127.15.6.2", "127.15.6.1")) {
          Open mine = peer.open();
          peer.send(
              new Open(
                  4,
                  64999,
                  mine.holdTime(),
                  mine.routerId(),
                  List.of(new Capability.FourOctetAs(64999))));
          assertThat(peer.receiveAll().getLast()).isEqualTo(new Notification(2, 2, Octets.EMPTY));
        }
      }
      assertThat(a.neighbor("127.15.6.2").lastError()).isEqualTo("peer AS 64999 is not 64512");
      assertThat(lines.about("127.15.6.2"))
          .containsExactly(
              "session does not come up peer=127.15.6.2 reason=\"peer AS 64999 is not 64512\"");
    }
  }

  /** Connects, says something, and does not wait for an answer. */
  private static void knock(String from, String to) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoLinger(true, 0);
      socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      socket.connect(new InetSocketAddress(InetAddress.getByName(to), TestSpeaker.PORT), 5000);
      socket.getOutputStream().write(new byte[29]);
    } catch (SocketException e) {
      assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe).*");
    }
  }

  @Test
  void aPasswordThatDiffersIsNamedAtBothEnds() {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.15.3.1", 64512, time);
        TestSpeaker b = TestSpeaker.start("127.15.3.2", 64512, time)) {
      a.neighbors(a.towards("127.15.3.2", 64512).password("secret"));
      b.neighbors(b.towards("127.15.3.1", 64512).password("secrets"));
      advanceUntilNamed(time, a, "127.15.3.2", "signed with another password");
      advanceUntilNamed(time, b, "127.15.3.1", "signed with another password");
      b.neighbors(b.towards("127.15.3.1", 64512).password("secret"));
      eventually()
          .until(
              () -> {
                time.advance(Duration.ofSeconds(1));
                return a.established("127.15.3.2") && b.established("127.15.3.1");
              });
    }
  }

  @Test
  void aPasswordAtOneEndAloneIsNamedAtBothEnds() {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.15.4.1", 64512, time);
        TestSpeaker b = TestSpeaker.start("127.15.4.2", 64512, time)) {
      a.neighbors(a.towards("127.15.4.2", 64512).password("secret"));
      b.neighbors(b.towards("127.15.4.1", 64512));
      advanceUntilNamed(time, a, "127.15.4.2", "signed with no password");
      advanceUntilNamed(time, b, "127.15.4.1", "none is configured here");
    }
  }

  private static void advanceUntilNamed(
      ManualTime time, TestSpeaker speaker, String peer, String words) {
    eventually()
        .untilAsserted(
            () -> {
              time.advance(Duration.ofSeconds(1));
              assertThat(speaker.neighbor(peer).lastError())
                  .contains("wrong password")
                  .contains(words);
            });
  }

  @Test
  void aPasswordChangesWithoutAWordToTheOthers() {
    try (TestSpeaker a = TestSpeaker.start("127.15.5.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.15.5.2", 64512);
        TestSpeaker c = TestSpeaker.start("127.15.5.3", 64512)) {
      // Both dial; the end in the middle only listens.
      a.neighbors(
          a.towards("127.15.5.2", 64512).password("one").passive(true),
          a.towards("127.15.5.3", 64512).password("two").passive(true));
      b.neighbors(b.towards("127.15.5.1", 64512).password("one")).originate("10.244.2.0/26");
      c.neighbors(c.towards("127.15.5.1", 64512).password("two")).originate("10.244.3.0/26");
      eventually().until(() -> a.routes().size() == 2);
      Instant since = a.neighbor("127.15.5.3").since();

      a.neighbors(
          a.towards("127.15.5.2", 64512).password("three").passive(true),
          a.towards("127.15.5.3", 64512).password("two").passive(true));
      b.neighbors(b.towards("127.15.5.1", 64512).password("three"));
      eventually().until(() -> a.neighbor("127.15.5.2").flaps() == 1);
      eventually().until(() -> a.established("127.15.5.2") && a.neighbor("127.15.5.2").endOfRib());
      c.originate("10.244.3.64/26");
      eventually().until(() -> a.routes().containsKey("10.244.3.64/26"));
      assertThat(a.neighbor("127.15.5.3").since()).isEqualTo(since);
      assertThat(a.neighbor("127.15.5.3").flaps()).isZero();
      assertThat(c.neighbor("127.15.5.1").flaps()).isZero();

      // A password that is taken away, and a neighbour that is.
      a.neighbors(a.towards("127.15.5.3", 64512).passive(true));
      c.neighbors(c.towards("127.15.5.1", 64512));
      eventually().until(() -> a.neighbor("127.15.5.3").flaps() == 1);
      eventually().until(() -> a.established("127.15.5.3"));
    }
  }
}
