package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static dev.manul.bgp.rib.Filters.changing;
import static dev.manul.bgp.rib.Filters.in;
import static dev.manul.bgp.rib.Filters.rejecting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.PathSelection;
import dev.manul.bgp.RibEntry;
import dev.manul.bgp.filter.Community;
import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.Match.Source;
import dev.manul.bgp.filter.Operation;
import dev.manul.bgp.filter.Operation.AddCommunity;
import dev.manul.bgp.filter.Operation.PrependAsPath;
import dev.manul.bgp.filter.Operation.SetPriority;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Filters at work in the RIB, changed while sessions are up, and what is counted of neighbours. */
class FilteredRibTest {
  private static final Prefix LOW = Prefix.parse("10.1.0.0/24");
  private static final Prefix HIGH = Prefix.parse("10.200.0.0/24");
  private static final int MARK = 65000 << 16 | 9;

  private final TestRib t = new TestRib(false);

  private Peer peer(String address, Sessions session) {
    Peer peer = new Peer(address);
    peer.session = session.remoteId(Ipv4Address.parse(address)).get();
    return t.up(peer);
  }

  private void change(Peer peer, Sessions session) {
    peer.session = session.remoteId((Ipv4Address) peer.address).get();
    t.rib.filtersChanged(peer.rib, peer.session);
    t.rib.settle();
  }

  private static OriginatedRoute own(Prefix prefix, String device, int priority) {
    return new OriginatedRoute(
        prefix, Optional.empty(), List.of(), Optional.of(device), OptionalInt.of(priority));
  }

  private static final Operation ADD_MARK = new AddCommunity(Community.parse("65000:9"));

  @Test
  void whatAnImportFilterRejectsIsCountedAndNotUsed() {
    Peer peer = peer("10.9.0.2", Sessions.external(7).importFilter(rejecting(in(LOW))));
    t.announce(peer, via("10.9.0.2").path(7L).get(), LOW.toString(), HIGH.toString());
    assertThat(t.best).containsOnlyKeys(HIGH);
    assertThat(peer.rib.received()).isEqualTo(2);
    assertThat(peer.rib.accepted()).isEqualTo(1);
  }

  @Test
  void whatAnImportFilterChangesCounts() {
    Peer first = peer("10.9.0.2", Sessions.external(7));
    Peer second =
        peer(
            "10.9.0.3", Sessions.external(8).importFilter(changing(in(LOW), new SetPriority(512))));
    t.announce(first, via("10.9.0.2").path(7L).get(), LOW.toString(), HIGH.toString());
    t.announce(second, via("10.9.0.3").path(8L, 9L).get(), LOW.toString(), HIGH.toString());
    assertThat(t.best.get(LOW).nextHops()).containsExactly(Address.parse("10.9.0.3"));
    assertThat(t.best.get(LOW).attributes().localPreference()).hasValue(2147483135L);
    assertThat(t.best.get(HIGH).nextHops()).containsExactly(Address.parse("10.9.0.2"));
    assertThat(RibView.in(t.rib, second.rib))
        .as("as the neighbour sent them")
        .extracting(RibEntry::attributes)
        .containsOnly(via("10.9.0.3").path(8L, 9L).get());
  }

  @Test
  void aDefaultPreferenceRanksWhatHasNone() {
    t.rib.select(new PathSelection(16, false, RouteFilter.localPreference(1024)));
    t.rib.originate(List.of(OriginatedRoute.of(HIGH)));
    Peer inside = peer("10.0.0.2", Sessions.internal().client());
    assertThat(inside.heard.get(HIGH).localPreference()).hasValue(2147482623L);
  }

  @Test
  void exportFiltersSeeDevicesAndPriorities() {
    Match eth = Match.ANY.withInterfaceName("eth*");
    Peer byDevice = peer("10.9.0.2", Sessions.external(7).exportFilter(rejecting(eth)));
    Peer byPriority =
        peer("10.9.0.3", Sessions.external(7).exportFilter(rejecting(Match.ANY.withPriority(512))));
    Peer inside = peer("10.0.0.2", Sessions.internal());
    t.rib.originate(List.of(own(LOW, "eth0", 1024), own(HIGH, "tunl0", 512)));
    t.rib.settle();
    assertThat(byDevice.heard).containsOnlyKeys(HIGH);
    assertThat(byPriority.heard).containsOnlyKeys(LOW);
    assertThat(inside.heard.get(LOW).localPreference()).hasValue(2147482623L);
    assertThat(inside.heard.get(HIGH).localPreference()).hasValue(2147483135L);
  }

  @Test
  void whatAnExportFilterChangesIsToldToThatNeighborAlone() {
    RouteFilter filter =
        changing(in(LOW), ADD_MARK, new PrependAsPath(List.of(5L, 6L)), new SetPriority(7));
    Peer changed = peer("10.9.0.2", Sessions.external(7).exportFilter(filter));
    Peer plain = peer("10.9.0.3", Sessions.external(7));
    Peer inside = peer("10.0.0.2", Sessions.internal().exportFilter(filter));
    t.rib.originate(List.of(OriginatedRoute.of(LOW), OriginatedRoute.of(HIGH)));
    t.rib.settle();
    Attributes own = via("10.0.0.1").path(TestRib.AS);
    assertThat(plain.heard).isEqualTo(Map.of(LOW, own.get(), HIGH, own.get()));
    assertThat(changed.heard)
        .isEqualTo(
            Map.of(
                LOW,
                via("10.0.0.1").path(TestRib.AS, 5L, 6L).communities(MARK).get(),
                HIGH,
                own.get()));
    assertThat(inside.heard.get(LOW))
        .isEqualTo(
            via("10.0.0.1").path(5L, 6L).communities(MARK).localPreference(2147483640).get());
  }

  @Test
  void learnedRoutesAndOwnOnesAreToldApart() {
    Peer source = peer("10.9.0.2", Sessions.external(7));
    Match learned = Match.ANY.withSource(Source.REMOTE_PEERS);
    Peer target = peer("10.9.0.3", Sessions.external(8).exportFilter(rejecting(learned)));
    t.announce(source, via("10.9.0.2").path(7L).get(), LOW.toString());
    t.rib.originate(List.of(OriginatedRoute.of(HIGH)));
    t.rib.settle();
    assertThat(target.heard).containsOnlyKeys(HIGH);
  }

  /** What a limit of prefixes goes by. */
  @Test
  void prefixesAreCountedOnceEach() {
    Peer peer = peer("10.9.0.2", Sessions.external(7).importFilter(rejecting(in(HIGH))));
    String low = LOW.toString();
    String high = HIGH.toString();
    t.announce(peer, via("10.9.0.2").path(7L).get(), low, high, "10.2.0.0/24");
    assertCounts(peer, 3, 2);
    t.announce(peer, via("10.9.0.2").path(7L).get(), low);
    assertCounts(peer, 3, 2);
    t.announce(peer, via("10.9.0.2").path(7L, 8L).get(), low, high, low);
    assertCounts(peer, 3, 2);
    t.announce(peer, via("10.9.0.2").path(7L, TestRib.AS).get(), low);
    assertCounts(peer, 3, 1);
    t.withdraw(peer, "10.3.0.0/24");
    assertCounts(peer, 3, 1);
    t.withdraw(peer, low);
    t.withdraw(peer, low);
    assertCounts(peer, 2, 1);
    t.down(peer, true);
    assertCounts(peer, 2, 1);
    t.up(peer);
    t.announce(peer, via("10.9.0.2").path(7L).get(), high);
    t.rib.endOfRib(peer.rib, Family.IPV4_UNICAST);
    t.rib.settle();
    assertCounts(peer, 1, 0);
    t.down(peer, false);
    assertCounts(peer, 0, 0);
  }

  private static void assertCounts(Peer peer, int received, int accepted) {
    assertThat(peer.rib.received()).isEqualTo(received);
    assertThat(peer.rib.accepted()).isEqualTo(accepted);
  }

  @Test
  void aNewImportFilterLooksAgainAtWhatWasAnnounced() {
    Peer peer = peer("10.9.0.2", Sessions.external(7));
    Peer other = peer("10.9.0.3", Sessions.external(8));
    t.announce(peer, via("10.9.0.2").path(7L).get(), LOW.toString());
    t.announce(peer, via("10.9.0.2").path(7L, TestRib.AS).get(), HIGH.toString());
    assertThat(other.heard).containsOnlyKeys(LOW);

    change(peer, Sessions.external(7).importFilter(rejecting(in(LOW))));
    assertThat(t.best).isEmpty();
    assertThat(other.heard).isEmpty();
    change(peer, Sessions.external(7).importFilter(changing(in(LOW), ADD_MARK)));
    assertThat(other.heard.get(LOW).communities()).containsExactly(MARK);
    change(peer, Sessions.external(7).allowLocal(1));
    assertThat(other.heard).containsOnlyKeys(LOW, HIGH);
    assertThat(other.heard.get(LOW).communities()).isEmpty();
    assertCounts(peer, 2, 2);
  }

  @Test
  void aNewExportFilterTellsWhatDiffersAndNothingElse() {
    Peer peer = peer("10.9.0.2", Sessions.external(7));
    Peer other = peer("10.9.0.3", Sessions.external(7));
    t.rib.originate(List.of(OriginatedRoute.of(LOW), OriginatedRoute.of(HIGH)));
    t.rib.settle();
    int toldOther = other.updates;
    int told = peer.updates;

    change(peer, Sessions.external(7).exportFilter(rejecting(in(LOW))));
    assertThat(peer.heard).containsOnlyKeys(HIGH);
    assertThat(peer.updates).isEqualTo(told + 1);
    assertThat(((Update) peer.messages.getLast()).announced().isEmpty()).isTrue();
    assertThat(other.heard).containsOnlyKeys(LOW, HIGH);
    change(peer, Sessions.external(7).exportFilter(changing(in(HIGH), ADD_MARK)));
    assertThat(peer.heard.get(HIGH).communities()).containsExactly(MARK);
    assertThat(peer.heard.get(LOW).communities()).isEmpty();
    change(peer, Sessions.external(7).exportFilter(RouteFilter.REJECT));
    assertThat(peer.heard).isEmpty();
    change(peer, Sessions.external(7));
    assertThat(peer.heard).isEqualTo(other.heard);
    int now = peer.updates;
    change(peer, Sessions.external(7).importFilter(RouteFilter.REJECT));
    assertThat(peer.updates).as("the export filter is the same").isEqualTo(now);
    assertThat(other.updates).as("nobody else is told").isEqualTo(toldOther);
    assertThat(peer.rib.advertised()).isEqualTo(2);
  }
}
