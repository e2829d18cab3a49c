package dev.manul.policy.packets;

import static dev.manul.policy.meaning.Direction.INGRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.oracle.Worlds;
import dev.manul.policy.rendering.PolicyOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is in the kernel while things happen to it: restarts, others' rules, others' hands. */
class NetworkPoliciesIT {

  private static final NetworkPolicyOptions OPTIONS =
      NetworkPolicyOptions.DEFAULT.withLongestCheck(Duration.ofMillis(300));
  private static final List<String> TABLES = List.of("raw", "mangle", "nat", "filter");

  @BeforeAll
  static void waitLongOnABusyMachine() {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
  }

  /** Tables and sets, without what changes by itself and without the order of hashes. */
  private static String kernel(PolicyHosts hosts, Backend backend) {
    List<String> lines = new ArrayList<>();
    for (String program : List.of("iptables", "ip6tables")) {
      for (String table : TABLES) {
        PolicyHosts.run(hosts.node, program + "-" + backend + "-save -t " + table)
            .lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.replaceAll(" \\[\\d+:\\d+]", ""))
            .forEach(lines::add);
      }
    }
    PolicyHosts.run(hosts.node, "ipset save").lines().sorted().forEach(lines::add);
    return String.join("\n", lines);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsWrittenBeforeAllIsToldNorByARestart(Backend backend) {
    try (var hosts = new PolicyHosts(3)) {
      try (var policies = WebPolicy.enforced(hosts, OPTIONS.withBackend(backend))) {
        assertThat(policies.status().writes()).isPositive();
        assertThat(policies.status().endpoints()).isEqualTo(3);
      }
      String before = kernel(hosts, backend);
      assertThat(before).contains("manul-pi-gnp/web", "mnl4-s", "mnl6-s");
      try (var policies = NetworkPolicies.start(hosts.node, OPTIONS.withBackend(backend))) {
        policies.apply(List.of(WebPolicy.POLICY));
        Boolean _ = policies.ask(_ -> true).join();
        assertThat(policies.status().writes()).isZero();
        assertThat(kernel(hosts, backend)).isEqualTo(before);
        policies.apply(Scenario.world());
        policies.synced();
        PolicyPacketsIT.settled(policies);
        assertThat(policies.status().writes()).isZero();
      }
      assertThat(kernel(hosts, backend)).isEqualTo(before);
      NetworkPolicies.remove(hosts.node);
      assertThat(kernel(hosts, backend)).doesNotContain("manul").doesNotContain("mnl");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatOthersDoIsPutRightAndTheirsStays(Backend backend) {
    try (var hosts = new PolicyHosts(3)) {
      String iptables = "iptables-" + backend;
      PolicyHosts.run(hosts.node, iptables + " -N OTHERS");
      PolicyHosts.run(hosts.node, iptables + " -A FORWARD -p dccp -j OTHERS");
      PolicyHosts.run(hosts.node, "ipset create others hash:ip");
      try (var policies = WebPolicy.enforced(hosts, OPTIONS.withBackend(backend))) {
        String right = kernel(hosts, backend);
        assertThat(right)
            .containsSubsequence(
                "-A FORWARD -m comment", "-j manul-FORWARD", "-A FORWARD -p dccp -j OTHERS")
            .contains("create others");
        List<String> deeds =
            List.of(
                iptables + " -F manul-pi-gnp/web",
                iptables + " -D FORWARD 1",
                iptables + " -I manul-FORWARD -j ACCEPT",
                iptables + " -t raw -F",
                "ipset flush",
                "ip6tables-" + backend + " -F manul-to-wl-dispatch");
        for (String deed : deeds) {
          PolicyHosts.run(hosts.node, deed);
          await().untilAsserted(() -> assertThat(kernel(hosts, backend)).as(deed).isEqualTo(right));
        }
        assertThat(policies.status().repaired()).isGreaterThanOrEqualTo(deeds.size());
        PolicyHosts.run(hosts.node, iptables + " -I FORWARD -p sctp -j OTHERS");
        await()
            .untilAsserted(
                () ->
                    assertThat(kernel(hosts, backend))
                        .containsSubsequence(
                            "-j manul-FORWARD",
                            "-A FORWARD -p sctp -j OTHERS",
                            "-A FORWARD -p dccp -j OTHERS"));
      }
    }
  }

  /** Another hand flushes at random while policies, pods and labels change. */
  @ParameterizedTest
  @EnumSource
  void afterChurnTheKernelHasWhatAFreshStartWouldWrite(Backend backend) {
    var random = new Random(20_261_121);
    var worlds = new Worlds(77, Worlds.Shape.SMALL);
    String churned;
    try (var hosts = new PolicyHosts(3);
        var policies = NetworkPolicies.start(hosts.node, OPTIONS.withBackend(backend))) {
      policies.apply(worlds.start());
      policies.synced();
      PolicyPacketsIT.settled(policies);
      for (int step = 0; step < 150; step++) {
        policies.apply(worlds.step());
        if (step % 10 == 5) {
          disturb(hosts, backend, random);
        }
      }
      PolicyPacketsIT.settled(policies);
      policies.check();
      PolicyPacketsIT.settled(policies);
      churned = chains(kernel(hosts, backend));
    }
    try (var hosts = new PolicyHosts(3);
        var policies = NetworkPolicies.start(hosts.node, OPTIONS.withBackend(backend))) {
      policies.apply(worlds.world().facts());
      policies.synced();
      PolicyPacketsIT.settled(policies);
      assertThat(churned).isEqualTo(chains(kernel(hosts, backend)));
    }
  }

  private static void disturb(PolicyHosts hosts, Backend backend, Random random) {
    String program = (random.nextBoolean() ? "iptables-" : "ip6tables-") + backend;
    String table = List.of("raw", "filter", "mangle").get(random.nextInt(3));
    String deed = random.nextInt(3) == 0 ? "ipset flush" : program + " -t " + table + " -F";
    PolicyHosts.run(hosts.node, deed);
  }

  /** Chains are listed in the order in which they were made. */
  private static String chains(String kernel) {
    return kernel
        .lines()
        .map(line -> line.replaceAll(" (hashsize|bucketsize|initval) \\S+", ""))
        .collect(
            Collectors.groupingBy(
                line -> line.split(" ", 3)[0].equals("-A") ? line.split(" ", 3)[1] : ""))
        .entrySet()
        .stream()
        .map(
            entry ->
                entry.getKey().isEmpty()
                    ? entry.getValue().stream().sorted().collect(Collectors.joining("\n"))
                    : String.join("\n", entry.getValue()))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @EnumSource
  void connectionsThatAreThereOutliveADenial(Backend backend) throws IOException {
    try (var hosts = new PolicyHosts(3);
        var policies = WebPolicy.enforced(hosts, OPTIONS.withBackend(backend));
        ServerSocket server =
            hosts.pod(2).call(() -> new ServerSocket(80, 5, InetAddress.getByName("10.65.0.2")));
        SocketChannel channel = hosts.pod(1).call(SocketChannel::open)) {
      server.setSoTimeout(20_000);
      Socket client = channel.socket();
      client.connect(new InetSocketAddress("10.65.0.2", 80), 20_000);
      try (Socket accepted = server.accept()) {
        policies.apply(
            List.of(
                new Fact.PolicyIs(Sketch.policy("web", "app == 'db'", INGRESS, Sketch.deny()))));
        PolicyPacketsIT.settled(policies);
        accepted.setSoTimeout(20_000);
        client.getOutputStream().write(42);
        assertThat(accepted.getInputStream().read()).isEqualTo(42);
        Probe fresh =
            new Probe(Address.parse("10.65.0.1"), Address.parse("10.65.0.2"), 6, 40_000, 80, 0, 0);
        assertThat(hosts.arrived(List.of(fresh)).isEmpty()).isTrue();
      }
    }
  }

  @Test
  void anEndpointsPolicyCanBeWaitedForAndItIsClosedUntilThen() throws Exception {
    try (var hosts = new PolicyHosts(3);
        var policies = NetworkPolicies.start(hosts.node, NetworkPolicyOptions.DEFAULT)) {
      List<Fact> later = new ArrayList<>(Scenario.world());
      later.removeIf(fact -> !fact.toString().contains("pod2"));
      List<Fact> first = new ArrayList<>(Scenario.world());
      first.removeAll(later);
      policies.apply(first);
      policies.synced();
      PolicyPacketsIT.settled(policies);
      Probe probe =
          new Probe(Address.parse("10.65.0.1"), Address.parse("10.65.0.2"), 17, 40_000, 53, 0, 0);
      assertThat(hosts.arrived(List.of(probe)).isEmpty()).as("before it is known").isTrue();
      var inForce =
          policies.inForce(
              new EndpointId.Workload("red", "pod2"), List.of(Address.parse("10.65.0.2")));
      Boolean _ = policies.ask(_ -> true).join();
      assertThat(inForce).isNotDone();
      policies.apply(later);
      inForce.get(60, TimeUnit.SECONDS);
      assertThat(hosts.arrived(List.of(probe)).get(0)).isTrue();
    }
  }

  @Test
  void masqueradingIsInTheSameHands() {
    try (var hosts = new PolicyHosts(3);
        var policies =
            WebPolicy.enforced(
                hosts, OPTIONS.withRules(PolicyOptions.DEFAULT.withTunnels(true, true)))) {
      var pool =
          new IPPool(
              Metadata.named("pods"), IPPool.Spec.of(PolicyHosts.PODS).withNatOutgoing(true));
      policies.pools(List.of(pool));
      policies.nodes(List.of(Address.parse("192.0.2.0"), Address.parse("2001:db8::")));
      PolicyPacketsIT.settled(policies);
      assertThat(kernel(hosts, Backend.NFT))
          .contains("--match-set mnl4-masq-pools src", "add mnl4-tunnel-peers 192.0.2.0");
      var stranger =
          new Probe(
              Address.parse("198.51.100.7"),
              Address.parse(PolicyHosts.NODE),
              17,
              40_000,
              4789,
              0,
              0);
      var peer =
          new Probe(
              Address.parse("192.0.2.0"), Address.parse(PolicyHosts.NODE), 17, 40_001, 4789, 0, 0);
      assertThat(hosts.arrived(List.of(stranger, peer)))
          .as("VXLAN from known nodes only")
          .isEqualTo(BitSet.valueOf(new long[] {2}));
      policies.pools(List.of());
      PolicyPacketsIT.settled(policies);
      assertThat(kernel(hosts, Backend.NFT)).doesNotContain("masq-pools");
    }
  }
}
