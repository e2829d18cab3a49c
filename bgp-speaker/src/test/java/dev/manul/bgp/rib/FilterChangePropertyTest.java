package dev.manul.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.PrefixMatch;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.bgp.filter.Rule.Action;
import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sessions that are up get other filters: neighbours hear the difference and nothing besides. */
class FilterChangePropertyTest {
  private static final int PREFIXES = 24;

  private static final List<RouteFilter> FILTERS =
      List.of(
          RouteFilter.ACCEPT,
          RouteFilter.REJECT,
          rejecting("10.244.0.0/23"),
          rejecting("10.244.2.0/23"));

  private static RouteFilter rejecting(String range) {
    Match match =
        Match.ANY.withPrefix(PrefixMatch.of(Prefix.parse(range), PrefixMatch.Operator.IN));
    return new RouteFilter(
        "but " + range, List.of(Rule.of(range, match, Action.REJECT)), Action.ACCEPT);
  }

  private static Sessions kind(int number) {
    return switch (number % 3) {
      case 0 -> Sessions.external(65001);
      case 1 -> Sessions.internal();
      default -> Sessions.internal().client();
    };
  }

  private static PeerSession session(int number, RouteFilter filter) {
    return kind(number)
        .remoteId(Ipv4Address.parse("10.0.0." + (2 + number)))
        .exportFilter(filter)
        .get();
  }

  private static Prefix prefix(int number) {
    return Prefix.of(new Ipv4Address(0x0af40000 + (number << 6)), 26);
  }

  @Test
  void onlyTheDifferenceIsTold() {
    TestRib t = new TestRib(false);
    Peer source = t.external("10.0.0.2");
    Peer other = t.client("10.0.0.4");
    Peer changing = t.client("10.0.0.5");
    t.announce(
        source, Attributes.via("10.0.0.2").path(100L).get(), "10.244.0.0/26", "10.244.2.0/26");
    int before = changing.updates;

    t.rib.filtersChanged(changing.rib, session(2, rejecting("10.244.0.0/23")));
    t.rib.settle();

    assertThat(changing.heard).containsOnlyKeys(Prefix.parse("10.244.2.0/26"));
    assertThat(changing.updates - before).as("one withdrawal").isEqualTo(1);
    assertThat(other.heard).hasSize(2);

    t.rib.filtersChanged(changing.rib, session(2, RouteFilter.ACCEPT));
    t.rib.settle();

    assertThat(changing.heard).isEqualTo(other.heard);
    assertThat(changing.updates - before).as("and one announcement").isEqualTo(2);
    assertThat(changing.rib.advertised()).isEqualTo(2);
  }

  @Test
  void whateverHappensMeanwhileNeighboursKnowWhatTheyAreToKnow() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      TestRib t = new TestRib(false);
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Peer peer = new Peer("10.0.0." + (2 + i));
        peer.session = session(i, RouteFilter.ACCEPT);
        peers.add(t.up(peer));
      }
      for (int step = 0; step < 120; step++) {
        step(t, peers, random);
      }
      for (Peer peer : peers) {
        peer.writable = true;
        t.rib.writable(peer.rib);
      }
      t.rib.settle();
      for (Peer peer : peers) {
        assertThat(peer.heard).as("seed %s, %s", seed, peer.address).isEqualTo(wanted(t, peer));
        assertThat(peer.rib.advertised()).as("seed %s", seed).isEqualTo(peer.heard.size());
      }
    }
  }

  private static void step(TestRib t, List<Peer> peers, Random random) {
    int number = random.nextInt(peers.size());
    Peer peer = peers.get(number);
    switch (random.nextInt(8)) {
      case 0 ->
          t.rib.filtersChanged(
              peer.rib, session(number, FILTERS.get(random.nextInt(FILTERS.size()))));
      case 1 -> {
        peer.writable = !peer.writable;
        if (peer.writable) {
          t.rib.writable(peer.rib);
        }
      }
      case 2 ->
          t.rib.update(
              peer.rib,
              new Update(
                  List.of(prefix(random.nextInt(PREFIXES))), PathAttributes.EMPTY, List.of()));
      default ->
          t.rib.update(
              peer.rib,
              new Update(
                  List.of(),
                  Attributes.via(peer.address.text())
                      .path(100L + random.nextInt(3))
                      .med(random.nextInt(3))
                      .get(),
                  List.of(prefix(random.nextInt(PREFIXES)))));
    }
    if (random.nextInt(3) == 0) {
      t.rib.settle();
    }
  }

  /** What the export rules and the filter say of the best paths, from scratch. */
  private static Map<Prefix, PathAttributes> wanted(TestRib t, Peer peer) {
    Map<Prefix, PathAttributes> wanted = new HashMap<>();
    for (int id = 0; id < t.rib.limit(); id++) {
      Path best = t.rib.inUse(id) ? t.rib.best(id) : null;
      if (best == null || !ExportRules.mayExport(best, t.rib.family(id), peer.rib)) {
        continue;
      }
      PathAttributes passed = peer.rib.filters.exported(id, best);
      if (passed != null) {
        wanted.put(t.rib.prefix(id), ExportRules.export(best, passed, t.rib.family(id), peer.rib));
      }
    }
    return wanted;
  }
}
