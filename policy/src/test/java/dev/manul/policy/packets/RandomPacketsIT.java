package dev.manul.policy.packets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.oracle.Decision;
import dev.manul.policy.oracle.Oracle;
import dev.manul.policy.oracle.Packet;
import dev.manul.policy.oracle.Worlds;
import dev.manul.policy.rendering.PolicyOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Random worlds in the kernel: real packets pass and are dropped as the oracle says. */
class RandomPacketsIT {

  private static final int PODS = 3;
  private static final int WORLDS = 4;
  private static final int STEPS = 12;
  private static final int PACKETS = 40;
  private static final Set<Address> NODE =
      Set.of(Address.parse(PolicyHosts.NODE), Address.parse(PolicyHosts.NODE6));

  /** A probe with what ought to become of it. */
  private record Expected(Probe probe, Decision decision) {}

  @ParameterizedTest
  @EnumSource
  void realPacketsGoAsTheOracleSays(Backend backend) {
    int passed = 0;
    int dropped = 0;
    for (int seed = 1; seed <= WORLDS; seed++) {
      try (var hosts = new PolicyHosts(PODS);
          var policies =
              NetworkPolicies.start(
                  hosts.node,
                  NetworkPolicyOptions.DEFAULT
                      .withBackend(backend)
                      .withRules(PolicyOptions.DEFAULT.withDropsInvalid(false)))) {
        var worlds = new Worlds(seed, Worlds.Shape.SMALL.withoutHosts());
        policies.apply(worlds.start());
        policies.synced();
        for (int step = 0; step < STEPS; step++) {
          policies.apply(worlds.step());
          awaitSettled(policies);
          hosts.forgetConnections();
          List<Expected> expected = expected(worlds);
          BitSet arrived = hosts.arrived(expected.stream().map(Expected::probe).toList());
          for (int i = 0; i < expected.size(); i++) {
            Expected one = expected.get(i);
            assertThat(arrived.get(i))
                .as(
                    "%s seed %d step %d: %s, expected %s",
                    backend, seed, step, one.probe(), one.decision())
                .isEqualTo(one.decision().allowed());
            passed += arrived.get(i) ? 1 : 0;
            dropped += arrived.get(i) ? 0 : 1;
          }
        }
      }
    }
    assertThat(passed).isGreaterThan(1_000);
    assertThat(dropped).isGreaterThan(1_000);
  }

  private static void awaitSettled(NetworkPolicies policies) {
    // Answered after what was told before the question.
    Boolean _ = policies.ask(_ -> true).join();
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () -> assertThat(policies.status().settled()).as("%s", policies.status()).isTrue());
  }

  private static List<Expected> expected(Worlds worlds) {
    var oracle = new Oracle(worlds.world());
    List<Expected> all = new ArrayList<>();
    Set<String> tuples = new HashSet<>();
    for (Endpoint local : worlds.world().locals()) {
      for (int i = 0; i < PACKETS; i++) {
        Direction direction = i % 2 == 0 ? Direction.INGRESS : Direction.EGRESS;
        Packet packet = worlds.packet(local, direction);
        // What looks like the answer to another packet would pass as that.
        if (isWired(worlds, packet) && !tuples.contains(tuple(packet, true))) {
          var _ = tuples.add(tuple(packet, false));
          all.add(new Expected(Probe.of(packet), oracle.path(packet, NODE)));
        }
      }
    }
    return all;
  }

  /**
   * Pods of the test always have their addresses, those of the world may lack one; what a pod sends
   * to itself or to the node goes another way.
   */
  private static boolean isWired(Worlds worlds, Packet packet) {
    return !packet.source().equals(packet.destination())
        && isKnown(worlds, packet.source())
        && isKnown(worlds, packet.destination());
  }

  private static boolean isKnown(Worlds worlds, Address address) {
    String device = PolicyHosts.device(address);
    return switch (device) {
      case "" -> false;
      case "eth0" -> address.isGlobalUnicast() && !address.isLoopback();
      default ->
          worlds.world().locals().stream()
              .filter(e -> e.local().orElseThrow().device().equals(device))
              .anyMatch(e -> e.addresses().contains(address.toPrefix()));
    };
  }

  private static String tuple(Packet packet, boolean reversed) {
    String source = packet.source() + " " + packet.sourcePort();
    String destination = packet.destination() + " " + packet.destinationPort();
    return packet.protocol()
        + " "
        + (reversed ? destination + " " + source : source + " " + destination);
  }
}
