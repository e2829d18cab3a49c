package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What neighbours are told, and when. */
class ExportTest {
  private static final Prefix PREFIX = Prefix.parse("10.244.0.0/26");

  private final TestRib t = new TestRib(false);

  @Test
  void ownRoutesGoToEverybodyWithThisEndAsNextHop() {
    Peer internal = t.internal("10.0.0.2");
    Peer external = t.external("10.9.0.2");
    t.rib.originate(List.of(new OriginatedRoute(PREFIX, Optional.empty(), List.of(0xffffff01))));
    t.rib.settle();
    assertThat(internal.heard.get(PREFIX))
        .isEqualTo(via("10.0.0.1").localPreference(100).communities(0xffffff01).get());
    assertThat(external.heard.get(PREFIX))
        .isEqualTo(via("10.0.0.1").path(TestRib.AS).communities(0xffffff01).get());
  }

  @Test
  void aGivenNextHopIsKept() {
    Peer internal = t.internal("10.0.0.2");
    t.rib.originate(
        List.of(new OriginatedRoute(PREFIX, Optional.of(Address.parse("10.0.0.77")), List.of())));
    t.rib.settle();
    assertThat(internal.heard.get(PREFIX).nextHop()).contains(Address.parse("10.0.0.77"));
  }

  @Test
  void internalRoutesDoNotGoToInternalNeighbors() {
    Peer a = t.internal("10.0.0.2");
    Peer b = t.internal("10.0.0.3");
    t.announce(a, via("10.0.0.2").get(), PREFIX.toString());
    assertThat(a.heard).isEmpty();
    assertThat(b.heard).isEmpty();
  }

  @Test
  void aReflectorAddsOriginatorAndCluster() {
    Peer client = t.client("10.0.0.2");
    Peer other = t.client("10.0.0.3");
    Peer plain = t.internal("10.0.0.4");
    t.announce(client, via("10.0.0.2").localPreference(100).get(), PREFIX.toString());
    PathAttributes reflected =
        via("10.0.0.2").localPreference(100).originator("10.0.0.2").clusters("10.0.0.1").get();
    assertThat(client.heard).isEmpty();
    assertThat(other.heard).containsEntry(PREFIX, reflected);
    assertThat(plain.heard).containsEntry(PREFIX, reflected);

    Prefix second = Prefix.parse("10.244.0.64/26");
    t.announce(plain, via("10.0.0.4").localPreference(100).get(), second.toString());
    assertThat(other.heard.get(second).originatorId()).contains(Ipv4Address.parse("10.0.0.4"));
    assertThat(plain.heard).doesNotContainKey(second);
  }

  @Test
  void externalNeighborsGetAnOwnPathAndNoInteriorAttributes() {
    Peer internal = t.internal("10.0.0.2");
    Peer external = t.external("10.9.0.2");
    t.announce(
        internal,
        via("10.0.0.2").path(7L).med(5).localPreference(300).originator("9.9.9.9").get(),
        PREFIX.toString());
    assertThat(external.heard).containsEntry(PREFIX, via("10.0.0.1").path(TestRib.AS, 7L).get());
  }

  @Test
  void externalRoutesGoToInternalNeighborsWithDefaultPreference() {
    Peer internal = t.internal("10.0.0.2");
    Peer external = t.external("10.9.0.2");
    t.announce(
        external, via("10.9.0.2").path(7L).med(5).localPreference(300).get(), PREFIX.toString());
    assertThat(internal.heard)
        .containsEntry(PREFIX, via("10.9.0.2").path(7L).med(5).localPreference(100).get());
  }

  @Test
  void wellKnownCommunitiesAreObeyed() {
    Peer source = t.external("10.9.0.2");
    Peer external = t.external("10.9.0.3");
    Peer internal = t.internal("10.0.0.2");
    t.announce(source, via("10.9.0.2").path(7L).communities(0xffffff01).get(), "10.1.0.0/24");
    t.announce(source, via("10.9.0.2").path(7L).communities(0xffffff02).get(), "10.2.0.0/24");
    t.announce(source, via("10.9.0.2").path(7L).communities(0xffffff03).get(), "10.3.0.0/24");
    assertThat(external.heard).isEmpty();
    assertThat(internal.heard)
        .containsOnlyKeys(Prefix.parse("10.1.0.0/24"), Prefix.parse("10.3.0.0/24"));
  }

  @Test
  void equalAttributesShareMessagesAndSlowNeighborsGetTheLatestOnly() {
    Peer slow = t.internal("10.0.0.2");
    slow.writable = false;
    List<OriginatedRoute> routes = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      routes.add(OriginatedRoute.of(Prefix.of(new Ipv4Address(0x0af40000 + (i << 6)), 26)));
    }
    t.rib.originate(routes);
    t.rib.settle();
    t.rib.originate(routes.subList(0, 300));
    t.rib.settle();
    t.rib.originate(routes);
    t.rib.settle();
    assertThat(slow.updates).isZero();
    slow.writable = true;
    t.rib.writable(slow.rib);
    assertThat(slow.heard).hasSize(900);
    assertThat(slow.updates).isEqualTo(1);
  }

  @Test
  void endOfRibFollowsTheFirstRoutes() {
    t.rib.originate(List.of(OriginatedRoute.of(PREFIX)));
    t.rib.settle();
    Peer peer = t.internal("10.0.0.2");
    assertThat(peer.messages).hasSize(2);
    assertThat(peer.messages.getLast()).isEqualTo(new BgpMessage.EndOfRib(Family.IPV4_UNICAST));
  }

  @Test
  void refreshTellsEverythingAgain() {
    t.rib.originate(List.of(OriginatedRoute.of(PREFIX)));
    Peer peer = t.internal("10.0.0.2");
    int before = peer.updates;
    t.rib.refresh(peer.rib, Family.IPV4_UNICAST, false);
    t.rib.settle();
    assertThat(peer.updates).isEqualTo(before + 1);
  }

  @Test
  void aRestartingReflectorPassesLearnedRoutesOnOnlyAfterConvergence() {
    TestRib restarting = new TestRib(true);
    restarting.rib.originate(List.of(OriginatedRoute.of(PREFIX)));
    Peer source = restarting.client("10.0.0.2");
    Peer target = restarting.client("10.0.0.3");
    Peer plain = restarting.internal("10.0.0.4");
    Prefix learned = Prefix.parse("10.244.0.64/26");
    restarting.announce(source, via("10.0.0.2").get(), learned.toString());
    assertThat(target.heard).containsOnlyKeys(PREFIX);
    assertThat(target.heardEndOfRib()).isFalse();
    assertThat(plain.heardEndOfRib()).isTrue();
    restarting.rib.converged();
    restarting.rib.settle();
    assertThat(target.heard).containsOnlyKeys(PREFIX, learned);
    assertThat(target.heardEndOfRib()).isTrue();
    assertThat(((Update) target.messages.get(target.messages.size() - 2)).announced())
        .containsExactly(learned);
  }

  @Test
  void staleRoutesStayUntilEndOfRibAndTheirReturnIsNoChange() {
    Peer peer = t.internal("10.0.0.2");
    t.announce(peer, via("10.0.0.2").get(), PREFIX.toString(), "10.244.0.64/26");
    t.changes.clear();
    t.down(peer, true);
    assertThat(t.changes).isEmpty();
    assertThat(RibView.all(t.rib)).allMatch(entry -> entry.stale());
    t.up(peer);
    t.announce(peer, via("10.0.0.2").get(), PREFIX.toString());
    assertThat(t.changes).isEmpty();
    t.rib.endOfRib(peer.rib, Family.IPV4_UNICAST);
    t.rib.settle();
    assertThat(t.changes).hasSize(1);
    assertThat(t.best).containsOnlyKeys(PREFIX);
    assertThat(peer.rib.hasStale()).isFalse();
  }

  @Test
  void aSecondRestartRemovesWhatWasStaleAlready() {
    Peer peer = t.internal("10.0.0.2");
    t.announce(peer, via("10.0.0.2").get(), PREFIX.toString(), "10.244.0.64/26");
    t.down(peer, true);
    t.up(peer);
    t.announce(peer, via("10.0.0.2").get(), PREFIX.toString());
    t.down(peer, true);
    assertThat(t.best).containsOnlyKeys(PREFIX);
  }
}
