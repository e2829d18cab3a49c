package dev.manul.policy.packets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.PolicyCount;
import dev.manul.policy.calculation.PolicyCalculation;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.rendering.PolicyOptions;
import dev.manul.policy.rendering.Rendering;
import dev.manul.policy.rendering.RuleSimulator;
import dev.manul.policy.rendering.SimulatedPacket;
import dev.manul.policy.translation.Recipes;
import dev.manul.policy.translation.Recipes.Recipe;
import dev.manul.policy.translation.Translation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real packets in namespaces of the test's own, case by case, with both packet filters. */
class PolicyPacketsIT {

  private static final int SOURCE_PORT = 40_000;
  private static final int RECIPES_PODS = 8;

  /** One packet with what ought to become of it. */
  private record Case(String text, Probe probe, boolean passes) {}

  /** What becomes of packets when some facts hold beside those of a world. */
  private record Lesson(String title, List<Fact> facts, List<Fact> undo, List<Case> cases) {}

  @ParameterizedTest
  @EnumSource
  void everyCaseGoesAsItSays(Backend backend) {
    everyCaseGoesAsItSays(backend, Arrangement.ROUTED);
  }

  static void everyCaseGoesAsItSays(Backend backend, Arrangement arrangement) {
    List<Lesson> lessons =
        Scenario.all().stream()
            .map(s -> new Lesson(s.name(), s.facts(), undone(s), cases(s)))
            .toList();
    allGoAsTheySay(backend, arrangement, 3, Scenario.world(), lessons);
  }

  @ParameterizedTest
  @EnumSource
  void everyRecipeGoesAsItSays(Backend backend) {
    everyRecipeGoesAsItSays(backend, Arrangement.ROUTED);
  }

  static void everyRecipeGoesAsItSays(Backend backend, Arrangement arrangement) {
    List<Lesson> lessons =
        Recipes.all().stream()
            .map(r -> new Lesson(r.title(), r.facts(), undone(r), cases(r)))
            .toList();
    allGoAsTheySay(backend, arrangement, RECIPES_PODS, Recipes.world(), lessons);
  }

  private static void allGoAsTheySay(
      Backend backend, Arrangement arrangement, int pods, List<Fact> world, List<Lesson> lessons) {
    List<String> wrong = new ArrayList<>();
    int packets = 0;
    List<Fact> told = new ArrayList<>(world);
    try (var hosts = new PolicyHosts(pods, arrangement);
        var policies = NetworkPolicies.start(hosts.node, options(backend, arrangement))) {
      for (Lesson lesson : lessons) {
        told.addAll(lesson.facts());
        policies.apply(arrangement.of(told));
        policies.synced();
        settled(policies);
        hosts.forgetConnections();
        BitSet arrived = hosts.arrived(lesson.cases().stream().map(Case::probe).toList());
        for (int i = 0; i < lesson.cases().size(); i++) {
          Case one = lesson.cases().get(i);
          if (arrived.get(i) != one.passes()) {
            wrong.add(explained(lesson.title(), world, lesson.facts(), one));
          }
        }
        packets += lesson.cases().size();
        told = new ArrayList<>(lesson.undo());
      }
    }
    assertThat(wrong).as("of %d packets, %s, %s", packets, backend, arrangement).isEmpty();
    assertThat(packets).isGreaterThan(lessons.size());
  }

  static NetworkPolicyOptions options(Backend backend, Arrangement arrangement) {
    return NetworkPolicyOptions.DEFAULT
        .withRules(PolicyOptions.DEFAULT.withSeesPorts(arrangement != Arrangement.ROUTED))
        .withBackend(backend);
  }

  @ParameterizedTest
  @EnumSource
  void aPodSendsWithItsOwnAddressesOnly(Backend backend) {
    aPodSendsWithItsOwnAddressesOnly(backend, Arrangement.ROUTED);
  }

  static void aPodSendsWithItsOwnAddressesOnly(Backend backend, Arrangement arrangement) {
    try (var hosts = new PolicyHosts(3, arrangement);
        var policies = NetworkPolicies.start(hosts.node, options(backend, arrangement))) {
      policies.apply(arrangement.of(Scenario.world()));
      policies.synced();
      settled(policies);
      List<Probe> probes =
          List.of(
              probe("10.65.0.1", "10.65.0.2"),
              probe("10.65.0.3", "10.65.0.2"),
              probe("198.51.100.9", "10.65.0.2"),
              probe("fd00:65::1", "fd00:65::2"),
              probe("fd00:65::3", "fd00:65::2"));
      assertThat(hosts.arrived(probes, 1)).isEqualTo(bits(0, 3));
      List<Probe> spoofed =
          List.of(
              probe("10.99.3.4", "10.65.0.2"),
              probe("10.98.3.4", "10.65.0.2"),
              probe("fd99::4", "fd00:65::2"));
      assertThat(hosts.arrived(spoofed, 3)).as("pod 3 may send for others").isEqualTo(bits(0, 2));
    }
  }

  /** As Docker leaves nodes: what policy allows is accepted, and nothing else. */
  @ParameterizedTest
  @EnumSource
  void podsMeetWhereTheNodeForwardsNothing(Backend backend) {
    try (var hosts = new PolicyHosts(3);
        var policies =
            NetworkPolicies.start(hosts.node, NetworkPolicyOptions.DEFAULT.withBackend(backend))) {
      List<Probe> probes =
          List.of(
              probe("10.65.0.1", "10.65.0.2"),
              probe("fd00:65::1", "fd00:65::2"),
              probe("198.51.100.7", "10.65.0.1"),
              probe("2001:db8:9::7", "fd00:65::1"),
              probe("10.65.0.1", "198.51.100.7"),
              probe("fd00:65::1", "2001:db8:9::7"),
              probe("198.51.100.7", "10.65.0.2"),
              probe("fd00:65::3", "fd00:65::2"));
      for (String program : List.of("iptables-", "ip6tables-")) {
        PolicyHosts.run(hosts.node, program + backend + " -P FORWARD DROP");
      }
      assertThat(hosts.arrived(probes).isEmpty()).as("before there is policy").isTrue();
      policies.apply(Scenario.world());
      policies.apply(
          List.of(
              new Fact.PolicyIs(
                  Sketch.policy(
                      "red",
                      "app == 'db'",
                      Direction.INGRESS,
                      Sketch.allow().from("pcns.name == 'red'")))));
      policies.synced();
      settled(policies);
      hosts.forgetConnections();
      assertThat(hosts.arrived(probes)).isEqualTo(bits(0, 1, 2, 3, 4, 5));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatPoliciesDecideIsCounted(Backend backend) {
    try (var hosts = new PolicyHosts(3);
        var policies =
            NetworkPolicies.start(hosts.node, NetworkPolicyOptions.DEFAULT.withBackend(backend))) {
      policies.apply(Scenario.world());
      policies.synced();
      Scenario staged =
          Scenario.all().stream()
              .filter(s -> s.name().contains("staged"))
              .findFirst()
              .orElseThrow();
      policies.apply(staged.facts());
      settled(policies);
      var _ = hosts.arrived(cases(staged).stream().map(Case::probe).toList());
      assertThat(policies.counts().policies())
          .singleElement()
          .satisfies(
              (PolicyCount count) -> {
                assertThat(count.policy().name()).isEqualTo("staged");
                assertThat(count.denied()).isEqualTo(2);
                assertThat(count.allowed()).isEqualTo(2);
                assertThat(count.unmatched()).isZero();
              });
    }
  }

  private static BitSet bits(int... set) {
    var bits = new BitSet();
    for (int bit : set) {
      bits.set(bit);
    }
    return bits;
  }

  private static Probe probe(String source, String destination) {
    return new Probe(
        Address.parse(source), Address.parse(destination), 17, SOURCE_PORT, 9999, 0, 0);
  }

  static void settled(NetworkPolicies policies) {
    Boolean _ = policies.ask(_ -> true).join(); // answered after what was told before
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () -> assertThat(policies.status().settled()).as("%s", policies.status()).isTrue());
  }

  private static List<Fact> undone(Scenario scenario) {
    List<Fact> undone = new ArrayList<>();
    for (Fact fact : scenario.facts()) {
      switch (fact) {
        case Fact.PolicyIs(var policy) -> undone.add(new Fact.PolicyGone(policy.id()));
        case Fact.EndpointIs(var endpoint) -> undone.add(new Fact.EndpointGone(endpoint.id()));
        default -> throw new IllegalStateException("cannot undo " + fact);
      }
    }
    return undone;
  }

  /** What takes a recipe back; its world may have been changed by it. */
  private static List<Fact> undone(Recipe recipe) {
    List<Fact> undone = new ArrayList<>();
    recipe.resources().forEach(resource -> undone.add(Translation.gone(resource)));
    undone.addAll(Recipes.world());
    return undone;
  }

  private static List<Case> cases(Recipe recipe) {
    return recipe.expectations().stream()
        .map(each -> new Case(each.line(), Probe.of(each.packet()), each.passes()))
        .toList();
  }

  /** Every case in both families. */
  private static List<Case> cases(Scenario scenario) {
    List<Case> all = new ArrayList<>();
    for (String text : scenario.cases()) {
      String[] words = text.split(" ", 3);
      String[] ends = words[0].split(">", 2);
      for (AddressFamily family : AddressFamily.values()) {
        boolean passes = words[2].equals("yes") || (words[2].equals("yes4") && isFour(family));
        all.add(
            new Case(
                text,
                probe(address(ends[0], family), address(ends[1], family), words[1], all.size()),
                passes));
      }
    }
    return all;
  }

  private static boolean isFour(AddressFamily family) {
    return family == AddressFamily.IPV4;
  }

  private static Address address(String who, AddressFamily family) {
    return Address.parse(
        switch (who) {
          case "r" -> isFour(family) ? "10.65.1.1" : "fd00:65:0:1::1";
          case "x" -> isFour(family) ? "198.51.100.7" : "2001:db8:9::7";
          case "n" -> isFour(family) ? PolicyHosts.NODE : PolicyHosts.NODE6;
          default -> (isFour(family) ? "10.65.0." : "fd00:65::") + who;
        });
  }

  private static Probe probe(Address from, Address to, String what, int number) {
    String[] words = what.split("/", 2);
    String[] ports = words[1].split(":", 2);
    int last = Integer.parseInt(ports[ports.length - 1]);
    int source = ports.length > 1 ? Integer.parseInt(ports[0]) : SOURCE_PORT + number;
    return switch (words[0]) {
      case "tcp" -> new Probe(from, to, 6, source, last, 0, 0);
      case "udp" -> new Probe(from, to, 17, source, last, 0, 0);
      case "sctp" -> new Probe(from, to, 132, source, last, 0, 0);
      case "icmp" ->
          isFour(from.family())
              ? new Probe(from, to, 1, 0, 0, last, 0)
              : new Probe(from, to, 58, 0, 0, last == 8 ? 128 : last, 0);
      default -> throw new IllegalArgumentException(what);
    };
  }

  /** The probe, what was expected, and which of our rules it ought to have met. */
  private static String explained(String title, List<Fact> world, List<Fact> own, Case wrong) {
    List<Fact> facts = new ArrayList<>(world);
    facts.addAll(own);
    var rendering = new Rendering(PolicyOptions.DEFAULT);
    var simulator = new RuleSimulator(rendering, PolicyOptions.DEFAULT.marks());
    var changes = new PolicyCalculation().apply(facts);
    var _ = rendering.apply(changes);
    changes.setsNew().forEach(simulator::set);
    Probe probe = wrong.probe();
    var outcome =
        simulator.run(
            SimulatedPacket.of(
                    probe.source().toString(),
                    probe.destination().toString(),
                    probe.protocol(),
                    probe.sourcePort(),
                    probe.destinationPort())
                .withIcmp(probe.icmpType(), probe.icmpCode())
                .by(PolicyHosts.device(probe.source()), PolicyHosts.device(probe.destination())));
    return "%s: \"%s\": %s %s; by our rules it ends with %s:%n  %s%n"
        .formatted(
            title,
            wrong.text(),
            probe,
            wrong.passes() ? "did not arrive" : "arrived",
            outcome.verdict(),
            String.join("\n  ", outcome.path()));
  }
}
