package dev.manul.policy.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AddressFamily;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.oracle.Decision.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Random worlds are worth something only when their rules meet packets, each field of them. */
class WorldsTest {

  private static final int WORLDS = 150;

  private final Map<String, Integer> met = new TreeMap<>();
  private final Map<String, Integer> missed = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();

  @Test
  void allThatRulesCanSayMeetsPacketsAndMissesThem() {
    for (int seed = 0; seed < WORLDS; seed++) {
      var worlds = new Worlds(seed, Worlds.Shape.SMALL);
      assertThat(worlds.start()).isNotEmpty();
      for (int step = 0; step < 4; step++) {
        look(worlds);
        assertThat(worlds.step()).isNotEmpty();
      }
    }
    assertThat(counts)
        .containsKeys(
            "staged",
            "untracked",
            "pre-DNAT",
            "forward",
            "endless order",
            "tier of pass",
            "policy without tier",
            "endpoint without profile",
            "shared address");
    for (String feature : features()) {
      assertThat(met.getOrDefault(feature, 0)).as("met: %s in %s", feature, met).isGreaterThan(9);
      assertThat(missed.getOrDefault(feature, 0))
          .as("missed: %s in %s", feature, missed)
          .isGreaterThan(9);
    }
    int all = counts.get("ALLOW") + counts.get("DENY");
    assertThat(counts.get("ALLOW")).as("%s", counts).isBetween(all / 5, all * 4 / 5);
    assertThat(counts.get("UNDECIDED")).as("%s", counts).isGreaterThan(100);
    assertThat(counts.get("by rules")).as("%s", counts).isGreaterThan(all / 4);
  }

  @Test
  void theSameSeedMakesTheSameWorlds() {
    assertThat(told(7)).isEqualTo(told(7)).isNotEqualTo(told(8));
  }

  private static List<Object> told(long seed) {
    List<Object> told = new ArrayList<>();
    var worlds = new Worlds(seed, Worlds.Shape.SMALL);
    told.add(worlds.start());
    for (int i = 0; i < 50; i++) {
      told.add(worlds.step());
      for (Endpoint local : worlds.world().locals()) {
        told.add(worlds.packet(local, Direction.INGRESS));
      }
    }
    return told;
  }

  private static List<String> features() {
    return List.of(
        "ALLOW",
        "DENY",
        "LOG",
        "PASS",
        "family",
        "protocol",
        "notProtocol",
        "icmp",
        "notIcmp",
        "ICMP",
        "ICMPv6",
        "SCTP",
        "other protocol",
        "source nets",
        "source notNets",
        "source selector",
        "source notSelector",
        "source ports",
        "source namedPorts",
        "source notPorts",
        "source notNamedPorts",
        "source service",
        "destination nets",
        "destination notNets",
        "destination selector",
        "destination notSelector",
        "destination ports",
        "destination namedPorts",
        "destination notPorts",
        "destination notNamedPorts",
        "destination service",
        "destination many ports",
        "IPv4",
        "IPv6");
  }

  private void look(Worlds worlds) {
    World world = worlds.world();
    var oracle = new Oracle(world);
    for (Endpoint local : world.locals()) {
      for (Direction direction : Direction.values()) {
        for (Hook hook : Hook.values()) {
          Packet packet = worlds.packet(local, direction);
          Decision decision = oracle.decide(local, hook, direction, packet);
          count(counts, decision.verdict().name());
          if (decision.by().contains(" rule ") && decision.verdict() != Verdict.UNDECIDED) {
            count(counts, "by rules");
          }
          for (Policy policy : world.policies().values()) {
            for (Rule rule : policy.rules(direction)) {
              countFields(oracle.matches(rule, packet) ? met : missed, rule, packet);
            }
          }
        }
      }
    }
    world.policies().values().forEach(policy -> countPolicy(world, policy));
    countEndpoints(world);
  }

  private void countPolicy(World world, Policy policy) {
    countIf(counts, policy.staged(), "staged");
    countIf(counts, policy.stage() == Policy.Stage.UNTRACKED, "untracked");
    countIf(counts, policy.stage() == Policy.Stage.PRE_DNAT, "pre-DNAT");
    countIf(counts, policy.stage() == Policy.Stage.NORMAL && policy.onForward(), "forward");
    countIf(counts, policy.order() == Double.POSITIVE_INFINITY, "endless order");
    countIf(counts, !world.tiers().containsKey(policy.tier()), "policy without tier");
  }

  private void countEndpoints(World world) {
    world
        .tiers()
        .values()
        .forEach(tier -> countIf(counts, tier.defaultAction() == Action.PASS, "tier of pass"));
    Map<Object, Integer> addresses = new TreeMap<>();
    for (Endpoint endpoint : world.endpoints().values()) {
      endpoint.addresses().forEach(address -> addresses.merge(address, 1, Integer::sum));
      boolean there = world.profiles().keySet().containsAll(endpoint.profiles());
      countIf(counts, !there, "endpoint without profile");
    }
    countIf(counts, addresses.containsValue(2), "shared address");
  }

  private static void countFields(Map<String, Integer> into, Rule rule, Packet packet) {
    count(into, rule.action().name());
    count(into, packet.family() == AddressFamily.IPV4 ? "IPv4" : "IPv6");
    countIf(into, rule.family().isPresent(), "family");
    countIf(into, rule.protocol().isPresent(), "protocol");
    countIf(into, rule.notProtocol().isPresent(), "notProtocol");
    countIf(into, rule.icmp().isPresent(), "icmp");
    countIf(into, rule.notIcmp().isPresent(), "notIcmp");
    int protocol = rule.protocol().orElse(0);
    countIf(into, protocol == Packet.ICMP, "ICMP");
    countIf(into, protocol == Packet.ICMPV6, "ICMPv6");
    countIf(into, protocol == Packet.SCTP, "SCTP");
    countIf(into, protocol == 47 || protocol == 136, "other protocol");
    countFields(into, "source ", rule.source());
    countFields(into, "destination ", rule.destination());
  }

  private static void countFields(Map<String, Integer> into, String end, Peer peer) {
    countIf(into, !peer.nets().isEmpty(), end + "nets");
    countIf(into, !peer.notNets().isEmpty(), end + "notNets");
    countIf(into, peer.selector().isPresent(), end + "selector");
    countIf(into, peer.notSelector().isPresent(), end + "notSelector");
    countIf(into, !peer.ports().isEmpty(), end + "ports");
    countIf(into, !peer.namedPorts().isEmpty(), end + "namedPorts");
    countIf(into, !peer.notPorts().isEmpty(), end + "notPorts");
    countIf(into, !peer.notNamedPorts().isEmpty(), end + "notNamedPorts");
    countIf(into, peer.service().isPresent(), end + "service");
    countIf(into, peer.ports().contains(PortRange.of(2000)), end + "many ports");
  }

  private static void countIf(Map<String, Integer> into, boolean so, String what) {
    if (so) {
      count(into, what);
    }
  }

  private static void count(Map<String, Integer> into, String what) {
    into.merge(what, 1, Integer::sum);
  }
}
