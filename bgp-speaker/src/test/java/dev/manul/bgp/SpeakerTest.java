package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.Octets;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Speakers on loopback addresses. */
class SpeakerTest {

  @Test
  void twoSpeakersExchangeRoutesAndWithdrawThem() {
    try (TestSpeaker a = TestSpeaker.start("127.10.0.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.0.2", 64512)) {
      a.neighbors(a.towards("127.10.0.2", 64512)).originate("10.244.0.0/26");
      b.neighbors(b.towards("127.10.0.1", 64512)).originate("10.244.0.64/26");
      eventually()
          .untilAsserted(
              () -> {
                assertThat(a.routes()).isEqualTo(Map.of("10.244.0.64/26", "127.10.0.2"));
                assertThat(b.routes()).isEqualTo(Map.of("10.244.0.0/26", "127.10.0.1"));
                assertThat(a.convergences).isEqualTo(1);
              });
      b.originate();
      eventually().untilAsserted(() -> assertThat(a.routes()).isEmpty());
    }
  }

  private static List<TestSpeaker> mesh(int size) {
    List<TestSpeaker> mesh = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      mesh.add(TestSpeaker.start("127.10.8." + i, 64512));
    }
    for (int i = 0; i < size; i++) {
      TestSpeaker speaker = mesh.get(i);
      List<NeighborConfiguration> others = new ArrayList<>();
      for (TestSpeaker other : mesh) {
        if (other != speaker) {
          others.add(speaker.towards(other.address.text(), 64512).build());
        }
      }
      speaker.neighbors(others).originate("10.244." + i + ".0/26");
    }
    return mesh;
  }

  @Test
  void aFullMeshOfEightConverges() {
    List<TestSpeaker> mesh = mesh(8);
    try {
      eventually()
          .untilAsserted(
              () -> {
                for (TestSpeaker speaker : mesh) {
                  assertThat(speaker.routes()).hasSize(7);
                  assertThat(speaker.convergences).isEqualTo(1);
                }
              });
      for (TestSpeaker speaker : mesh) {
        assertThat(speaker.routes())
            .allSatisfy((prefix, hop) -> assertThat(hop).startsWith("127.10.8."));
        assertThat(speaker.speaker.status().neighbors())
            .as("collisions end before a session is up")
            .allMatch(neighbor -> neighbor.flaps() == 0);
      }
      mesh.getFirst().originate();
      eventually().untilAsserted(() -> assertThat(mesh.get(5).routes()).hasSize(6));
    } finally {
      mesh.forEach(TestSpeaker::close);
    }
  }

  @Test
  void twoEndsThatDialAtOnceComeUpAtTheFirstAttempt() {
    for (int round = 0; round < 25; round++) {
      String first = "127.10.10." + (1 + 2 * round);
      String second = "127.10.10." + (2 + 2 * round);
      try (TestSpeaker a = TestSpeaker.start(first, 64512);
          TestSpeaker b = TestSpeaker.start(second, 64512)) {
        // Nobody dials before both listen, so that both dial at the same moment.
        a.neighbors(List.of());
        b.neighbors(List.of());
        eventually()
            .until(
                () ->
                    a.speaker.status().listening().size() == 1
                        && b.speaker.status().listening().size() == 1);
        a.neighbors(a.towards(second, 64512));
        b.neighbors(b.towards(first, 64512));
        eventually().until(() -> a.established(second) && b.established(first));
        eventually().until(() -> a.neighbor(second).endOfRib() && b.neighbor(first).endOfRib());
        assertThat(a.neighbor(second).flaps()).isZero();
        assertThat(b.neighbor(first).flaps()).isZero();
      }
    }
  }

  @Test
  void anUnchangedSessionIsNotReset() {
    try (TestSpeaker a = TestSpeaker.start("127.10.1.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.1.2", 64512);
        TestSpeaker c = TestSpeaker.start("127.10.1.3", 64512)) {
      b.neighbors(b.towards("127.10.1.1", 64512));
      c.neighbors(c.towards("127.10.1.1", 64512)).originate("10.244.3.0/26");
      a.neighbors(a.towards("127.10.1.2", 64512));
      eventually().until(() -> a.established("127.10.1.2"));
      var since = a.neighbor("127.10.1.2").since();

      a.neighbors(
          a.towards("127.10.1.2", 64512).description("still the same"),
          a.towards("127.10.1.3", 64512));
      eventually().until(() -> a.routes().containsKey("10.244.3.0/26"));
      a.originate("10.244.1.0/26", "10.244.1.64/26");
      eventually().until(() -> b.routes().size() == 2);
      a.originate("10.244.1.64/26", "10.244.1.128/26");
      eventually()
          .until(() -> b.routes().keySet().equals(Set.of("10.244.1.64/26", "10.244.1.128/26")));
      a.neighbors(a.towards("127.10.1.2", 64512));
      eventually().until(() -> a.routes().isEmpty());

      assertThat(a.neighbor("127.10.1.2").since()).isEqualTo(since);
      assertThat(a.neighbor("127.10.1.2").flaps()).isZero();
      eventually()
          .untilAsserted(
              () ->
                  assertThat(c.neighbor("127.10.1.1").lastError())
                      .isIn(
                          "received Cease: peer de-configured",
                          "connection closed by the neighbor",
                          "connection reset by peer"));
    }
  }

  @Test
  void aChangedHoldTimeResetsTheSessionWithoutLosingRoutes() {
    try (TestSpeaker a = TestSpeaker.start("127.10.2.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.2.2", 64512)) {
      a.neighbors(a.towards("127.10.2.2", 64512)).originate("10.244.0.0/26");
      b.neighbors(b.towards("127.10.2.1", 64512)).originate("10.244.0.64/26");
      eventually().until(() -> a.routes().size() == 1 && b.routes().size() == 1);
      eventually().until(() -> a.convergences == 1 && b.convergences == 1);
      a.changes.clear();
      b.changes.clear();
      a.neighbors(a.towards("127.10.2.2", 64512).holdTime(30));
      eventually()
          .until(
              () ->
                  a.neighbor("127.10.2.2").holdTime() == 30
                      && b.neighbor("127.10.2.1").endOfRib()
                      && a.neighbor("127.10.2.2").endOfRib());
      assertThat(a.changes).isEmpty();
      assertThat(b.changes).isEmpty();
    }
  }

  @Test
  void aSilentNeighborIsGivenUpWhenTheHoldTimeIsOver() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = TestSpeaker.start("127.10.3.1", 64512, time)) {
      a.neighbors(a.towards("127.10.3.2", 64512).passive(true));
      eventually().until(() -> !a.speaker.status().listening().isEmpty());
      try (RawPeer peer = new RawPeer("127.10.3.2", "127.10.3.1")) {
        peer.establish(peer.open(false, false));
        eventually().until(() -> a.established("127.10.3.2"));
        assertThat(a.neighbor("127.10.3.2").keepaliveTime()).isEqualTo(30);
        for (int i = 0; i < 3; i++) {
          time.advance(Duration.ofSeconds(29));
          assertThat(a.established("127.10.3.2")).isTrue();
        }
        time.advance(Duration.ofSeconds(4));
        eventually().until(() -> !a.established("127.10.3.2"));
        assertThat(a.neighbor("127.10.3.2").lastError()).isEqualTo("hold timer expired");
        List<BgpMessage> heard = peer.receiveAll();
        assertThat(heard).filteredOn(m -> m instanceof BgpMessage.Keepalive).hasSizeBetween(2, 5);
        assertThat(heard.getLast()).isEqualTo(new BgpMessage.Notification(4, 0, Octets.EMPTY));
      }
    }
  }

  @Test
  void externalNeighborsAndAReflectorPassRoutesOn() {
    try (TestSpeaker outside = TestSpeaker.start("127.10.4.1", 65001);
        TestSpeaker reflector = TestSpeaker.start("127.10.4.2", 64512);
        TestSpeaker left = TestSpeaker.start("127.10.4.3", 64512);
        TestSpeaker right = TestSpeaker.start("127.10.4.4", 64512)) {
      outside.neighbors(outside.towards("127.10.4.2", 64512)).originate("192.0.2.0/24");
      reflector
          .neighbors(
              reflector.towards("127.10.4.1", 65001),
              reflector.towards("127.10.4.3", 64512).routeReflectorClient(true),
              reflector.towards("127.10.4.4", 64512).routeReflectorClient(true))
          .originate();
      left.neighbors(left.towards("127.10.4.2", 64512)).originate("10.244.3.0/26");
      right.neighbors(right.towards("127.10.4.2", 64512));
      eventually()
          .untilAsserted(
              () -> {
                assertThat(right.routes())
                    .isEqualTo(Map.of("10.244.3.0/26", "127.10.4.3", "192.0.2.0/24", "127.10.4.1"));
                assertThat(outside.routes()).isEqualTo(Map.of("10.244.3.0/26", "127.10.4.2"));
              });
      BestPath reflected = right.best.get(Prefix.parse("10.244.3.0/26"));
      assertThat(reflected.attributes().originatorId()).contains(left.address);
      assertThat(reflected.attributes().clusterList()).containsExactly(reflector.address);
      assertThat(outside.best.get(Prefix.parse("10.244.3.0/26")).attributes().asPath().segments())
          .containsExactly(new AsPath.Segment(AsPath.SegmentType.SEQUENCE, List.of(64512L)));
      assertThat(reflector.speaker.adjRibOut(right.address)).hasSize(2);
      assertThat(reflector.speaker.adjRibIn(left.address)).hasSize(1);
    }
  }

  @Test
  void aNeighborMayBeShownAnotherAsNumber() {
    try (TestSpeaker a = TestSpeaker.start("127.10.11.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.11.2", 65001);
        TestSpeaker c = TestSpeaker.start("127.10.11.3", 65001)) {
      a.neighbors(
              a.towards("127.10.11.2", 65001).localAsNumber(4200000000L),
              a.towards("127.10.11.3", 65001))
          .originate("10.244.0.0/26");
      b.neighbors(b.towards("127.10.11.1", 4200000000L));
      c.neighbors(c.towards("127.10.11.1", 64512));
      eventually().until(() -> b.routes().size() == 1 && c.routes().size() == 1);
      Prefix prefix = Prefix.parse("10.244.0.0/26");
      assertThat(b.best.get(prefix).attributes().asPath().segments())
          .containsExactly(new AsPath.Segment(AsPath.SegmentType.SEQUENCE, List.of(4200000000L)));
      assertThat(c.best.get(prefix).attributes().asPath().segments())
          .containsExactly(new AsPath.Segment(AsPath.SegmentType.SEQUENCE, List.of(64512L)));
      assertThat(a.neighbor("127.10.11.2").localAsNumber()).isEqualTo(4200000000L);
    }
  }

  @Test
  void aWrongAsNumberIsNamed() {
    try (TestSpeaker a = TestSpeaker.start("127.10.5.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.5.2", 64513)) {
      a.neighbors(a.towards("127.10.5.2", 64512));
      b.neighbors(b.towards("127.10.5.1", 64512).passive(true));
      eventually()
          .untilAsserted(
              () ->
                  assertThat(a.neighbor("127.10.5.2").lastError())
                      .isEqualTo("peer AS 64513 is not 64512"));
      eventually()
          .untilAsserted(
              () ->
                  assertThat(b.neighbor("127.10.5.1").lastError())
                      .isIn("received OPEN error: bad peer AS", "connection reset by peer"));
    }
  }

  @Test
  void aNeighborThatIsNotThereIsNamedAndMetAsSoonAsItIs() {
    try (TestSpeaker a = TestSpeaker.start("127.10.6.1", 64512)) {
      a.neighbors(a.towards("127.10.6.2", 64512));
      eventually()
          .untilAsserted(
              () ->
                  assertThat(a.neighbor("127.10.6.2").lastError()).isEqualTo("connection refused"));
      try (TestSpeaker b = TestSpeaker.start("127.10.6.2", 64512)) {
        b.neighbors(b.towards("127.10.6.1", 64512).passive(true));
        eventually().until(() -> a.established("127.10.6.2") && b.established("127.10.6.1"));
        b.speaker.closeWithCease();
        eventually().untilAsserted(() -> assertThat(a.neighbor("127.10.6.2").flaps()).isEqualTo(1));
      }
    }
  }

  @Test
  void passwordsMustAgree() {
    try (TestSpeaker a = TestSpeaker.start("127.10.7.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.7.2", 64512)) {
      a.neighbors(a.towards("127.10.7.2", 64512).password("secret"));
      b.neighbors(b.towards("127.10.7.1", 64512).password("secret"));
      eventually().until(() -> a.established("127.10.7.2") && b.established("127.10.7.1"));
    }
  }

  @Test
  void nonsenseEndsTheConnectionAndIsCounted() throws IOException {
    try (TestSpeaker a = TestSpeaker.start("127.10.9.1", 64512);
        TestSpeaker b = TestSpeaker.start("127.10.9.3", 64512)) {
      a.neighbors(a.towards("127.10.9.2", 64512).passive(true), a.towards("127.10.9.3", 64512));
      b.neighbors(b.towards("127.10.9.1", 64512));
      eventually().until(() -> a.established("127.10.9.3"));
      try (RawPeer peer = new RawPeer("127.10.9.2", "127.10.9.1")) {
        peer.send(
            "GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertThat(peer.receiveAll().getLast()).isInstanceOf(BgpMessage.Notification.class);
      }
      eventually()
          .untilAsserted(
              () -> {
                assertThat(a.neighbor("127.10.9.2").malformed()).isEqualTo(1);
                assertThat(a.neighbor("127.10.9.2").lastError()).isNotEmpty();
              });
      assertThat(a.neighbor("127.10.9.3").flaps()).isZero();
    }
  }
}
