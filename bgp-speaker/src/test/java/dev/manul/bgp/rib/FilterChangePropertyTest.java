package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static dev.manul.bgp.rib.Filters.changing;
import static dev.manul.bgp.rib.Filters.in;
import static dev.manul.bgp.rib.Filters.rejecting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.filter.Community;
import dev.manul.bgp.filter.Match;
import dev.manul.bgp.filter.Operation.AddCommunity;
import dev.manul.bgp.filter.Operation.PrependAsPath;
import dev.manul.bgp.filter.RouteFilter;
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

/** Sessions that are up get other filters, again and again, while routes come and go. */
class FilterChangePropertyTest {
  private static final int PREFIXES = 24;

  private static final List<RouteFilter> FILTERS =
      List.of(
          RouteFilter.ACCEPT,
          RouteFilter.REJECT,
          rejecting(in("10.244.0.0/23")),
          rejecting(in("10.244.2.0/23")),
          changing(in("10.244.1.0/24"), new AddCommunity(Community.parse("65000:9"))),
          changing(Match.ANY, new PrependAsPath(List.of(5L))));

  private static Sessions kind(int number) {
    return switch (number % 3) {
      case 0 -> Sessions.external(65001 + number);
      case 1 -> Sessions.internal();
      default -> Sessions.internal().client();
    };
  }

  private static PeerSession session(int number, RouteFilter in, RouteFilter out) {
    return kind(number)
        .remoteId(Ipv4Address.parse("10.0.0." + (2 + number)))
        .importFilter(in)
        .exportFilter(out)
        .get();
  }

  private static Prefix prefix(int number) {
    return Prefix.of(new Ipv4Address(0x0af40000 + (number << 6)), 26);
  }

  private static <T> T any(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  /** Any sequence of changes ends where a RIB would be that had the last filters from the start. */
  @Test
  void whateverHappensMeanwhileNeighboursKnowWhatTheyAreToKnow() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      TestRib t = new TestRib(false);
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Peer peer = new Peer("10.0.0." + (2 + i));
        peer.session = session(i, RouteFilter.ACCEPT, RouteFilter.ACCEPT);
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
      assertAsFromTheStart(seed, t, peers);
    }
  }

  private static void step(TestRib t, List<Peer> peers, Random random) {
    int number = random.nextInt(peers.size());
    Peer peer = peers.get(number);
    switch (random.nextInt(8)) {
      case 0 -> {
        peer.session = session(number, any(FILTERS, random), any(FILTERS, random));
        t.rib.filtersChanged(peer.rib, peer.session);
      }
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
                  via(peer.address.text())
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

  private static void assertAsFromTheStart(int seed, TestRib changed, List<Peer> peers) {
    TestRib fresh = new TestRib(false);
    Map<Peer, Peer> twins = new HashMap<>();
    for (Peer peer : peers) {
      Peer twin = new Peer(peer.address.text());
      twin.session = peer.session;
      twins.put(peer, fresh.up(twin));
    }
    for (Peer peer : peers) {
      Map<Prefix, PathAttributes> announced = new HashMap<>();
      RibView.in(changed.rib, peer.rib).forEach(e -> announced.put(e.prefix(), e.attributes()));
      announced.forEach((p, a) -> fresh.announce(twins.get(peer), a, p.toString()));
    }
    assertThat(changed.best).as("seed %s", seed).isEqualTo(fresh.best);
    for (Peer peer : peers) {
      Peer twin = twins.get(peer);
      assertThat(peer.heard).as("seed %s, %s", seed, peer.address).isEqualTo(twin.heard);
      assertThat(peer.rib.accepted()).as("seed %s", seed).isEqualTo(twin.rib.accepted());
    }
  }
}
