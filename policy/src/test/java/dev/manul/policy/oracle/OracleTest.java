package dev.manul.policy.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.NamedPort;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.PortRange;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.ServiceAddress;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.meaning.Tier;
import dev.manul.policy.oracle.Decision.Verdict;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The oracle says what the documents of Kubernetes and Calico say. */
class OracleTest {

  private static final EndpointId DB = new EndpointId.Workload("shop", "db");
  private static final EndpointId HOST = new EndpointId.Host("node");
  private static final Set<Direction> BOTH = Set.of(Direction.INGRESS, Direction.EGRESS);
  private static final Set<Direction> IN = Set.of(Direction.INGRESS);
  private static final Rule ALLOW = Rule.every(Action.ALLOW);
  private static final Rule DENY = Rule.every(Action.DENY);
  private static final Rule PASS = Rule.every(Action.PASS);

  private final World world = new World();

  @BeforeEach
  void twoNamespacesWithPods() {
    for (String namespace : List.of("shop", "other")) {
      world.apply(
          new Fact.ProfileIs(
              new Profile(
                  "kns." + namespace,
                  List.of(ALLOW),
                  List.of(ALLOW),
                  Map.of("pcns.name", namespace, "tone", "inherited"))));
    }
    world.apply(new Fact.TierIs(new Tier("first", 100, Action.DENY)));
    world.apply(new Fact.TierIs(new Tier(Tier.DEFAULT, 1_000_000, Action.DENY)));
    pod("shop", "db", "10.65.0.1", true, Map.of("app", "db"));
    pod("shop", "web", "10.65.0.2", true, Map.of("app", "web"));
    pod("shop", "far", "10.65.1.1", false, Map.of("app", "web"));
    pod("other", "stranger", "10.65.1.2", false, Map.of("app", "web", "tone", "own"));
    world.apply(
        new Fact.EndpointIs(
            new Endpoint(
                HOST,
                Map.of("host", "yes"),
                List.of(),
                Set.of(Prefix.parse("192.0.2.1")),
                List.of(),
                Optional.of(new Endpoint.Local("eth0", Set.of())))));
  }

  private void pod(
      String namespace, String name, String address, boolean local, Map<String, String> labels) {
    world.apply(
        new Fact.EndpointIs(
            new Endpoint(
                new EndpointId.Workload(namespace, name),
                labels,
                List.of("kns." + namespace),
                Set.of(Prefix.parse(address)),
                List.of(new NamedPort("sql", Packet.TCP, 5432)),
                local
                    ? Optional.of(new Endpoint.Local("cali-" + name, Set.of()))
                    : Optional.empty())));
  }

  private void policy(String name, String selector, Set<Direction> directions, Rule... ingress) {
    world.apply(new Fact.PolicyIs(made(name, Tier.DEFAULT, 1, selector, directions, ingress)));
  }

  private static Policy made(
      String name,
      String tier,
      double order,
      String selector,
      Set<Direction> directions,
      Rule... ingress) {
    return new Policy(
        new PolicyId(PolicyId.Type.GLOBAL_NETWORK_POLICY, "", name),
        tier,
        order,
        Selector.parse(selector),
        directions,
        List.of(ingress),
        List.of(),
        Policy.Stage.NORMAL,
        false,
        false);
  }

  private static Policy staged(Policy p, Policy.Stage stage, boolean forward, boolean staged) {
    return new Policy(
        p.id(),
        p.tier(),
        p.order(),
        p.selector(),
        p.directions(),
        p.ingress(),
        p.egress(),
        stage,
        forward,
        staged);
  }

  private static Rule from(Action action, Peer source, int... ports) {
    return tcp(action, source, peer(Optional.empty(), List.of(), ports));
  }

  private static Rule tcp(Action action, Peer source, Peer destination) {
    return new Rule(
        action,
        Optional.empty(),
        OptionalInt.of(Packet.TCP),
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        source,
        destination);
  }

  private static Peer selected(String selector) {
    return peer(Optional.of(Selector.parse(selector)), List.of());
  }

  private static Peer peer(Optional<Selector> selector, List<String> names, int... ports) {
    return new Peer(
        List.of(),
        List.of(),
        selector,
        Optional.empty(),
        Arrays.stream(ports).mapToObj(PortRange::of).toList(),
        names,
        List.of(),
        List.of(),
        Optional.empty());
  }

  private static Packet tcp(String source, String destination, int port) {
    return new Packet(
        Address.parse(source), Address.parse(destination), Packet.TCP, 40_000, port, 0, 0);
  }

  private Verdict in(String source, int port) {
    return decide(DB, Hook.NORMAL, Direction.INGRESS, tcp(source, "10.65.0.1", port)).verdict();
  }

  private Decision decide(EndpointId id, Hook hook, Direction direction, Packet packet) {
    return new Oracle(world).decide(world.endpoints().get(id), hook, direction, packet);
  }

  @Test
  void podsWithoutPolicyAreOpenAndThoseWithoutProfileClosed() {
    assertThat(in("203.0.113.1", 80)).isEqualTo(Verdict.ALLOW);
    world.apply(new Fact.ProfileGone("kns.shop"));
    assertThat(in("203.0.113.1", 80)).isEqualTo(Verdict.DENY);
  }

  @Test
  void whoIsSelectedIsIsolatedInTheDirectionsOfThePolicyOnly() {
    policy("deny-all", "app == 'db'", IN);
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.DENY);
    Packet out = tcp("10.65.0.1", "10.65.0.2", 80);
    assertThat(decide(DB, Hook.NORMAL, Direction.EGRESS, out).allowed()).isTrue();
    assertThat(new Oracle(world).path(out, Set.of()).allowed()).isTrue();
    policy("deny-all", "app == 'db'", BOTH);
    assertThat(new Oracle(world).path(out, Set.of()).by()).isEqualTo("tier default: its default");
  }

  @Test
  void theHostReachesItsPodsWhateverPoliciesSay() {
    policy("deny-all", "all()", IN);
    Packet packet = tcp("192.0.2.1", "10.65.0.1", 80);
    assertThat(new Oracle(world).path(packet, Set.of(packet.source())).allowed()).isTrue();
    assertThat(new Oracle(world).path(packet, Set.of()).allowed()).isFalse();
  }

  @Test
  void selectorsSeeInheritedLabelsBehindOwnOnes() {
    policy("inherited", "app == 'db'", IN, from(Action.ALLOW, selected("tone == 'inherited'")));
    assertThat(in("10.65.1.1", 80)).isEqualTo(Verdict.ALLOW);
    assertThat(in("10.65.1.2", 80)).as("its own label hides it").isEqualTo(Verdict.DENY);
    policy("inherited", "app == 'db'", IN, from(Action.ALLOW, selected("pcns.name == 'other'")));
    assertThat(in("10.65.1.1", 80)).isEqualTo(Verdict.DENY);
    assertThat(in("10.65.1.2", 80)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void namesOfPortsAreThoseOfTheEndpointThatHasTheAddress() {
    Peer sql = peer(Optional.empty(), List.of("sql"), 80);
    policy("named", "app == 'db'", IN, tcp(Action.ALLOW, Peer.ANY, sql));
    assertThat(in("203.0.113.1", 5432)).isEqualTo(Verdict.ALLOW);
    assertThat(in("203.0.113.1", 80)).isEqualTo(Verdict.ALLOW);
    assertThat(in("203.0.113.1", 5433)).isEqualTo(Verdict.DENY);
  }

  @Test
  void aServiceAsDestinationBringsItsPorts() {
    var id = new ServiceId("shop", "db");
    world.apply(
        new Fact.ServiceIs(
            id, Set.of(new ServiceAddress(Address.parse("10.65.0.1"), Packet.TCP, 5432))));
    Peer service =
        new Peer(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.of(id));
    policy("service", "app == 'db'", IN, tcp(Action.ALLOW, Peer.ANY, service));
    assertThat(in("203.0.113.1", 5432)).isEqualTo(Verdict.ALLOW);
    assertThat(in("203.0.113.1", 80)).isEqualTo(Verdict.DENY);
    policy("service", "app == 'db'", IN, tcp(Action.ALLOW, service, Peer.ANY));
    assertThat(in("10.65.0.1", 80)).as("as a source, any port").isEqualTo(Verdict.ALLOW);
  }

  @Test
  void passLeavesTheTierAndTheEndOfATierDeniesOnlyWhatItIsAbout() {
    world.apply(new Fact.PolicyIs(made("pass", "first", 1, "app == 'db'", IN, PASS)));
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.ALLOW);
    policy("deny", "app == 'db'", IN, DENY);
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.DENY);
    world.apply(new Fact.PolicyIs(made("allow", "first", 0, "app == 'db'", IN, ALLOW)));
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.ALLOW);
    world.apply(new Fact.TierGone("first"));
    assertThat(in("10.65.0.2", 80)).as("no tier, no policies").isEqualTo(Verdict.DENY);
  }

  @Test
  void tiersOfDefaultPassGoOnAndStagedPoliciesDecideNothing() {
    world.apply(new Fact.TierIs(new Tier("first", 100, Action.PASS)));
    world.apply(new Fact.PolicyIs(made("nothing", "first", 1, "app == 'db'", IN)));
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.ALLOW);
    world.apply(new Fact.TierIs(new Tier("first", 100, Action.DENY)));
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.DENY);
    Policy nothing = made("nothing", "first", 1, "app == 'db'", IN);
    world.apply(new Fact.PolicyIs(staged(nothing, Policy.Stage.NORMAL, false, true)));
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.ALLOW);
  }

  @Test
  void policiesAreAskedByOrderAndThenByName() {
    policy("b", "app == 'db'", IN, DENY);
    policy("a", "app == 'db'", IN, ALLOW);
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.ALLOW);
    world.apply(new Fact.PolicyIs(made("c", Tier.DEFAULT, 0.5, "app == 'db'", IN, DENY)));
    assertThat(in("10.65.0.2", 80)).isEqualTo(Verdict.DENY);
  }

  @Test
  void logGoesOn() {
    policy("log", "app == 'db'", IN, Rule.every(Action.LOG), ALLOW);
    Decision decision =
        decide(DB, Hook.NORMAL, Direction.INGRESS, tcp("10.65.0.2", "10.65.0.1", 1));
    assertThat(decision.allowed()).isTrue();
    assertThat(decision.by()).isEqualTo("tier default, gnp/log, INGRESS rule 1");
    assertThat(decision.logged()).containsExactly("tier default, gnp/log, INGRESS rule 0");
  }

  @Test
  void hostEndpointsAreClosedButOpenForWhatIsForwardedUntilAPolicyIsAboutIt() {
    Packet packet = tcp("203.0.113.1", "192.0.2.1", 22);
    assertThat(host(Hook.NORMAL, packet)).isEqualTo(Verdict.DENY);
    assertThat(host(Hook.FORWARD, packet)).isEqualTo(Verdict.ALLOW);
    assertThat(host(Hook.UNTRACKED, packet)).isEqualTo(Verdict.UNDECIDED);
    Policy pass = made("host", Tier.DEFAULT, 1, "host == 'yes'", IN, PASS);
    world.apply(new Fact.PolicyIs(staged(pass, Policy.Stage.NORMAL, true, false)));
    assertThat(host(Hook.FORWARD, packet)).isEqualTo(Verdict.UNDECIDED);
    policy("host", "host == 'yes'", IN, ALLOW);
    assertThat(host(Hook.NORMAL, packet)).isEqualTo(Verdict.ALLOW);
    assertThat(host(Hook.FORWARD, packet)).as("it does not apply").isEqualTo(Verdict.ALLOW);
    Policy none = made("early", "first", 1, "all()", IN);
    world.apply(new Fact.PolicyIs(staged(none, Policy.Stage.PRE_DNAT, true, false)));
    assertThat(host(Hook.PRE_DNAT, packet)).as("no end of tier").isEqualTo(Verdict.UNDECIDED);
    assertThat(host(Hook.NORMAL, packet)).isEqualTo(Verdict.ALLOW);
    Policy deny = made("early", "first", 1, "all()", IN, DENY);
    world.apply(new Fact.PolicyIs(staged(deny, Policy.Stage.PRE_DNAT, true, false)));
    assertThat(host(Hook.PRE_DNAT, packet)).isEqualTo(Verdict.DENY);
    assertThat(in("10.65.0.2", 80)).as("pods are not asked").isEqualTo(Verdict.ALLOW);
  }

  private Verdict host(Hook hook, Packet packet) {
    return decide(HOST, hook, Direction.INGRESS, packet).verdict();
  }
}
