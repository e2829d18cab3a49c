package dev.manul.policy.calculation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.oracle.CalculatedVerdicts;
import dev.manul.policy.oracle.Decision;
import dev.manul.policy.oracle.Decision.Verdict;
import dev.manul.policy.oracle.FromScratch;
import dev.manul.policy.oracle.Hook;
import dev.manul.policy.oracle.Mirror;
import dev.manul.policy.oracle.Oracle;
import dev.manul.policy.oracle.Packet;
import dev.manul.policy.oracle.Shrunk;
import dev.manul.policy.oracle.World;
import dev.manul.policy.oracle.Worlds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Random worlds that change: after every step what was told adds up to what can be worked out from
 * nothing, and decides about packets as the oracle does.
 */
class PolicyCalculationTest {

  private static final int WORLDS = 60;
  private static final int STEPS = 40;
  private static final int PACKETS = 12;
  private static final List<Hook> HOOKS = List.of(Hook.values());
  private static final int LEAST_PAIRS = 100_000;

  @Test
  void incrementsAddUpAndDecideAsTheOracleDoes() {
    Map<Verdict, Integer> verdicts = new HashMap<>();
    for (int seed = 1; seed <= WORLDS; seed++) {
      var worlds = new Worlds(seed, Worlds.Shape.SMALL);
      var calculation = new PolicyCalculation();
      var mirror = new Mirror();
      List<List<Fact>> told = new ArrayList<>();
      for (int step = 0; step <= STEPS; step++) {
        List<Fact> facts = step == 0 ? worlds.start() : worlds.step();
        told.add(facts);
        if (tell(calculation, mirror, facts, worlds.world()).isPresent()) {
          fail(explained("seed " + seed + " step " + step, told));
        }
        assertThat(calculation.withoutTier()).isEqualTo(withoutTier(worlds.world()));
        askAboutPackets(worlds, mirror, verdicts, "seed " + seed + " step " + step);
      }
      mirror.apply(calculation.apply(gone(worlds.world())));
      assertThat(mirror).as("seed %d, the end", seed).isEqualTo(new Mirror());
      assertThat(calculation.isEmpty()).as("seed %d, the end", seed).isTrue();
    }
    int pairs = verdicts.values().stream().mapToInt(Integer::intValue).sum();
    assertThat(pairs).as("%s", verdicts).isGreaterThanOrEqualTo(LEAST_PAIRS);
    assertThat(verdicts).containsKeys(Verdict.values());
  }

  @Test
  void incrementsAddUpInLargerWorlds() {
    for (int seed = 1; seed <= 3; seed++) {
      var worlds = new Worlds(1000 + seed, new Worlds.Shape(12, 60, 3, 50, true));
      var calculation = new PolicyCalculation();
      var mirror = new Mirror();
      List<List<Fact>> told = new ArrayList<>();
      for (int step = 0; step <= 100; step++) {
        List<Fact> facts = step == 0 ? worlds.start() : worlds.step();
        told.add(facts);
        if (tell(calculation, mirror, facts, worlds.world()).isPresent()) {
          fail(explained("large, seed " + seed + " step " + step, told));
        }
      }
    }
  }

  private static List<PolicyId> withoutTier(World world) {
    return world.policies().values().stream()
        .filter(policy -> !world.tiers().containsKey(policy.tier()))
        .map(Policy::id)
        .sorted()
        .toList();
  }

  /** That nothing of a world is there any more. */
  private static List<Fact> gone(World world) {
    return world.facts().stream()
        .<Fact>map(
            fact ->
                switch (fact) {
                  case Fact.PolicyIs(var policy) -> new Fact.PolicyGone(policy.id());
                  case Fact.TierIs(var tier) -> new Fact.TierGone(tier.name());
                  case Fact.ProfileIs(var profile) -> new Fact.ProfileGone(profile.name());
                  case Fact.EndpointIs(var endpoint) -> new Fact.EndpointGone(endpoint.id());
                  case Fact.ServiceIs(var id, _) -> new Fact.ServiceGone(id);
                  default -> throw new AssertionError(fact);
                })
        .toList();
  }

  /** What is wrong after facts were told, if anything is. */
  private static Optional<String> tell(
      PolicyCalculation calculation, Mirror mirror, List<Fact> facts, World world) {
    Mirror expected = FromScratch.of(world);
    try {
      mirror.apply(calculation.apply(facts));
    } catch (AssertionError | RuntimeException e) {
      return Optional.of(e.toString());
    }
    return FromScratch.difference(expected, mirror)
        .or(() -> asked(calculation, expected).map(text -> "asked: " + text));
  }

  /** What the calculation answers wrongly when asked. */
  private static Optional<String> asked(PolicyCalculation calculation, Mirror expected) {
    var answers = new Mirror();
    expected.sets().keySet().forEach(id -> answers.sets().put(id, calculation.members(id)));
    expected
        .endpoints()
        .keySet()
        .forEach(id -> calculation.plan(id).ifPresent(p -> answers.endpoints().put(id, p)));
    expected
        .policies()
        .keySet()
        .forEach(id -> calculation.policy(id).ifPresent(p -> answers.policies().put(id, p)));
    expected
        .profiles()
        .keySet()
        .forEach(name -> calculation.profile(name).ifPresent(p -> answers.profiles().put(name, p)));
    return FromScratch.difference(expected, answers);
  }

  /** The fewest facts that show what went wrong, and what that is. */
  private static String explained(String where, List<List<Fact>> told) {
    List<List<Fact>> steps = Shrunk.list(told, list -> fault(list).isPresent());
    for (int i = 0; i < steps.size(); i++) {
      int at = i;
      List<List<Fact>> current = steps;
      List<Fact> fewer =
          Shrunk.list(steps.get(i), facts -> fault(replaced(current, at, facts)).isPresent());
      steps = replaced(steps, i, fewer);
    }
    var text = new StringBuilder(where).append(", told:\n");
    for (List<Fact> step : steps) {
      text.append("together:\n");
      step.forEach(fact -> text.append("  ").append(fact).append('\n'));
    }
    return text.append(fault(steps).orElse("no fault any more")).toString();
  }

  private static List<List<Fact>> replaced(List<List<Fact>> steps, int at, List<Fact> facts) {
    List<List<Fact>> copy = new ArrayList<>(steps);
    copy.set(at, facts);
    return copy;
  }

  private static Optional<String> fault(List<List<Fact>> steps) {
    var calculation = new PolicyCalculation();
    var mirror = new Mirror();
    var world = new World();
    for (List<Fact> facts : steps) {
      facts.forEach(world::apply);
      Optional<String> wrong = tell(calculation, mirror, facts, world);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private static void askAboutPackets(
      Worlds worlds, Mirror mirror, Map<Verdict, Integer> verdicts, String where) {
    var oracle = new Oracle(worlds.world());
    var calculated = new CalculatedVerdicts(mirror);
    for (Endpoint local : worlds.world().locals()) {
      for (int i = 0; i < PACKETS; i++) {
        Direction direction = i % 2 == 0 ? Direction.INGRESS : Direction.EGRESS;
        boolean host = local.id() instanceof EndpointId.Host;
        Hook hook = host ? HOOKS.get(i / 2 % HOOKS.size()) : Hook.NORMAL;
        Packet packet = worlds.packet(local, direction);
        Decision expected = oracle.decide(local, hook, direction, packet);
        Verdict got = calculated.decide(local.id(), hook, direction, packet);
        if (expected.verdict() != got) {
          fail(disagreement(where, worlds.world(), local, hook, direction, packet));
        }
        verdicts.merge(got, 1, Integer::sum);
      }
    }
  }

  private static String disagreement(
      String where, World world, Endpoint local, Hook hook, Direction direction, Packet packet) {
    List<Fact> facts =
        Shrunk.list(
            world.facts(),
            fewer -> {
              World smaller = World.of(fewer);
              return smaller.endpoints().containsKey(local.id())
                  && new Oracle(smaller).decide(local, hook, direction, packet).verdict()
                      != calculated(smaller, local, hook, direction, packet);
            });
    World smaller = World.of(facts);
    return "%s, %s %s %s, packet %s%nexpected %s%ngot %s%nfacts:%n%s"
        .formatted(
            where,
            local.id(),
            hook,
            direction,
            packet,
            new Oracle(smaller).decide(local, hook, direction, packet),
            calculated(smaller, local, hook, direction, packet),
            smaller);
  }

  private static Verdict calculated(
      World world, Endpoint local, Hook hook, Direction direction, Packet packet) {
    return new CalculatedVerdicts(FromScratch.of(world))
        .decide(local.id(), hook, direction, packet);
  }
}
