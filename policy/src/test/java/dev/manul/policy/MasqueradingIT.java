package dev.manul.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Profile;
import dev.manul.policy.meaning.Rule;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real iptables, ipsets and packets, in namespaces of the test's own, with both packet filters. */
class MasqueradingIT {

  private static final NetworkPolicyOptions OPTIONS =
      NetworkPolicyOptions.DEFAULT.withLongestCheck(Duration.ofMillis(200));
  private static final List<IPPool> POOLS =
      List.of(Pools.masqueraded("10.244.0.0/16"), Pools.masqueraded("fd00:10:244::/56"));

  /** A pod that may do everything. */
  private static final List<Fact> POD =
      List.of(
          new Fact.ProfileIs(
              new Profile(
                  "open",
                  List.of(Rule.every(Action.ALLOW)),
                  List.of(Rule.every(Action.ALLOW)),
                  Map.of())),
          new Fact.EndpointIs(
              new Endpoint(
                  new EndpointId.Workload("default", "pod"),
                  Map.of(),
                  List.of("open"),
                  Set.of(Prefix.parse(TestHosts.POD), Prefix.parse(TestHosts.POD6)),
                  List.of(),
                  Optional.of(new Endpoint.Local("calitest", Set.of())))));

  private final TestHosts hosts = new TestHosts();

  @BeforeAll
  static void waitLongOnABusyMachine() {
    Awaitility.setDefaultTimeout(Duration.ofMinutes(1));
  }

  @AfterEach
  void removeHosts() {
    hosts.close();
  }

  private NetworkPolicies started(NetworkPolicyOptions options, List<IPPool> pools) {
    NetworkPolicies nat = NetworkPolicies.start(hosts.node, options);
    nat.apply(POD);
    nat.pools(pools);
    nat.synced();
    awaitSettled(nat);
    return nat;
  }

  private static void awaitSettled(NetworkPolicies nat) {
    await().untilAsserted(() -> assertThat(nat.status().settled()).as("%s", nat.status()).isTrue());
  }

  private String fromPodToOutside() throws IOException {
    return TestHosts.sourceSeen(hosts.pod, TestHosts.POD, hosts.outside, TestHosts.OUTSIDE)
        .orElse("nothing");
  }

  private static String iptables(Backend backend) {
    return "iptables-" + backend;
  }

  private String allRules() {
    return List.of("iptables-nft", "iptables-legacy", "ip6tables-nft", "ip6tables-legacy").stream()
        .flatMap(p -> List.of("nat", "filter").stream().map(table -> hosts.rules(p, table)))
        .collect(Collectors.joining());
  }

  private String sets() {
    return TestHosts.run(hosts.node, "ipset save");
  }

  @ParameterizedTest
  @EnumSource
  void whatLeavesThePoolsTakesTheNodesAddressAndNothingElseDoes(Backend backend)
      throws IOException {
    assertThat(fromPodToOutside()).isEqualTo(TestHosts.POD);
    try (NetworkPolicies nat = started(OPTIONS.withBackend(backend), POOLS)) {
      assertThat(nat.status().backend()).contains(backend);
      assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE);
      assertThat(
              TestHosts.sourceSeen(hosts.pod, TestHosts.POD, hosts.outside, TestHosts.REMOTE_POD))
          .contains(TestHosts.POD);
      assertThat(TestHosts.sourceSeen(hosts.pod, TestHosts.POD6, hosts.outside, TestHosts.OUTSIDE6))
          .contains(InetAddress.getByName(TestHosts.NODE6).getHostAddress());
      assertThat(
              hosts.rules(iptables(backend == Backend.NFT ? Backend.LEGACY : Backend.NFT), "nat"))
          .doesNotContain("manul");

      nat.pools(List.of(Pools.pool("10.244.0.0/16")));
      await().untilAsserted(() -> assertThat(fromPodToOutside()).isEqualTo(TestHosts.POD));
      awaitSettled(nat);
      assertThat(hosts.rules(iptables(backend), "nat")).doesNotContain("manul");
      await().untilAsserted(() -> assertThat(sets()).doesNotContain("mnl"));

      nat.pools(POOLS);
      await().untilAsserted(() -> assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE));
    }
    assertThat(fromPodToOutside()).as("after close").isEqualTo(TestHosts.NODE);
  }

  @ParameterizedTest
  @EnumSource
  void aSourceThatIsChosenIsTaken(Backend backend) throws IOException {
    TestHosts.ip(hosts.node, "addr add 198.51.100.77/32 dev eth0");
    NetworkPolicyOptions options =
        OPTIONS
            .withBackend(backend)
            .withMasquerade(Masquerade.DEFAULT.withAddress(Address.parse("198.51.100.77")));
    try (NetworkPolicies _ = started(options, POOLS)) {
      assertThat(fromPodToOutside()).isEqualTo("198.51.100.77");
      assertThat(
              TestHosts.sourceSeen(hosts.pod, TestHosts.POD, hosts.outside, TestHosts.REMOTE_POD))
          .as("what stays in the pools")
          .contains(TestHosts.POD);
      assertThat(TestHosts.sourceSeen(hosts.pod, TestHosts.POD6, hosts.outside, TestHosts.OUTSIDE6))
          .as("the other family")
          .contains(InetAddress.getByName(TestHosts.NODE6).getHostAddress());
    }
  }

  @ParameterizedTest
  @EnumSource
  void portsThatAreChosenAreTakenInBothFamilies(Backend backend) throws IOException {
    NetworkPolicyOptions options =
        OPTIONS
            .withBackend(backend)
            .withMasquerade(Masquerade.DEFAULT.withPorts(new Masquerade.Ports(4000, 4002)));
    try (NetworkPolicies _ = started(options, POOLS)) {
      for (int i = 0; i < 5; i++) {
        assertThat(
                TestHosts.endSeen(hosts.pod, TestHosts.POD, hosts.outside, TestHosts.OUTSIDE)
                    .orElseThrow()
                    .getPort())
            .isBetween(4000, 4002);
        assertThat(
                TestHosts.endSeen(hosts.pod, TestHosts.POD6, hosts.outside, TestHosts.OUTSIDE6)
                    .orElseThrow()
                    .getPort())
            .isBetween(4000, 4002);
      }
      assertThat(TestHosts.run(hosts.pod, "ping -c 1 -W 2 " + TestHosts.OUTSIDE))
          .as("what has no ports")
          .contains("1 received");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNodesAddressCanBeSpared(Backend backend) throws IOException {
    NetworkPolicyOptions options =
        OPTIONS
            .withBackend(backend)
            .withMasquerade(Masquerade.DEFAULT.withExclusions(Exclusions.POOLS_AND_NODES));
    try (NetworkPolicies nat = started(options, POOLS)) {
      assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE);
      nat.nodes(List.of(Address.parse(TestHosts.OUTSIDE)));
      await().untilAsserted(() -> assertThat(fromPodToOutside()).isEqualTo(TestHosts.POD));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatOthersDoToOurRulesIsPutRightAndTheirsStay(Backend backend) throws IOException {
    String iptables = iptables(backend);
    TestHosts.run(hosts.node, iptables + " -t nat -N OTHERS");
    TestHosts.run(hosts.node, iptables + " -t nat -A POSTROUTING -p sctp -j OTHERS");
    TestHosts.run(hosts.node, "ipset create others hash:ip");
    try (NetworkPolicies nat = started(OPTIONS.withBackend(backend), POOLS)) {
      String right = hosts.rules(iptables, "nat");
      assertThat(right)
          .containsSubsequence("-A POSTROUTING", "manul-POSTROUTING", "-A POSTROUTING -p sctp");

      TestHosts.run(hosts.node, iptables + " -t nat -F manul-nat-outgoing");
      await().untilAsserted(() -> assertThat(hosts.rules(iptables, "nat")).isEqualTo(right));

      TestHosts.run(hosts.node, iptables + " -t nat -D POSTROUTING 1");
      await().untilAsserted(() -> assertThat(hosts.rules(iptables, "nat")).isEqualTo(right));

      TestHosts.run(hosts.node, iptables + " -t nat -I POSTROUTING 1 -p dccp -j OTHERS");
      await()
          .untilAsserted(
              () ->
                  assertThat(hosts.rules(iptables, "nat"))
                      .containsSubsequence(
                          "-A POSTROUTING -m comment",
                          "manul-POSTROUTING",
                          "-A POSTROUTING -p dccp -j OTHERS",
                          "-A POSTROUTING -p sctp -j OTHERS"));
      TestHosts.run(hosts.node, iptables + " -t nat -F");
      await().untilAsserted(() -> assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE));

      TestHosts.run(hosts.node, "ipset flush mnl4-masq-pools");
      await().untilAsserted(() -> assertThat(sets()).contains("add mnl4-masq-pools 10.244.0.0/16"));
      await().untilAsserted(() -> assertThat(nat.status().repaired()).isGreaterThanOrEqualTo(5));
      assertThat(sets()).contains("create others hash:ip");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRestartWritesNothing(Backend backend) {
    NetworkPolicyOptions options = OPTIONS.withBackend(backend);
    long first;
    try (NetworkPolicies nat = started(options, POOLS)) {
      first = nat.status().writes();
    }
    assertThat(first).isPositive();
    String before = allRules() + sets();
    try (NetworkPolicies nat = started(options, POOLS)) {
      var checked = nat.status().lastFullCheck();
      await().until(() -> !nat.status().lastFullCheck().equals(checked));
      assertThat(nat.status().writes()).isZero();
    }
    assertThat(allRules() + sets()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void podsAreForwardedWhereThePolicyIsDrop(Backend backend) throws IOException {
    TestHosts.run(hosts.node, iptables(backend) + " -P FORWARD DROP");
    TestHosts.run(hosts.node, "ip6" + iptables(backend).substring(2) + " -P FORWARD DROP");
    assertThat(fromPodToOutside()).isEqualTo("nothing");
    try (NetworkPolicies nat = started(OPTIONS.withBackend(backend), POOLS)) {
      assertThat(nat.status().failing()).isEmpty();
      assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE);
      assertThat(TestHosts.sourceSeen(hosts.outside, TestHosts.OUTSIDE, hosts.pod, TestHosts.POD))
          .contains(TestHosts.OUTSIDE);
      assertThat(TestHosts.sourceSeen(hosts.outside, TestHosts.OUTSIDE6, hosts.pod, TestHosts.POD6))
          .contains(InetAddress.getByName(TestHosts.OUTSIDE6).getHostAddress());
    }
  }

  /** A veth stands in for the tunnel device: only name and addresses matter. */
  @ParameterizedTest
  @EnumSource
  void theNodesOwnPacketsIntoATunnelTakeTheTunnelsAddress(Backend backend) throws IOException {
    TestHosts.ip(
        hosts.node,
        "link add vxlan.calico type veth peer name tunnel netns " + TestHosts.name(hosts.outside));
    TestHosts.ip(hosts.node, "link set vxlan.calico up");
    TestHosts.ip(hosts.outside, "link set tunnel up");
    TestHosts.ip(hosts.node, "addr add 10.244.77.1/32 dev vxlan.calico");
    TestHosts.ip(hosts.outside, "addr add 10.244.78.1/32 dev tunnel");
    TestHosts.ip(hosts.node, "route add 10.244.78.1/32 dev vxlan.calico");
    TestHosts.ip(hosts.outside, "route add 10.244.77.1/32 dev tunnel");
    for (String from : List.of(TestHosts.NODE, "10.244.77.1")) {
      try (NetworkPolicies nat =
          started(OPTIONS.withBackend(backend), List.of(Pools.vxlan("10.244.0.0/16")))) {
        assertThat(nat.status().failing()).isEmpty();
        assertThat(TestHosts.sourceSeen(hosts.node, from, hosts.outside, "10.244.78.1"))
            .as("from %s", from)
            .contains("10.244.77.1");
      }
    }
  }

  /** A set of our name but of another kind, which a rule of somebody's keeps from being removed. */
  @ParameterizedTest
  @EnumSource
  void whatFailsIsToldAndTriedAgainUntilItIsDone(Backend backend) throws IOException {
    String rule = " POSTROUTING -m set --match-set mnl4-masq-pools src -j RETURN";
    TestHosts.run(hosts.node, "ipset create mnl4-masq-pools hash:ip");
    TestHosts.run(hosts.node, iptables(backend) + " -t mangle -A" + rule);
    try (var nat = NetworkPolicies.start(hosts.node, OPTIONS.withBackend(backend))) {
      nat.apply(POD);
      nat.pools(POOLS);
      nat.synced();
      await()
          .untilAsserted(
              () -> assertThat(nat.status().failing()).asString().contains("mnl4-masq-pools"));
      assertThat(nat.status().settled()).isFalse();
      TestHosts.run(hosts.node, iptables(backend) + " -t mangle -D" + rule);
      awaitSettled(nat);
      assertThat(nat.status().failing()).isEmpty();
      assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE);
    }
  }

  @Test
  void theFilterOfTheRestOfTheNodeIsUsedAndTheOtherSwept() throws IOException {
    try (NetworkPolicies nat = started(OPTIONS, POOLS)) {
      assertThat(nat.status().backend()).contains(Backend.NFT);
      TestHosts.run(hosts.node, "iptables-legacy -t mangle -N KUBE-KUBELET-CANARY");
      await().until(() -> nat.status().backend().equals(Optional.of(Backend.LEGACY)));
      awaitSettled(nat);
      await()
          .untilAsserted(
              () -> {
                assertThat(hosts.rules("iptables-nft", "nat")).doesNotContain("manul");
                assertThat(hosts.rules("ip6tables-nft", "nat")).doesNotContain("manul");
                assertThat(hosts.rules("iptables-legacy", "nat")).contains("manul-nat-outgoing");
              });
      assertThat(fromPodToOutside()).isEqualTo(TestHosts.NODE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anUninstallationLeavesOnlyOthersThings(Backend backend) {
    String iptables = iptables(backend);
    TestHosts.run(hosts.node, iptables + " -P FORWARD DROP");
    TestHosts.run(hosts.node, iptables + " -t nat -A POSTROUTING -p sctp -j ACCEPT");
    TestHosts.run(hosts.node, "ipset create others hash:ip");
    String before = hosts.rules(iptables, "nat") + hosts.rules(iptables, "filter");
    try (NetworkPolicies nat = started(OPTIONS.withBackend(backend), POOLS)) {
      assertThat(nat.status().writes()).isGreaterThan(2);
    }
    NetworkPolicies.remove(hosts.node);
    assertThat(hosts.rules(iptables, "nat") + hosts.rules(iptables, "filter")).isEqualTo(before);
    assertThat(allRules()).doesNotContain("manul");
    assertThat(sets()).startsWith("create others").doesNotContain("mnl");
    NetworkPolicies.remove(hosts.node);
  }
}
