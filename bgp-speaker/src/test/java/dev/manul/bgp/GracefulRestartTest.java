package dev.manul.bgp;

import static dev.manul.bgp.TestSpeaker.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Graceful restart, RFC 4724, on both sides. */
class GracefulRestartTest {
  private static final String PREFIX = "10.244.0.64/26";
  private static final String OTHER = "10.244.0.128/26";

  @Test
  void aSpeakerKilledAndStartedAgainCausesNoChangeAtItsPeers() {
    try (TestSpeaker a = TestSpeaker.start("127.11.0.1", 64512)) {
      a.neighbors(a.towards("127.11.0.2", 64512)).originate("10.244.0.0/26");
      TestSpeaker first = TestSpeaker.start("127.11.0.2", 64512);
      first.neighbors(first.towards("127.11.0.1", 64512)).originate(PREFIX);
      eventually().until(() -> a.routes().containsKey(PREFIX) && first.convergences == 1);
      a.changes.clear();
      first.close(); // as SIGKILL: the kernel closes the connection, nobody says a word
      eventually().until(() -> a.neighbor("127.11.0.2").restarting());
      assertThat(a.speaker.localRib()).anyMatch(e -> e.stale() && e.best());

      try (TestSpeaker second = TestSpeaker.restarted("127.11.0.2", 64512)) {
        second.neighbors(second.towards("127.11.0.1", 64512)).originate(PREFIX);
        eventually().until(() -> second.convergences == 1);
        eventually()
            .until(
                () -> {
                  NeighborStatus status = a.neighbor("127.11.0.2");
                  return status.endOfRib() && !status.restarting();
                });
        assertThat(second.routes()).containsOnlyKeys("10.244.0.0/26");
        assertThat(a.changes).isEmpty();
        assertThat(a.neighbor("127.11.0.2").received())
            .contains(
                new Capability.GracefulRestart(
                    true,
                    true,
                    120,
                    List.of(
                        new Capability.GracefulFamily(Family.IPV4_UNICAST, true),
                        new Capability.GracefulFamily(Family.IPV6_UNICAST, true))));
        // What the restarted speaker does not announce any more is withdrawn in the usual way.
        second.originate();
        eventually().until(() -> a.routes().isEmpty());
      }
    }
  }

  private static TestSpeaker helper(ManualTime time) {
    return awaitingPeer(TestSpeaker.start("127.11.1.1", 64512, time));
  }

  private static TestSpeaker awaitingPeer(TestSpeaker a) {
    a.neighbors(a.towards("127.11.1.2", 64512).passive(true).families(Set.of(Family.IPV4_UNICAST)));
    eventually().until(() -> !a.speaker.status().listening().isEmpty());
    return a;
  }

  private static RawPeer peer() throws IOException {
    return new RawPeer("127.11.1.2", "127.11.1.1");
  }

  private static void announce(RawPeer peer, String... prefixes) throws IOException {
    for (String prefix : prefixes) {
      peer.send(new Update(List.of(), attributes(), List.of(Prefix.parse(prefix))));
    }
  }

  private static PathAttributes attributes() {
    return PathAttributes.builder()
        .nextHop(Address.parse("127.11.1.2"))
        .localPreference(100)
        .build();
  }

  @Test
  void aNewConnectionWhileTheOldOneStillLooksEstablishedIsARestart() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = helper(time);
        RawPeer old = peer()) {
      old.establish(old.open(false, true));
      announce(old, PREFIX, OTHER);
      old.send(new EndOfRib(Family.IPV4_UNICAST));
      eventually().until(() -> a.routes().size() == 2 && a.changes.size() == 2); // seen and told
      a.changes.clear();
      time.advance(Duration.ofSeconds(10));

      try (RawPeer restarted = peer()) {
        restarted.establish(restarted.open(true, true));
        announce(restarted, PREFIX);
        eventually().until(() -> a.neighbor("127.11.1.2").restarting());
        assertThat(a.changes).isEmpty();
        assertThat(old.receiveAll()).noneMatch(m -> m instanceof Notification);
        restarted.send(new EndOfRib(Family.IPV4_UNICAST));
        eventually().until(() -> a.routes().equals(Map.of(PREFIX, "127.11.1.2")));
        assertThat(a.established("127.11.1.2")).isTrue();
        assertThat(a.neighbor("127.11.1.2").flaps()).isEqualTo(1);
      }
    }
  }

  @Test
  void routesGoWhenTheRestartTimeIsOver() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = helper(time)) {
      try (RawPeer peer = peer()) {
        peer.establish(peer.open(false, true));
        announce(peer, PREFIX);
        eventually().until(() -> a.routes().size() == 1);
      }
      eventually().until(() -> a.neighbor("127.11.1.2").restarting());
      time.advance(Duration.ofSeconds(59));
      assertThat(a.neighbor("127.11.1.2").restarting()).isTrue();
      assertThat(a.routes()).hasSize(1);
      time.advance(Duration.ofSeconds(1));
      eventually().until(() -> a.routes().isEmpty());
    }
  }

  @Test
  void routesGoAtOnceWhenForwardingWasNotPreserved() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = helper(time)) {
      try (RawPeer peer = peer()) {
        peer.establish(peer.open(false, true));
        announce(peer, PREFIX);
        eventually().until(() -> a.routes().size() == 1);
      }
      eventually().until(() -> a.neighbor("127.11.1.2").restarting());
      try (RawPeer peer = peer()) {
        peer.establish(peer.open(true, false));
        eventually().until(() -> a.routes().isEmpty());
      }
    }
  }

  @Test
  void aNotificationRemovesRoutesAtOnce() throws IOException {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = helper(time);
        RawPeer peer = peer()) {
      peer.establish(peer.open(false, true));
      announce(peer, PREFIX);
      eventually().until(() -> a.routes().size() == 1);
      peer.send(new Notification(6, 3, Octets.EMPTY));
      eventually().until(() -> a.routes().isEmpty());
      assertThat(a.neighbor("127.11.1.2").lastError())
          .isEqualTo("received Cease: peer de-configured");
    }
  }

  @Test
  void convergenceDoesNotWaitLongerThanTheLimit() {
    ManualTime time = new ManualTime();
    try (TestSpeaker a = helper(time)) {
      time.advance(Duration.ofSeconds(119));
      assertThat(a.speaker.status().converged()).isFalse();
      time.advance(Duration.ofSeconds(1));
      eventually().until(() -> a.convergences == 1);
    }
  }

  /** With a limit of five seconds, and a peer that never says that it is done. */
  @Test
  void aRestartedSpeakerWaitsLongerForAConnectedPeerButNotForEver() throws IOException {
    ManualTime time = new ManualTime();
    Duration limit = Duration.ofSeconds(5);
    try (TestSpeaker a = awaitingPeer(TestSpeaker.restarted("127.11.1.1", 64512, limit, time));
        RawPeer peer = peer()) {
      peer.establish(peer.open(false, true));
      eventually().until(() -> a.established("127.11.1.2"));
      for (int i = 1; i < 8; i++) {
        time.advance(limit);
        var _ = a.speaker.status(); // timers run after it, and before what is asked next
        assertThat(a.speaker.status().converged()).as("limit %s", i).isFalse();
      }
      time.advance(limit);
      eventually().until(() -> a.convergences == 1);
    }
  }

  @Test
  void aRestartedSpeakerDoesNotWaitLongerForAPeerThatIsNotThere() {
    ManualTime time = new ManualTime();
    Duration limit = Duration.ofSeconds(5);
    try (TestSpeaker a = awaitingPeer(TestSpeaker.restarted("127.11.1.1", 64512, limit, time))) {
      time.advance(limit);
      eventually().until(() -> a.convergences == 1);
    }
  }
}
