package dev.manul.bgp.rib;

import static dev.manul.bgp.rib.Attributes.via;
import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.rib.TestRib.Peer;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PrefixList;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Several paths a prefix, from a neighbour and to it (RFC 7911). */
class AddPathTest {
  private static final Prefix PREFIX = Prefix.parse("10.244.0.0/26");

  private final TestRib t = new TestRib(false);

  private static void announce(TestRib t, Peer from, PathAttributes attributes, int identifier) {
    t.rib.update(from.rib, new Update(PrefixList.EMPTY, attributes, list(PREFIX, identifier)));
    t.rib.settle();
  }

  private static void withdraw(TestRib t, Peer from, int identifier) {
    t.rib.update(
        from.rib, new Update(list(PREFIX, identifier), PathAttributes.EMPTY, PrefixList.EMPTY));
    t.rib.settle();
  }

  private static PrefixList list(Prefix prefix, int identifier) {
    PrefixList.Builder builder = new PrefixList.Builder(AddressFamily.IPV4, true);
    builder.add(prefix, identifier);
    return builder.build();
  }

  @Test
  void pathsOfOneNeighborAreKeptApartByTheirIdentifiers() {
    Peer peer = t.internal("10.0.0.2");
    announce(t, peer, via("10.0.0.21").localPreference(100).get(), 7);
    announce(t, peer, via("10.0.0.22").localPreference(200).get(), 8);
    assertThat(peer.rib.received()).isEqualTo(2);
    assertThat(t.best.get(PREFIX).nextHops()).containsExactly(Ipv4Address.parse("10.0.0.22"));
    withdraw(t, peer, 8);
    assertThat(t.best.get(PREFIX).nextHops()).containsExactly(Ipv4Address.parse("10.0.0.21"));
    withdraw(t, peer, 9);
    assertThat(t.best).containsKey(PREFIX);
    t.down(peer, false);
    assertThat(t.best).isEmpty();
    assertThat(t.rib.pathCount()).isZero();
  }

  @Test
  void theBestPathsGoOutUnderIdentifiersThatStay() {
    Peer several = t.client("10.0.0.9", 2);
    Peer single = t.client("10.0.0.8");
    Peer peer = t.internal("10.0.0.2");
    announce(t, peer, via("10.0.0.21").localPreference(100).get(), 1);
    announce(t, peer, via("10.0.0.22").localPreference(200).get(), 2);
    announce(t, peer, via("10.0.0.23").localPreference(150).get(), 3);
    assertThat(hops(several)).containsExactlyInAnyOrder("10.0.0.22", "10.0.0.23");
    assertThat(single.heard.get(PREFIX).nextHop()).contains(Ipv4Address.parse("10.0.0.22"));
    int second = several.identifierOf(PREFIX, "10.0.0.23");
    withdraw(t, peer, 2);
    assertThat(hops(several)).containsExactlyInAnyOrder("10.0.0.21", "10.0.0.23");
    assertThat(several.identifierOf(PREFIX, "10.0.0.23")).isEqualTo(second);
    assertThat(single.heard.get(PREFIX).nextHop()).contains(Ipv4Address.parse("10.0.0.23"));
    withdraw(t, peer, 1);
    withdraw(t, peer, 3);
    assertThat(several.paths).isEmpty();
    assertThat(several.rib.advertised()).isZero();
  }

  private static List<String> hops(Peer peer) {
    List<String> hops = new ArrayList<>();
    peer.paths.values().forEach(a -> hops.add(a.nextHop().orElseThrow().text()));
    return hops;
  }

  /** Whatever happens on the way, who takes all paths knows all of the others' in the end. */
  @Test
  void whoTakesEverythingKnowsEverything() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      TestRib rib = new TestRib(false);
      List<Peer> peers = new ArrayList<>();
      Map<String, String> wanted = new HashMap<>();
      for (int i = 2; i < 6; i++) {
        peers.add(rib.client("10.0.0." + i, 100));
      }
      for (int step = 0; step < 120; step++) {
        int number = random.nextInt(peers.size());
        Peer peer = peers.get(number);
        int identifier = random.nextInt(3);
        String hop = "10.0.1." + (10 * number + identifier);
        if (random.nextInt(3) == 0) {
          withdraw(rib, peer, identifier);
          wanted.remove(peer.address + " " + hop);
        } else {
          announce(rib, peer, via(hop).localPreference(100).med(step).get(), identifier);
          wanted.put(peer.address + " " + hop, "" + step);
        }
        peers.get(random.nextInt(peers.size())).writable = random.nextBoolean();
      }
      for (Peer peer : peers) {
        peer.writable = true;
        rib.rib.writable(peer.rib);
      }
      rib.rib.settle();
      for (Peer peer : peers) {
        Map<String, String> told = new HashMap<>();
        peer.paths.forEach(
            (key, a) ->
                told.put(
                    a.originatorId().orElseThrow() + " " + a.nextHop().orElseThrow(),
                    "" + a.multiExitDiscriminator().getAsLong()));
        Map<String, String> others = new HashMap<>(wanted);
        others.keySet().removeIf(key -> key.startsWith(peer.address + " "));
        assertThat(told).as("seed %s peer %s", seed, peer.address).isEqualTo(others);
      }
      peers.forEach(peer -> rib.rib.peerDown(peer.rib, Set.of(), Set.of()));
      rib.rib.settle();
      for (int id = 0; id < rib.rib.limit(); id++) {
        assertThat(rib.rib.inUse(id)).as("seed %s", seed).isFalse();
      }
    }
  }
}
