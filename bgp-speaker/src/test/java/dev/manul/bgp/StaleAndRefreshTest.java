package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Long-lived stale routes (RFC 9494), refreshes (RFC 2918, 7313), long messages (RFC 8654). */
class StaleAndRefreshTest {
  private static final Family V4 = Family.IPV4_UNICAST;
  private static final String FIRST = "10.244.0.64/26";
  private static final String SECOND = "10.244.0.128/26";
  private static final int LLGR_STALE = 0xffff0006;
  private static final int NO_LLGR = 0xffff0007;

  private static TestSpeaker waiting(TimeSource time, String address, String peer) {
    TestSpeaker a = TestSpeaker.start(address, 64512, time);
    a.neighbors(a.towards(peer, 64512).passive(true).families(Set.of(V4)));
    eventually().until(() -> !a.speaker.status().listening().isEmpty());
    return a;
  }

  private static PathAttributes attributes(String nextHop, Integer... communities) {
    return PathAttributes.builder()
        .nextHop(Optional.of(Address.parse(nextHop)))
        .localPreference(OptionalLong.of(100))
        .communities(List.of(communities))
        .build();
  }

  private static Update update(PathAttributes attributes, String... prefixes) {
    return new Update(
        List.of(), attributes, List.of(prefixes).stream().map(Prefix::parse).toList());
  }

  private static Capability graceful(int restartTime) {
    return new Capability.GracefulRestart(
        false, false, restartTime, List.of(new Capability.GracefulFamily(V4, true)));
  }

  private static Capability longLived(int seconds) {
    return new Capability.LongLivedGracefulRestart(
        List.of(new Capability.LongLivedFamily(V4, true, seconds)));
  }

  @Test
  void routesLiveOnAsLongLivedStaleOnesForTheTimeTheNeighborAsksFor() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = waiting(time, "127.14.0.1", "127.14.0.2")) {
      try (RawPeer peer = new RawPeer("127.14.0.2", "127.14.0.1")) {
        peer.establish(peer.open(graceful(60), longLived(600)));
        peer.send(update(attributes("127.14.0.2"), FIRST));
        peer.send(update(attributes("127.14.0.2", NO_LLGR), SECOND));
        eventually().until(() -> a.routes().size() == 2);
        assertThat(a.neighbor("127.14.0.2").detail().features().longLivedStaleTimes())
            .containsEntry(V4, 600);
      }
      eventually().until(() -> a.neighbor("127.14.0.2").restarting());
      time.advance(Duration.ofSeconds(59));
      assertThat(a.neighbor("127.14.0.2").detail().longLivedStale()).isEmpty();
      time.advance(Duration.ofSeconds(2));
      // What asks not to be kept so long goes; the other one says what it is.
      eventually().until(() -> a.routes().keySet().equals(Set.of(FIRST)));
      assertThat(a.neighbor("127.14.0.2").detail().longLivedStale()).containsExactly(V4);
      assertThat(a.best.get(Prefix.parse(FIRST)).attributes().communities())
          .containsExactly(LLGR_STALE);

      // A session that comes and goes before End-of-RIB does not lengthen the time.
      time.advance(Duration.ofSeconds(299));
      try (RawPeer peer = new RawPeer("127.14.0.2", "127.14.0.1")) {
        peer.establish(peer.open(graceful(60), longLived(600)));
        eventually().until(() -> a.established("127.14.0.2"));
        assertThat(a.routes()).hasSize(1);
      }
      eventually().until(() -> !a.established("127.14.0.2"));
      assertThat(a.routes()).hasSize(1);
      time.advance(Duration.ofSeconds(298));
      assertThat(a.routes()).hasSize(1);
      time.advance(Duration.ofSeconds(5));
      eventually().until(() -> a.routes().isEmpty());
      assertThat(a.neighbor("127.14.0.2").detail().longLivedStale()).isEmpty();
    }
  }

  @Test
  void aNeighborThatComesBackClearsTheMark() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = waiting(time, "127.14.1.1", "127.14.1.2")) {
      try (RawPeer peer = new RawPeer("127.14.1.2", "127.14.1.1")) {
        peer.establish(peer.open(graceful(0), longLived(600)));
        peer.send(update(attributes("127.14.1.2"), FIRST, SECOND));
        eventually().until(() -> a.routes().size() == 2);
      }
      // Without a restart time, the long-lived period begins at once.
      eventually().until(() -> a.neighbor("127.14.1.2").restarting());
      time.advance(Duration.ofMillis(1));
      eventually().until(() -> !a.neighbor("127.14.1.2").detail().longLivedStale().isEmpty());
      try (RawPeer peer = new RawPeer("127.14.1.2", "127.14.1.1")) {
        peer.establish(peer.open(graceful(0), longLived(600)));
        peer.send(update(attributes("127.14.1.2"), FIRST));
        peer.send(new EndOfRib(V4));
        eventually().until(() -> a.routes().keySet().equals(Set.of(FIRST)));
        assertThat(a.best.get(Prefix.parse(FIRST)).attributes().communities()).isEmpty();
        assertThat(a.neighbor("127.14.1.2").detail().longLivedStale()).isEmpty();
        time.advance(Duration.ofSeconds(80));
        assertThat(a.routes()).hasSize(1);
      }
    }
  }

  @Test
  void whatDoesNotComeAgainInARefreshGoes() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = waiting(time, "127.14.2.1", "127.14.2.2");
        RawPeer peer = new RawPeer("127.14.2.2", "127.14.2.1")) {
      peer.establish(
          peer.open(new Capability.RouteRefresh(), new Capability.EnhancedRouteRefresh()));
      peer.send(update(attributes("127.14.2.2"), FIRST, SECOND));
      eventually().until(() -> a.routes().size() == 2);
      assertThat(a.neighbor("127.14.2.2").detail().features().enhancedRefresh()).isTrue();

      a.changes.clear();
      a.speaker.requestRefresh(Address.parse("127.14.2.2"));
      assertThat(next(peer)).isEqualTo(new RouteRefresh(V4, 0));
      peer.send(new RouteRefresh(V4, 1));
      peer.send(update(attributes("127.14.2.2"), FIRST));
      peer.send(new RouteRefresh(V4, 2));
      eventually().until(() -> a.routes().keySet().equals(Set.of(FIRST)));
      assertThat(a.changes).as("what came again has not changed").hasSize(1);

      // An end without a beginning says nothing; a beginning without an end is given up.
      peer.send(new RouteRefresh(V4, 2));
      peer.send(update(attributes("127.14.2.2"), SECOND));
      eventually().until(() -> a.routes().size() == 2);
      peer.send(new RouteRefresh(V4, 1));
      peer.send(update(attributes("127.14.2.2"), SECOND));
      peer.send(update(attributes("127.14.2.2", 7), SECOND));
      eventually()
          .until(
              () -> a.best.get(Prefix.parse(SECOND)).attributes().communities().equals(List.of(7)));
      for (int i = 0; i < 3; i++) {
        long seen = a.neighbor("127.14.2.2").messagesIn();
        peer.send(new BgpMessage.Keepalive());
        eventually().until(() -> a.neighbor("127.14.2.2").messagesIn() > seen);
        time.advance(Duration.ofSeconds(60));
      }
      eventually().until(() -> a.routes().keySet().equals(Set.of(SECOND)));
      assertThat(a.established("127.14.2.2")).isTrue();
    }
  }

  /** The next message that is not a KEEPALIVE or End-of-RIB. */
  private static BgpMessage next(RawPeer peer) throws IOException {
    BgpMessage message = peer.receive();
    while (message instanceof BgpMessage.Keepalive || message instanceof EndOfRib) {
      message = peer.receive();
    }
    return message;
  }

  @Test
  void aRefreshOfOursIsMarkedForThoseWhoKnowTheMarks() throws IOException {
    for (boolean enhanced : new boolean[] {true, false}) {
      String end = enhanced ? "3" : "4";
      try (TestSpeaker a =
              waiting(new ManualTime(), "127.14." + end + ".1", "127.14." + end + ".2");
          RawPeer peer = new RawPeer("127.14." + end + ".2", "127.14." + end + ".1")) {
        a.originate(FIRST, SECOND);
        peer.establish(
            enhanced
                ? peer.open(new Capability.RouteRefresh(), new Capability.EnhancedRouteRefresh())
                : peer.open(new Capability.RouteRefresh()));
        assertThat(next(peer)).isInstanceOf(Update.class);
        peer.send(new RouteRefresh(V4, 0));
        if (enhanced) {
          assertThat(next(peer)).isEqualTo(new RouteRefresh(V4, 1));
        }
        assertThat(((Update) next(peer)).announced()).hasSize(2);
        if (enhanced) {
          assertThat(next(peer)).isEqualTo(new RouteRefresh(V4, 2));
        } else {
          a.originate(FIRST);
          assertThat(((Update) next(peer)).withdrawn()).hasSize(1);
        }
      }
    }
  }

  @Test
  void messagesOfMoreThan4096OctetsPassBothWaysWhereAgreed() throws IOException {
    List<LargeCommunity> many = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      many.add(new LargeCommunity(64512, 1, i));
    }
    List<OriginatedRoute> routes = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      routes.add(OriginatedRoute.of(Prefix.of(new Ipv4Address(0x0a000000 + (i << 6)), 26)));
    }
    try (TestSpeaker a = waiting(new ManualTime(), "127.14.5.1", "127.14.5.2");
        RawPeer peer = new RawPeer("127.14.5.2", "127.14.5.1")) {
      a.originate(routes);
      peer.establish(peer.open(new Capability.ExtendedMessages()));
      peer.speaks(
          new EncodeContext(true, Set.of(), Set.of(), true),
          new DecodeContext(true, false, Set.of(V4), Set.of(), Set.of(), true));
      peer.send(update(attributes("127.14.5.2").toBuilder().largeCommunities(many).build(), FIRST));
      eventually().until(() -> a.routes().size() == 1);
      assertThat(a.best.get(Prefix.parse(FIRST)).attributes().largeCommunities()).isEqualTo(many);
      int prefixes = 0;
      int longest = 0;
      while (prefixes < routes.size()) {
        int count = ((Update) next(peer)).announced().size();
        longest = Math.max(longest, count);
        prefixes += count;
      }
      assertThat(longest).as("819 prefixes are all that 4096 octets hold").isGreaterThan(819);
    }
  }

  @Test
  void messagesOfMoreThan4096OctetsAreRefusedOtherwise() throws IOException {
    try (TestSpeaker a = waiting(new ManualTime(), "127.14.6.1", "127.14.6.2");
        RawPeer peer = new RawPeer("127.14.6.2", "127.14.6.1")) {
      peer.establish(peer.open());
      byte[] head = new byte[5000];
      Arrays.fill(head, 0, 16, (byte) 0xff);
      head[16] = (byte) (5000 >> 8);
      head[17] = (byte) 5000;
      head[18] = 2;
      peer.send(head);
      assertThat(peer.receiveAll().getLast())
          .isInstanceOfSatisfying(
              BgpMessage.Notification.class,
              n -> assertThat(n.code() * 10 + n.subcode()).isEqualTo(12));
      assertThat(a.neighbor("127.14.6.2").lastError()).contains("5000");
    }
  }
}
