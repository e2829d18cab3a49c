package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.NextHopResolver.Resolution;
import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.RibEntry;
import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each step of the decision process, with the winner that later steps would not choose. */
class DecisionTest {
  private static final String PREFIX = "10.244.0.0/26";

  private final TestRib t = new TestRib(false);

  /** Reasons by neighbour. */
  private Map<String, String> reasons() {
    return RibView.all(t.rib).stream()
        .collect(
            Collectors.toMap(e -> e.peer().map(Address::text).orElse("local"), RibEntry::reason));
  }

  private void assertDecision(String winner, String loser, Reason reason) {
    assertThat(reasons())
        .isEqualTo(
            Map.of(
                winner,
                Reason.BEST.toString(),
                loser,
                reason.tiesUpToMetric() ? reason + "; used as an equal path" : reason.toString()));
  }

  @Test
  void localRoutesFirst() {
    Peer peer = t.internal("10.0.0.2");
    t.announce(peer, via("10.0.0.2").localPreference(500).get(), PREFIX);
    assertThat(t.best).containsKey(Prefix.parse(PREFIX));
    t.rib.originate(List.of(OriginatedRoute.of(Prefix.parse(PREFIX))));
    t.rib.settle();
    assertDecision("local", "10.0.0.2", Reason.LOCAL_ROUTE);
    assertThat(t.best).isEmpty();
    t.rib.originate(List.of());
    t.rib.settle();
    assertThat(t.best).containsKey(Prefix.parse(PREFIX));
  }

  @Test
  void higherLocalPreference() {
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").get(), PREFIX);
    t.announce(
        t.internal("10.0.0.3"), via("10.0.0.3").localPreference(101).path(1L, 2L).get(), PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.LOCAL_PREFERENCE);
  }

  @Test
  void shorterPathWhereASetCountsOnce() {
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").path(1L, 2L, 3L).get(), PREFIX);
    t.announce(
        t.internal("10.0.0.3"),
        via("10.0.0.3").path(1L).set(5L, 6L, 7L).origin(Origin.INCOMPLETE).get(),
        PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.AS_PATH_LENGTH);
  }

  @Test
  void betterOrigin() {
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").origin(Origin.EGP).get(), PREFIX);
    t.announce(t.internal("10.0.0.3"), via("10.0.0.3").med(9).get(), PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.ORIGIN);
  }

  @Test
  void lowerDiscriminatorOfTheSameNeighborAs() {
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").path(7L).med(2).get(), PREFIX);
    t.announce(t.internal("10.0.0.3"), via("10.0.0.3").path(7L).med(1).get(), PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.MULTI_EXIT_DISCRIMINATOR);
  }

  @Test
  void discriminatorsOfDifferentNeighborsDoNotCompare() {
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").path(7L).med(2).get(), PREFIX);
    t.announce(t.internal("10.0.0.3"), via("10.0.0.3").path(8L).med(1).get(), PREFIX);
    assertDecision("10.0.0.2", "10.0.0.3", Reason.ROUTER_ID);
  }

  @Test
  void externalBeforeInternal() {
    t.resolutions.put(Address.parse("10.9.0.3"), new Resolution(true, 50));
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").path(7L).get(), PREFIX);
    t.announce(t.external("10.9.0.3"), via("10.9.0.3").path(7L).get(), PREFIX);
    assertDecision("10.9.0.3", "10.0.0.2", Reason.INTERNAL);
  }

  @Test
  void nearerNextHop() {
    t.resolutions.put(Address.parse("10.0.0.2"), new Resolution(true, 20));
    t.resolutions.put(Address.parse("10.0.0.3"), new Resolution(true, 10));
    t.announce(t.internal("10.0.0.2"), via("10.0.0.2").get(), PREFIX);
    t.announce(t.internal("10.0.0.3"), via("10.0.0.3").get(), PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.INTERIOR_METRIC);

    t.resolutions.put(Address.parse("10.0.0.3"), new Resolution(true, 30));
    t.rib.nextHopsChanged();
    t.rib.settle();
    assertDecision("10.0.0.2", "10.0.0.3", Reason.INTERIOR_METRIC);
  }

  @Test
  void lowerRouterIdWhereOriginatorStandsForIt() {
    t.announce(t.internal("10.0.0.2"), via("10.0.0.7").originator("10.0.0.9").get(), PREFIX);
    t.announce(t.internal("10.0.0.3"), via("10.0.0.8").originator("10.0.0.8").get(), PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.ROUTER_ID);
  }

  @Test
  void shorterClusterList() {
    t.announce(
        t.internal("10.0.0.2"),
        via("10.0.0.9").originator("10.0.0.9").clusters("1.1.1.1", "2.2.2.2").get(),
        PREFIX);
    t.announce(
        t.internal("10.0.0.3"),
        via("10.0.0.9").originator("10.0.0.9").clusters("3.3.3.3").get(),
        PREFIX);
    assertDecision("10.0.0.3", "10.0.0.2", Reason.CLUSTER_LIST_LENGTH);
  }

  @Test
  void lowerAddressLast() {
    t.announce(t.internal("10.0.0.3"), via("10.0.0.9").originator("10.0.0.9").get(), PREFIX);
    t.announce(t.internal("10.0.0.2"), via("10.0.0.9").originator("10.0.0.9").get(), PREFIX);
    assertDecision("10.0.0.2", "10.0.0.3", Reason.PEER_ADDRESS);
    assertThat(t.best.get(Prefix.parse(PREFIX)).nextHops())
        .containsExactly(Address.parse("10.0.0.9"));
  }

  @Test
  void pathsThatTieShareTheTraffic() {
    t.announce(t.internal("10.0.0.3"), via("10.0.0.3").get(), PREFIX);
    Peer second = t.internal("10.0.0.2");
    t.announce(second, via("10.0.0.2").get(), PREFIX);
    assertThat(t.best.get(Prefix.parse(PREFIX)).nextHops())
        .containsExactly(Address.parse("10.0.0.2"), Address.parse("10.0.0.3"));
    t.withdraw(second, PREFIX);
    assertThat(t.best.get(Prefix.parse(PREFIX)).nextHops())
        .containsExactly(Address.parse("10.0.0.3"));
  }

  @Test
  void whatMayNotBeUsedIsKeptWithItsReason() {
    Peer peer = t.internal("10.0.0.2");
    t.announce(peer, via("10.0.0.2").path(TestRib.AS).get(), "10.1.0.0/24");
    t.announce(peer, via("10.0.0.2").originator("10.0.0.1").get(), "10.2.0.0/24");
    t.announce(peer, via("10.0.0.2").clusters("10.0.0.1").get(), "10.3.0.0/24");
    t.announce(peer, via("10.0.0.1").get(), "10.4.0.0/24");
    t.resolutions.put(Address.parse("10.0.0.66"), Resolution.UNREACHABLE);
    t.announce(peer, via("10.0.0.66").get(), "10.5.0.0/24");
    assertThat(t.best).isEmpty();
    assertThat(RibView.in(t.rib, peer.rib).stream().map(RibEntry::reason))
        .containsExactly(
            Reason.AS_LOOP.toString(),
            Reason.ORIGINATOR_LOOP.toString(),
            Reason.CLUSTER_LOOP.toString(),
            Reason.OWN_NEXT_HOP.toString(),
            Reason.UNREACHABLE_NEXT_HOP.toString());
    assertThat(peer.rib.received()).isEqualTo(5);
    assertThat(peer.rib.accepted()).isEqualTo(1);

    t.resolutions.clear();
    t.rib.nextHopsChanged();
    t.rib.settle();
    assertThat(t.best).containsOnlyKeys(Prefix.parse("10.5.0.0/24"));
  }
}
