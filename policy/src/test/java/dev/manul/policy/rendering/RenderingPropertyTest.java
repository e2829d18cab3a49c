package dev.manul.policy.rendering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.calculation.Changes;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.TableName;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.oracle.Decision;
import dev.manul.policy.oracle.Decision.Verdict;
import dev.manul.policy.oracle.Hook;
import dev.manul.policy.oracle.Mirror;
import dev.manul.policy.oracle.Oracle;
import dev.manul.policy.oracle.Packet;
import dev.manul.policy.oracle.Shrunk;
import dev.manul.policy.oracle.World;
import dev.manul.policy.oracle.Worlds;
import dev.manul.policy.rendering.RuleSimulator.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random worlds: the rendered rules decide about packets as the oracle does. */
class RenderingPropertyTest {

  private static final int WORLDS = 60;
  private static final int STEPS = 40;
  private static final int PACKETS = 12;
  private static final int PATH_WORLDS = 20;
  private static final int LEAST_PAIRS = 100_000;
  private static final List<Hook> HOOKS = List.of(Hook.values());
  private static final PolicyOptions OPTIONS =
      PolicyOptions.DEFAULT.withFailsafes(List.of(), List.of());

  /** A node that is told facts, and whose rules are asked. */
  private static final class Node {
    final PolicyCalculation calculation = new PolicyCalculation();
    final Rendering rendering = new Rendering(OPTIONS);
    final RuleSimulator simulator = new RuleSimulator(rendering, OPTIONS.marks());
    final Mirror mirror = new Mirror();
    final Map<String, List<RuleText>> kept = new HashMap<>();

    Node() {
      for (TableName table : TableName.values()) {
        for (AddressFamily family : AddressFamily.values()) {
          rendering.chains(family, table).forEach(name -> keep(family, table, name));
        }
      }
    }

    static Node of(World world) {
      var node = new Node();
      node.tell(world.facts());
      return node;
    }

    void tell(List<Fact> facts) {
      Changes changes = calculation.apply(facts);
      mirror.apply(changes);
      changes.setsGone().forEach(simulator::setGone);
      changes.setsNew().keySet().forEach(id -> simulator.set(id, mirror.sets().get(id)));
      Touched touched = rendering.apply(changes);
      touched
          .chains()
          .forEach(
              (family, tables) ->
                  tables.forEach(
                      (table, names) -> names.forEach(name -> keep(family, table, name))));
    }

    private void keep(AddressFamily family, TableName table, String name) {
      String key = family + " " + table + " " + name;
      Optional<List<RuleText>> chain = rendering.chain(family, table, name);
      chain.ifPresentOrElse(lines -> kept.put(key, lines), () -> kept.remove(key));
    }

    /** What the rules of one endpoint say. */
    Outcome ask(Endpoint endpoint, Hook hook, Direction direction, Packet packet) {
      String device = endpoint.local().orElseThrow().device();
      boolean pod = endpoint.id() instanceof EndpointId.Workload;
      TableName table =
          switch (hook) {
            case NORMAL, FORWARD -> TableName.FILTER;
            case UNTRACKED -> TableName.RAW;
            case PRE_DNAT -> TableName.MANGLE;
          };
      String chain =
          pod
              ? ChainNames.pod(device, direction)
              : hook == Hook.FORWARD
                  ? ChainNames.forwarded(device, direction)
                  : ChainNames.host(device, direction);
      boolean there = rendering.chain(packet.family(), table, chain).isPresent();
      if (hook == Hook.PRE_DNAT && direction == Direction.EGRESS) {
        there = false;
      }
      return there
          ? simulator.chain(simulated(packet), table, chain)
          : new Outcome(RuleSimulator.Verdict.NONE, false, List.of(), 0, true);
    }
  }

  private static SimulatedPacket simulated(Packet packet) {
    return SimulatedPacket.of(
            packet.source().toString(),
            packet.destination().toString(),
            packet.protocol(),
            packet.sourcePort(),
            packet.destinationPort())
        .withIcmp(packet.icmpType(), packet.icmpCode());
  }

  private static Verdict verdict(Outcome outcome) {
    return switch (outcome.verdict()) {
      case DROP -> Verdict.DENY;
      case ACCEPT -> Verdict.ALLOW;
      case NONE -> outcome.marked() ? Verdict.ALLOW : Verdict.UNDECIDED;
    };
  }

  @Test
  void renderedRulesDecideAsTheOracleDoes() {
    Map<Verdict, Integer> verdicts = new HashMap<>();
    for (int seed = 1; seed <= WORLDS; seed++) {
      var worlds = new Worlds(seed, Worlds.Shape.SMALL);
      var node = new Node();
      for (int step = 0; step <= STEPS; step++) {
        node.tell(step == 0 ? worlds.start() : worlds.step());
        if (step % 8 == 0) {
          assertThat(node.kept)
              .as("seed %d step %d: what was touched against all made anew", seed, step)
              .isEqualTo(Node.of(worlds.world()).kept);
        }
        askAboutPackets(worlds, node, verdicts, "seed " + seed + " step " + step);
      }
    }
    int pairs = verdicts.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(pairs).as("%s", verdicts).isGreaterThanOrEqualTo(LEAST_PAIRS);
    assertThat(verdicts).containsKeys(Verdict.values());
  }

  private static void askAboutPackets(
      Worlds worlds, Node node, Map<Verdict, Integer> verdicts, String where) {
    var oracle = new Oracle(worlds.world());
    for (Endpoint local : worlds.world().locals()) {
      for (int i = 0; i < PACKETS; i++) {
        Direction direction = i % 2 == 0 ? Direction.INGRESS : Direction.EGRESS;
        boolean host = local.id() instanceof EndpointId.Host;
        Hook hook = host ? HOOKS.get(i / 2 % HOOKS.size()) : Hook.NORMAL;
        Packet packet = worlds.packet(local, direction);
        Decision expected = oracle.decide(local, hook, direction, packet);
        Outcome got = node.ask(local, hook, direction, packet);
        if (differs(expected, got)) {
          fail(where + disagreement(worlds.world(), local, hook, direction, packet));
        }
        verdicts.merge(verdict(got), 1, Integer::sum);
      }
    }
  }

  private static boolean differs(Decision expected, Outcome got) {
    return expected.verdict() != verdict(got) || expected.logged().size() != got.logged();
  }

  private static String disagreement(
      World world, Endpoint local, Hook hook, Direction direction, Packet packet) {
    List<Fact> facts =
        Shrunk.list(
            world.facts(),
            fewer -> {
              World smaller = World.of(fewer);
              return smaller.endpoints().containsKey(local.id())
                  && differs(
                      new Oracle(smaller).decide(local, hook, direction, packet),
                      Node.of(smaller).ask(local, hook, direction, packet));
            });
    World smaller = World.of(facts);
    Outcome got = Node.of(smaller).ask(local, hook, direction, packet);
    return ", %s %s %s, packet %s%nexpected %s%ngot %s by%n%s%nfacts:%n%s"
        .formatted(
            local.id(),
            hook,
            direction,
            packet,
            new Oracle(smaller).decide(local, hook, direction, packet),
            verdict(got),
            String.join("\n", got.path()),
            smaller);
  }

  /** The whole way through the node: dispatch, both ends' chains, the marks, the acceptance. */
  @Test
  void wholePathsThroughTheNodeGoAsTheOracleSays() {
    Set<Address> host = Set.of(Address.parse("192.0.2.1"), Address.parse("2001:db8::1"));
    Map<Verdict, Integer> verdicts = new HashMap<>();
    for (int seed = 1_000; seed < 1_000 + PATH_WORLDS; seed++) {
      var worlds = new Worlds(seed, Worlds.Shape.SMALL.withoutHosts());
      var node = new Node();
      node.tell(worlds.start());
      for (int step = 0; step < STEPS; step++) {
        node.tell(worlds.step());
        for (Endpoint local : worlds.world().locals()) {
          for (int i = 0; i < PACKETS; i++) {
            Direction direction = i % 2 == 0 ? Direction.INGRESS : Direction.EGRESS;
            Packet packet = worlds.packet(local, direction);
            String in = device(worlds.world(), packet.source());
            String out = device(worlds.world(), packet.destination());
            Decision expected = new Oracle(worlds.world()).path(packet, host);
            Outcome got = node.simulator.run(simulated(packet).by(in, out));
            assertThat(got.passes())
                .as(
                    "seed %d step %d, %s by %s to %s, expected %s, path%n%s",
                    seed, step, packet, in, out, expected, String.join("\n", got.path()))
                .isEqualTo(expected.allowed());
            verdicts.merge(expected.verdict(), 1, Integer::sum);
          }
        }
      }
    }
    assertThat(verdicts.get(Verdict.ALLOW)).isGreaterThan(5_000);
    assertThat(verdicts.get(Verdict.DENY)).isGreaterThan(5_000);
  }

  private static String device(World world, Address address) {
    return world.locals().stream()
        .filter(e -> e.addresses().stream().anyMatch(prefix -> prefix.contains(address)))
        .map(e -> e.local().orElseThrow().device())
        .findFirst()
        .orElse("eth0");
  }
}
