package dev.manul.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random changes from several neighbours, in any interleaving. */
class RibPropertyTest {
  private static final int PREFIXES = 12;

  /** One neighbour's last word on each prefix; null is a withdrawal. */
  private record Change(int peer, Prefix prefix, PathAttributes attributes) {}

  @Test
  void theOrderOfChangesDoesNotMatter() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<List<Change>> scripts = new ArrayList<>();
      for (int peer = 0; peer < 5; peer++) {
        scripts.add(script(random, peer));
      }
      Map<String, String> first = outcome(scripts, new Random(seed * 31L));
      Map<String, String> second = outcome(scripts, new Random(seed * 37L + 1));
      assertThat(second).as("seed %s", seed).isEqualTo(first);
    }
  }

  private static List<Change> script(Random random, int peer) {
    List<Change> script = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Prefix prefix = prefix(random.nextInt(PREFIXES));
      script.add(
          new Change(peer, prefix, random.nextInt(4) == 0 ? null : attributes(random, peer)));
    }
    return script;
  }

  private static Prefix prefix(int number) {
    return Prefix.of(new Ipv4Address(0x0af40000 + (number << 6)), 26);
  }

  private static PathAttributes attributes(Random random, int peer) {
    Attributes attributes =
        Attributes.via("10.0.0." + (2 + (random.nextBoolean() ? peer : random.nextInt(5))))
            .origin(random.nextBoolean() ? Origin.IGP : Origin.EGP)
            .path(100L + random.nextInt(2))
            .med(random.nextInt(3));
    if (random.nextInt(3) == 0) {
      attributes.localPreference(100 + random.nextInt(2));
    }
    if (random.nextInt(3) == 0) {
      attributes.communities(0xffffff01 + random.nextInt(3));
    }
    if (random.nextInt(4) == 0) {
      attributes.originator("10.0.1." + random.nextInt(3));
    }
    if (random.nextInt(5) == 0) {
      attributes.path(TestRib.AS);
    }
    return attributes.get();
  }

  private static Peer peer(TestRib t, int number) {
    String address = "10.0.0." + (2 + number);
    return switch (number) {
      case 0, 1 -> t.internal(address);
      case 2 -> t.external(address);
      default -> t.client(address);
    };
  }

  private static Map<String, String> outcome(List<List<Change>> scripts, Random random) {
    TestRib t = new TestRib(false);
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < scripts.size(); i++) {
      peers.add(peer(t, i));
    }
    int[] at = new int[scripts.size()];
    int left = scripts.stream().mapToInt(List::size).sum();
    while (left > 0) {
      int p = random.nextInt(scripts.size());
      if (at[p] < scripts.get(p).size()) {
        apply(t, peers.get(p), scripts.get(p).get(at[p]++), random);
        left--;
      }
      toggle(peers, random, t);
      if (random.nextInt(6) == 0) {
        t.rib.settle();
      }
    }
    peers.forEach(
        peer -> {
          peer.writable = true;
          t.rib.writable(peer.rib);
        });
    t.rib.settle();
    peers.forEach(peer -> assertOutMatches(t, peer));
    assertListenerMatches(t);
    Map<String, String> outcome = new TreeMap<>();
    RibView.all(t.rib)
        .forEach(
            e ->
                outcome.put(
                    e.prefix() + " " + e.peer(),
                    e.attributes() + " " + e.best() + " " + e.reason()));
    peers.forEach(peer -> outcome.put("out " + peer.address, new TreeMap<>(peer.heard).toString()));
    return outcome;
  }

  private static void apply(TestRib t, Peer peer, Change change, Random random) {
    boolean withdraw = change.attributes == null;
    t.rib.update(
        peer.rib,
        withdraw
            ? new Update(List.of(change.prefix), PathAttributes.EMPTY, List.of())
            : new Update(List.of(), change.attributes, List.of(change.prefix)));
    if (random.nextInt(10) == 0) {
      t.rib.refresh(peer.rib, Family.IPV4_UNICAST, false);
    }
  }

  private static void toggle(List<Peer> peers, Random random, TestRib t) {
    if (random.nextInt(8) == 0) {
      Peer peer = peers.get(random.nextInt(peers.size()));
      peer.writable = !peer.writable;
      if (peer.writable) {
        t.rib.writable(peer.rib);
      }
    }
  }

  /** What the neighbour has heard is what the export rules say of the best paths, from scratch. */
  private static void assertOutMatches(TestRib t, Peer peer) {
    Map<Prefix, PathAttributes> wanted = new HashMap<>();
    for (int id = 0; id < t.rib.limit(); id++) {
      if (t.rib.inUse(id) && t.rib.best(id) != null) {
        Path best = t.rib.best(id);
        PathAttributes told =
            ExportRules.mayExport(best, t.rib.family(id), peer.rib)
                ? ExportRules.export(best, best.attributes.value, t.rib.family(id), peer.rib)
                : null;
        if (told != null) {
          wanted.put(t.rib.prefix(id), told);
        }
      }
    }
    assertThat(peer.heard).isEqualTo(wanted);
    assertThat(RibView.out(t.rib, peer.rib)).hasSize(wanted.size());
    assertThat(peer.rib.advertised()).isEqualTo(wanted.size());
  }

  private static void assertListenerMatches(TestRib t) {
    Map<Prefix, PathAttributes> wanted = new HashMap<>();
    RibView.all(t.rib).stream()
        .filter(e -> e.best() && e.peer().isPresent())
        .forEach(e -> wanted.put(e.prefix(), e.attributes()));
    Map<Prefix, PathAttributes> told = new HashMap<>();
    t.best.forEach((prefix, path) -> told.put(prefix, path.attributes()));
    assertThat(told).isEqualTo(wanted);
  }

  @Test
  void nothingIsLeftBehindWhenEverybodyHasGone() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      TestRib t = new TestRib(false);
      List<Peer> peers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        peers.add(peer(t, i));
      }
      for (int round = 0; round < 60; round++) {
        int p = random.nextInt(5);
        Peer peer = peers.get(p);
        switch (random.nextInt(12)) {
          case 0 -> {
            t.down(peer, random.nextBoolean());
            t.up(peer);
          }
          case 1 -> t.rib.endOfRib(peer.rib, Family.IPV4_UNICAST);
          case 2 -> t.rib.originate(List.of(OriginatedRoute.of(prefix(random.nextInt(PREFIXES)))));
          default -> script(random, p).subList(0, 3).forEach(c -> apply(t, peer, c, random));
        }
        toggle(peers, random, t);
        t.rib.settle();
      }
      peers.forEach(
          peer -> {
            peer.writable = true;
            t.rib.writable(peer.rib);
            assertOutMatches(t, peer);
          });
      assertListenerMatches(t);
      t.rib.originate(List.of());
      peers.forEach(peer -> t.rib.peerDown(peer.rib, Set.of(), Set.of()));
      t.rib.settle();
      assertThat(t.best).as("seed %s", seed).isEmpty();
      assertThat(t.rib.pathCount()).isZero();
      assertThat(t.rib.prefixCount()).isZero();
      for (int id = 0; id < t.rib.limit(); id++) {
        assertThat(t.rib.inUse(id)).as("seed %s number %s", seed, id).isFalse();
      }
      assertThat(peers).allMatch(peer -> peer.rib.received() == 0 && peer.rib.accepted() == 0);
    }
  }
}
