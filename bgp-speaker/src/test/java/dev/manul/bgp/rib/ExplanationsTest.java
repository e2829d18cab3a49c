package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.NextHopResolver.Resolution;
import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.RouteExplanation;
import dev.manul.bgp.RouteExplanation.Export;
import dev.manul.bgp.RouteExplanation.PathVerdict;
import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.PrefixMatch;
import dev.manul.bgp.filter.PrefixMatch.Operator;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.bgp.filter.Rule.Action;
import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Why a path is the best one, and why a neighbour is told or not. */
class ExplanationsTest {
  private static final String TEN = "10.1.0.0/16";

  private final TestRib t = new TestRib(false);
  private final Map<String, Peer> peers = new TreeMap<>();

  private Peer peer(String address, Sessions session) {
    Peer peer = new Peer(address);
    peer.session = session.remoteId(Ipv4Address.parse(address)).get();
    peers.put(address, peer);
    return t.up(peer);
  }

  private RouteExplanation why(String prefix) {
    return Explanations.explain(
            t.rib, Prefix.parse(prefix), peers.values().stream().map(p -> p.rib).toList())
        .orElseThrow();
  }

  /** The paths, each as its neighbour, what has been decided, both values and the rule. */
  private List<String> paths(String prefix) {
    return why(prefix).paths().stream().map(ExplanationsTest::text).toList();
  }

  private static String text(PathVerdict p) {
    return String.join(
            " ",
            p.peer().map(Address::text).orElse("own"),
            p.verdict(),
            p.value() + "/" + p.bestValue(),
            p.filter(),
            p.best() ? "best" : "",
            p.used() ? "used" : "",
            p.stale() ? "stale" : "")
        .replaceAll(" +", " ")
        .strip();
  }

  private Export towards(String address, String prefix) {
    return why(prefix).neighbors().stream()
        .filter(e -> e.peer().text().equals(address))
        .findFirst()
        .orElseThrow();
  }

  private String exports(String address, String prefix) {
    Export export = towards(address, prefix);
    return (export.verdict() + " " + export.filter() + (export.pending() ? " pending" : ""))
        .replaceAll(" +", " ")
        .strip();
  }

  private static RouteFilter rejecting(String filter, String prefix) {
    Match match = Match.ANY.withPrefix(PrefixMatch.of(Prefix.parse(prefix), Operator.IN));
    return new RouteFilter(
        filter, List.of(Rule.of("no-" + prefix, match, Action.REJECT)), Action.ACCEPT);
  }

  @Test
  void eachPathSaysWhereItLost() {
    t.resolutions.put(Address.parse("10.9.0.66"), Resolution.UNREACHABLE);
    t.announce(peer("10.9.0.2", Sessions.external(7)), via("10.9.0.2").path(7L).get(), TEN);
    t.announce(peer("10.9.0.3", Sessions.external(8)), via("10.9.0.3").path(8L).get(), TEN);
    t.announce(peer("10.9.0.4", Sessions.external(7)), via("10.9.0.4").path(7L).med(9).get(), TEN);
    t.announce(peer("10.9.0.5", Sessions.external(7)), via("10.9.0.5").path(7L, 9L).get(), TEN);
    t.announce(peer("10.9.0.6", Sessions.external(7)), via("10.9.0.66").path(7L).get(), TEN);
    t.announce(
        peer("10.9.0.7", Sessions.external(7)), via("10.9.0.7").path(7L, TestRib.AS).get(), TEN);
    t.announce(
        peer("10.9.0.8", Sessions.external(7).importFilter(rejecting("strict", "10.0.0.0/8"))),
        via("10.9.0.8").path(7L).get(),
        TEN);
    t.announce(
        peer("10.0.0.2", Sessions.internal()), via("10.0.0.2").localPreference(90).get(), TEN);
    assertThat(paths(TEN))
        .containsExactly(
            "10.9.0.2 best / best used",
            "10.9.0.3 router-id 10.9.0.3/10.9.0.2 used",
            "10.9.0.4 multi-exit-discriminator 9/0",
            "10.9.0.5 as-path-length 2/1",
            "10.0.0.2 local-preference 90/100",
            "10.9.0.6 unreachable-next-hop 10.9.0.66/",
            "10.9.0.7 as-loop /",
            "10.9.0.8 refused-by-policy / strict/no-10.0.0.0/8");
    assertThat(why(TEN).paths().get(1).reason())
        .isEqualTo("higher router id; used as an equal path");
  }

  @Test
  void attributesAreShownAsTheyCameAndAsTheyCount() {
    t.announce(
        peer("10.9.0.2", Sessions.external(7)),
        via("10.9.0.2").path(7L).localPreference(4).get(),
        TEN);
    PathVerdict path = why(TEN).paths().getFirst();
    assertThat(path.received().localPreference()).hasValue(4);
    assertThat(path.attributes().localPreference()).isEmpty();
  }

  @Test
  void stalePathsSaySo() {
    Peer peer = peer("10.9.0.2", Sessions.external(7));
    t.announce(peer, via("10.9.0.2").path(7L).get(), TEN);
    t.down(peer, true);
    assertThat(paths(TEN)).containsExactly("10.9.0.2 best / best used stale");
    t.rib.longLivedStale(peer.rib, Family.IPV4_UNICAST);
    t.rib.settle();
    t.announce(
        peer("10.9.0.3", Sessions.external(8)), via("10.9.0.3").path(8L, 9L, 10L).get(), TEN);
    assertThat(paths(TEN))
        .containsExactly("10.9.0.3 best / best used", "10.9.0.2 long-lived-stale / stale");
  }

  @Test
  void theLongestPrefixThatContainsWhatIsAsked() {
    Peer peer = peer("10.9.0.2", Sessions.external(7));
    t.announce(peer, via("10.9.0.2").path(7L).get(), "10.0.0.0/8", TEN);
    assertThat(why("10.1.2.3/32").prefix()).isEqualTo(Prefix.parse(TEN));
    assertThat(why("10.2.2.3/32").prefix()).isEqualTo(Prefix.parse("10.0.0.0/8"));
    assertThat(why("10.0.0.0/8").prefix()).isEqualTo(Prefix.parse("10.0.0.0/8"));
    assertThat(Explanations.explain(t.rib, Prefix.parse("11.0.0.0/8"), List.of())).isEmpty();
    assertThat(Explanations.explain(t.rib, Prefix.parse("2001:db8::/32"), List.of())).isEmpty();
  }

  @Test
  void eachNeighborSaysWhyItIsToldOrNot() {
    Peer source = peer("10.0.0.2", Sessions.internal());
    peer("10.0.0.3", Sessions.internal());
    peer("10.0.0.4", Sessions.internal().client());
    peer("10.9.0.2", Sessions.external(7));
    peer("10.9.0.3", Sessions.external(7).exportFilter(rejecting("out", "10.1.0.0/16")));
    peer("10.9.0.4", Sessions.external(7).exportFilter(RouteFilter.REJECT));
    peer("10.9.0.5", Sessions.external(7).localAddress("2001:db8::1"));
    Peer slow = peer("10.9.0.6", Sessions.external(7));
    Peer gone = peer("10.9.0.7", Sessions.external(7));
    t.down(gone, false);
    slow.writable = false;
    t.announce(source, via("10.0.0.2").get(), TEN);
    assertThat(exports("10.0.0.2", TEN)).isEqualTo("split-horizon");
    assertThat(exports("10.0.0.3", TEN)).isEqualTo("internal");
    assertThat(exports("10.0.0.4", TEN)).isEqualTo("exported accept/");
    assertThat(exports("10.9.0.2", TEN)).isEqualTo("exported accept/");
    assertThat(exports("10.9.0.3", TEN)).isEqualTo("filter out/no-10.1.0.0/16");
    assertThat(exports("10.9.0.4", TEN)).isEqualTo("filter reject/");
    assertThat(exports("10.9.0.5", TEN)).isEqualTo("next-hop accept/");
    assertThat(exports("10.9.0.6", TEN)).isEqualTo("exported accept/ pending");
    assertThat(exports("10.9.0.7", TEN)).isEqualTo("no-session");
    assertThat(towards("10.9.0.2", TEN).told()).contains(via("10.0.0.1").path(TestRib.AS).get());
    assertThat(towards("10.9.0.6", TEN).told()).isEmpty();

    slow.writable = true;
    t.rib.writable(slow.rib);
    assertThat(exports("10.9.0.6", TEN)).isEqualTo("exported accept/");
    slow.writable = false;
    t.withdraw(source, TEN);
    assertThat(Explanations.explain(t.rib, Prefix.parse(TEN), List.of())).isEmpty();
    t.announce(source, via("10.0.0.2").communities(0xffffff01).get(), TEN);
    assertThat(exports("10.9.0.2", TEN)).isEqualTo("no-export");
    assertThat(exports("10.9.0.6", TEN)).as("a withdrawal waits").isEqualTo("no-export pending");
    assertThat(towards("10.9.0.6", TEN).told()).isPresent();
  }

  @Test
  void learnedRoutesWaitAndOwnOnesDoNot() {
    TestRib deferring = new TestRib(true);
    Peer peer = deferring.external("10.9.0.2");
    Peer other = deferring.external("10.9.0.3");
    deferring.announce(peer, via("10.9.0.2").path(7L).get(), TEN);
    deferring.rib.originate(List.of(OriginatedRoute.of(Prefix.parse("10.7.0.0/26"))));
    deferring.rib.settle();
    List<RibPeer> both = List.of(peer.rib, other.rib);
    assertThat(
            Explanations.explain(deferring.rib, Prefix.parse(TEN), both).orElseThrow().neighbors())
        .extracting(Export::verdict)
        .containsExactly("deferred", "deferred");
    assertThat(
            Explanations.explain(deferring.rib, Prefix.parse("10.7.0.0/26"), both)
                .orElseThrow()
                .neighbors())
        .extracting(Export::verdict)
        .containsExactly("exported", "exported");
    assertThat(Set.copyOf(peer.heard.keySet())).containsExactly(Prefix.parse("10.7.0.0/26"));
  }
}
