package dev.manul.policy.packets;

import static dev.manul.policy.meaning.Direction.EGRESS;
import static dev.manul.policy.meaning.Direction.INGRESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.PolicyCount;
import dev.manul.policy.TierCount;
import dev.manul.policy.kernel.Backend;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.rendering.PolicyOptions;
import dev.manul.policy.rendering.PolicyOptions.Denial;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What packets meet when Calico's settings of the packet filter are not the usual ones. */
class PolicyModesIT {

  /** The usual rules, but for how packets are denied and where our rules are put. */
  private static PolicyOptions rules(Denial denial, boolean first) {
    PolicyOptions usual = PolicyOptions.DEFAULT;
    return new PolicyOptions(
        usual.marks(),
        usual.interfacePrefixes(),
        usual.toHost(),
        denial,
        usual.logPrefix(),
        usual.failsafeInbound(),
        usual.failsafeOutbound(),
        usual.ipip(),
        usual.vxlanPort(),
        usual.ipipFromPods(),
        usual.vxlanFromPods(),
        usual.dropsInvalid(),
        first,
        usual.checksSources(),
        usual.seesPorts(),
        usual.udpTunnelPort());
  }

  private static Probe probe(int protocol, String source, String destination, int port) {
    return new Probe(
        Address.parse(source), Address.parse(destination), protocol, 40_000, port, 0, 0);
  }

  private static void connect(PolicyHosts hosts, String destination, int millis)
      throws IOException {
    try (SocketChannel channel = hosts.pod(1).call(SocketChannel::open)) {
      channel.socket().connect(new InetSocketAddress(destination, 81), millis);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoIsRejectedIsToldAndWhoIsDroppedIsNot(Backend backend) {
    var options = NetworkPolicyOptions.DEFAULT.withBackend(backend);
    try (var hosts = new PolicyHosts(3)) {
      try (var _ = WebPolicy.enforced(hosts, options.withRules(rules(Denial.REJECT, true)))) {
        for (String destination : List.of("10.65.0.2", "fd00:65::2")) {
          assertThatThrownBy(() -> connect(hosts, destination, 20_000))
              .as(destination)
              .isInstanceOf(ConnectException.class)
              .hasMessageContaining("refused");
        }
        assertThat(hosts.arrived(List.of(probe(6, "10.65.0.1", "10.65.0.2", 80))).get(0)).isTrue();
      }
      hosts.forgetConnections();
      try (var _ = WebPolicy.enforced(hosts, options.withRules(rules(Denial.DROP, true)))) {
        assertThatThrownBy(() -> connect(hosts, "10.65.0.2", 300))
            .isInstanceOf(SocketTimeoutException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void appendedRulesComeAfterOthers(Backend backend) {
    var options = NetworkPolicyOptions.DEFAULT.withBackend(backend);
    String iptables = "iptables-" + backend;
    try (var hosts = new PolicyHosts(3)) {
      PolicyHosts.run(hosts.node, iptables + " -P FORWARD DROP");
      PolicyHosts.run(hosts.node, iptables + " -A FORWARD -p tcp --dport 81 -j ACCEPT");
      List<Probe> probes =
          List.of(
              probe(6, "10.65.0.1", "10.65.0.2", 80),
              probe(6, "10.65.0.1", "10.65.0.2", 81),
              probe(6, "10.65.0.1", "10.65.0.2", 82),
              probe(17, "10.65.0.1", "10.65.0.3", 53));
      try (var _ = WebPolicy.enforced(hosts, options.withRules(rules(Denial.DROP, false)))) {
        assertThat(hosts.arrived(probes))
            .as("others let port 81 through before policy is asked")
            .isEqualTo(BitSet.valueOf(new long[] {0b1011}));
      }
      hosts.forgetConnections();
      try (var _ = WebPolicy.enforced(hosts, options.withRules(rules(Denial.DROP, true)))) {
        assertThat(hosts.arrived(probes))
            .as("policy is asked first")
            .isEqualTo(BitSet.valueOf(new long[] {0b1001}));
        assertThat(PolicyHosts.run(hosts.node, iptables + " -S FORWARD"))
            .containsSubsequence("-j manul-FORWARD", "--dport 81 -j ACCEPT")
            .containsOnlyOnce("-j manul-FORWARD");
      }
    }
  }

  /** The old rules stay until the new ones are there, and then go. */
  @ParameterizedTest
  @EnumSource
  void anotherPacketFilterTakesOver(Backend before) {
    Backend after = before == Backend.NFT ? Backend.LEGACY : Backend.NFT;
    List<Probe> probes =
        List.of(
            probe(6, "10.65.0.1", "10.65.0.2", 80),
            probe(6, "10.65.0.1", "10.65.0.2", 81),
            probe(6, "fd00:65::1", "fd00:65::2", 80),
            probe(6, "fd00:65::1", "fd00:65::2", 81));
    try (var hosts = new PolicyHosts(3)) {
      for (Backend backend : List.of(before, after)) {
        Backend other = backend == before ? after : before;
        try (var _ = WebPolicy.enforced(hosts, NetworkPolicyOptions.DEFAULT.withBackend(backend))) {
          hosts.forgetConnections();
          assertThat(hosts.arrived(probes))
              .as("%s", backend)
              .isEqualTo(BitSet.valueOf(new long[] {0b0101}));
          for (String program : List.of("iptables-", "ip6tables-")) {
            assertThat(PolicyHosts.run(hosts.node, program + backend + "-save"))
                .contains("manul-pi-gnp/web");
            assertThat(PolicyHosts.run(hosts.node, program + other + "-save"))
                .doesNotContain("manul");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatTheEndOfATierDropsIsCounted(Backend backend) {
    try (var hosts = new PolicyHosts(3);
        var policies =
            WebPolicy.enforced(hosts, NetworkPolicyOptions.DEFAULT.withBackend(backend))) {
      policies.apply(
          List.of(
              new Fact.PolicyIs(
                  Sketch.policy(
                      "first",
                      "security",
                      1,
                      "app == 'db'",
                      INGRESS,
                      Sketch.pass().protocol(6),
                      Sketch.deny().protocol(132))),
              new Fact.PolicyIs(
                  Sketch.policy(
                      "out", "app == 'web'", EGRESS, Sketch.allow().toNets("0.0.0.0/0", "::/0")))));
      PolicyPacketsIT.settled(policies);
      var _ =
          hosts.arrived(
              List.of(
                  probe(6, "10.65.0.1", "10.65.0.2", 80), // passed on and allowed
                  probe(6, "10.65.0.1", "10.65.0.2", 81), // passed on, and no policy of default
                  probe(6, "fd00:65::1", "fd00:65::2", 81),
                  probe(132, "10.65.0.1", "10.65.0.2", 80), // denied by a rule
                  probe(17, "10.65.0.1", "10.65.0.2", 53), // no policy of security
                  probe(17, "10.65.0.3", "10.65.0.1", 53))); // nothing is asked
      assertThat(policies.counts().tiers())
          .containsExactlyInAnyOrder(
              new TierCount("security", INGRESS, 1),
              new TierCount("default", INGRESS, 2),
              new TierCount("default", EGRESS, 0));
      assertThat(policies.counts().policies())
          .filteredOn(count -> count.policy().name().equals("first"))
          .singleElement()
          .extracting(PolicyCount::denied, PolicyCount::passed)
          .containsExactly(1L, 3L);
    }
  }

  @Test
  void aPodIsClosedInAFamilyItHasNoAddressOf() {
    try (var hosts = new PolicyHosts(3);
        var policies = NetworkPolicies.start(hosts.node, NetworkPolicyOptions.DEFAULT)) {
      List<Fact> world = Scenario.world();
      policies.apply(world);
      policies.synced();
      PolicyPacketsIT.settled(policies);
      List<Probe> probes =
          List.of(
              probe(17, "10.65.0.1", "10.65.0.2", 53), probe(17, "fd00:65::1", "fd00:65::2", 53));
      assertThat(hosts.arrived(probes)).isEqualTo(BitSet.valueOf(new long[] {0b11}));

      policies.apply(List.of(Scenario.withoutIpv6(world, "pod2")));
      PolicyPacketsIT.settled(policies);
      hosts.forgetConnections();
      assertThat(hosts.arrived(probes)).isEqualTo(BitSet.valueOf(new long[] {0b01}));
      assertThat(PolicyHosts.run(hosts.node, "ip6tables-nft-save")).doesNotContain("-tw-cali2");

      policies.apply(world);
      PolicyPacketsIT.settled(policies);
      hosts.forgetConnections();
      assertThat(hosts.arrived(probes)).isEqualTo(BitSet.valueOf(new long[] {0b11}));
    }
  }
}
