package dev.manul.policy.churn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.Selector;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.PolicyStatus;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.kernel.HostPrograms;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Direction;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Peer;
import dev.manul.policy.meaning.Policy;
import dev.manul.policy.meaning.PolicyId;
import dev.manul.policy.meaning.Rule;
import dev.manul.policy.meaning.Tier;
import dev.manul.policy.oracle.Worlds;
import dev.manul.policy.packets.PolicyHosts;
import dev.manul.policy.rendering.PolicyOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies, pods, labels, services, sets and pools change at random while somebody else spoils what
 * is ours in the kernel. In the end the kernel holds what it holds on a node that has only been
 * told the end, to the byte, others' rules and sets included; and connections between two pods that
 * were always allowed to talk never broke.
 *
 * <p>{@code MANUL_CHURN_SECONDS} says how long, for each packet filter.
 */
class ChurnIT {

  private static final Logger log = LoggerFactory.getLogger(ChurnIT.class);

  private static final long SEED = 20_261_121;
  private static final int SECONDS =
      Integer.parseInt(System.getenv().getOrDefault("MANUL_CHURN_SECONDS", "15"));
  private static final Worlds.Shape SHAPE = new Worlds.Shape(6, 40, 3, 60, true);

  /** The two pods that talk come after those of the random world. */
  private static final int TALKER = SHAPE.locals() + 1;

  private static final int LISTENER = SHAPE.locals() + 2;
  private static final int PORT = 7007;
  private static final int LONGEST_PAUSE_MILLIS = 60;

  @ParameterizedTest
  @EnumSource
  void theEndIsWhatItOughtToBe(Backend backend) throws IOException {
    NetworkPolicyOptions options =
        NetworkPolicyOptions.DEFAULT
            .withBackend(backend)
            .withRules(PolicyOptions.DEFAULT.withTunnels(true, true))
            .withLongestCheck(Duration.ofMillis(600));
    try (var hosts = new PolicyHosts(LISTENER)) {
      foreign(hosts.node, backend);
      var worlds = new Worlds(SEED, SHAPE);
      var surroundings = new Surroundings(new Random(SEED));
      String found;
      try (var policies = NetworkPolicies.start(hosts.node, options)) {
        policies.apply(steady());
        policies.apply(worlds.start());
        surroundings.tell(policies);
        policies.synced();
        awaitSettled(policies);
        churn(backend, hosts, policies, worlds, surroundings);
        policies.check();
        awaitSettled(policies);
        found = state(hosts.node, backend);
      }
      assertThat(found).isEqualTo(desired(backend, options, worlds, surroundings));
    }
  }

  private static void churn(
      Backend backend,
      PolicyHosts hosts,
      NetworkPolicies policies,
      Worlds worlds,
      Surroundings surroundings)
      throws IOException {
    try (var stream =
            new EchoStream(hosts.pod(TALKER), hosts.pod(LISTENER), "10.65.0." + LISTENER, PORT);
        var stream6 =
            new EchoStream(hosts.pod(TALKER), hosts.pod(LISTENER), "fd00:65::" + LISTENER, PORT)) {
      var random = new Random(SEED + 1);
      var saboteur = new Saboteur(hosts.node, backend.toString(), SEED);
      long steps = 0;
      Set<Instant> readings = new HashSet<>();
      try (saboteur) {
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        while (System.nanoTime() < end) {
          policies.apply(worlds.step());
          if (random.nextInt(10) == 0) {
            surroundings.change();
            surroundings.tell(policies);
          }
          steps++;
          policies.status().lastFullCheck().ifPresent(readings::add);
          LockSupport.parkNanos(random.nextInt(LONGEST_PAUSE_MILLIS) * 1_000_000L);
        }
      }
      PolicyStatus status = policies.status();
      log.info(
          "event=churned backend={} seconds={} steps={} deeds={} writes={} readings={} bytes={}"
              + " bytes6={} longest={} longest6={}",
          backend,
          SECONDS,
          steps,
          saboteur.done(),
          status.writes(),
          readings.size(),
          stream.echoed(),
          stream6.echoed(),
          stream.longest(),
          stream6.longest());
      assertThat(saboteur.done().values().stream().mapToInt(i -> i).sum()).isGreaterThan(SECONDS);
      // Though there is always news, too, the kernel is read all the time.
      assertThat(readings).hasSizeGreaterThan(SECONDS / 2);
      assertStillRuns(stream);
      assertStillRuns(stream6);
    }
  }

  private static void assertStillRuns(EchoStream stream) throws IOException {
    long before = stream.echoed();
    assertThat(before).isPositive();
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(stream.echoed()).isGreaterThan(before));
  }

  /** What a node's kernel holds that has seen nothing but the end. */
  private static String desired(
      Backend backend, NetworkPolicyOptions options, Worlds worlds, Surroundings surroundings) {
    var node = NetworkNamespace.create("mnch-" + ProcessHandle.current().pid() + "-" + backend);
    try (var policies = NetworkPolicies.start(node, options)) {
      foreign(node, backend);
      policies.apply(worlds.world().facts());
      policies.apply(steady());
      surroundings.tell(policies);
      policies.synced();
      awaitSettled(policies);
      return state(node, backend);
    } finally {
      node.delete();
    }
  }

  private static void awaitSettled(NetworkPolicies policies) {
    // Answered after what was told before the question.
    Boolean _ = policies.ask(_ -> true).join();
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () -> assertThat(policies.status().settled()).as("%s", policies.status()).isTrue());
  }

  /** All tables and sets, without counters and what the kernel chooses by itself. */
  private static String state(NetworkNamespace node, Backend backend) {
    var state = new StringBuilder();
    for (String program : List.of("iptables-", "ip6tables-")) {
      for (String table : List.of("raw", "mangle", "nat", "filter")) {
        PolicyHosts.run(node, program + backend + "-save -t " + table)
            .lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.replaceAll(" \\[\\d+:\\d+]", ""))
            .forEach(line -> state.append(program).append(line).append('\n'));
      }
    }
    // A set grows with what it once held, and its members come in the order of a random hash.
    state.append(
        PolicyHosts.run(node, "ipset save")
            .lines()
            .map(line -> line.replaceAll(" (hashsize|bucketsize|initval) \\w+", ""))
            .sorted()
            .collect(Collectors.joining("\n")));
    return state.toString();
  }

  /** What others have on a node: kube-proxy's chains, a set, and names that look like ours. */
  private static void foreign(NetworkNamespace node, Backend backend) {
    var programs = new HostPrograms(node);
    String _ =
        programs.ok(
            List.of("ipset", "restore"),
            """
            create KUBE-CLUSTER-IP hash:ip,port
            add KUBE-CLUSTER-IP 10.96.0.1,tcp:443
            create mnl4 hash:net
            add mnl4 198.51.100.0/24
            """);
    for (String program : List.of("iptables-", "ip6tables-")) {
      String _ =
          programs.ok(
              List.of(program + backend + "-restore", "--noflush"),
              """
              *nat
              :KUBE-SERVICES - [0:0]
              -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
              -A KUBE-SERVICES -m comment --comment "none yet" -j RETURN
              COMMIT
              *filter
              :KUBE-FORWARD - [0:0]
              :manual - [0:0]
              -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
              -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
              -A manual -m comment --comment "not manul's" -j RETURN
              COMMIT
              """);
    }
    String _ =
        PolicyHosts.run(
            node, "iptables-" + backend + " -A KUBE-FORWARD -m set --match-set mnl4 src -j RETURN");
  }

  /** Two pods that may always talk, whatever the random policies say: theirs come first. */
  private static List<Fact> steady() {
    var selector = new Selector.Equal(Selector.NAMESPACE_LABEL, "steady");
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact.TierIs(new Tier("steady", -1, Action.DENY)));
    Rule allow = Rule.every(Action.ALLOW);
    Rule fromSteady =
        new Rule(
            Action.ALLOW,
            Optional.empty(),
            OptionalInt.of(6),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            new Peer(
                List.of(),
                List.of(),
                Optional.of(selector),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty()),
            Peer.ANY);
    facts.add(
        new Fact.PolicyIs(
            new Policy(
                new PolicyId(PolicyId.Type.NETWORK_POLICY, "steady", "talk"),
                "steady",
                0,
                selector,
                Set.of(Direction.INGRESS, Direction.EGRESS),
                List.of(fromSteady),
                List.of(allow),
                Policy.Stage.NORMAL,
                false,
                false)));
    for (int i : List.of(TALKER, LISTENER)) {
      facts.add(
          new Fact.EndpointIs(
              new Endpoint(
                  new EndpointId.Workload("steady", "pod" + i),
                  Map.of(Selector.NAMESPACE_LABEL, "steady"),
                  List.of(),
                  Set.of(Prefix.parse("10.65.0." + i), Prefix.parse("fd00:65::" + i)),
                  List.of(),
                  Optional.of(new Endpoint.Local("cali" + i, Set.of())))));
    }
    return facts;
  }

  /** Pools and nodes, which come and go too. */
  private static final class Surroundings {
    private final Random random;
    private List<IPPool> pools = List.of();
    private List<Address> nodes = List.of();

    Surroundings(Random random) {
      this.random = random;
      change();
    }

    void change() {
      pools =
          List.of("10.65.0.0/16", "10.66.0.0/24", "fd00:65::/32").stream()
              .filter(_ -> random.nextInt(3) > 0)
              .map(Prefix::parse)
              .map(
                  cidr ->
                      new IPPool(
                          Metadata.named("pool-" + cidr.toString().replaceAll("[^a-z0-9]", "-")),
                          IPPool.Spec.of(cidr).withNatOutgoing(random.nextBoolean())))
              .toList();
      nodes =
          List.of("192.0.2.1", "192.0.2.7", "192.0.2.8", "2001:db8::7").stream()
              .filter(_ -> random.nextBoolean())
              .map(Address::parse)
              .toList();
    }

    void tell(NetworkPolicies policies) {
      policies.pools(pools);
      policies.nodes(nodes);
    }
  }
}
