package dev.manul.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.policy.kernel.Chain;
import dev.manul.policy.kernel.Hook;
import dev.manul.policy.kernel.IpSet;
import dev.manul.policy.kernel.RuleText;
import dev.manul.policy.kernel.Table;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NatRulesTest {

  private static NatRules.Wanted of(AddressFamily family, IPPool... pools) {
    return NatRules.of(family, new NatRules.Input(Set.of(pools), Set.of()), Masquerade.DEFAULT);
  }

  private static Map<String, List<String>> chains(NatRules.Wanted wanted) {
    return wanted.table().chains().stream()
        .collect(
            Collectors.toMap(
                Chain::name, chain -> chain.rules().stream().map(RuleText::text).toList()));
  }

  private static Map<String, IpSet> sets(NatRules.Wanted wanted) {
    return wanted.sets().stream().collect(Collectors.toMap(IpSet::name, Function.identity()));
  }

  private static void assertNothing(NatRules.Wanted wanted) {
    assertThat(wanted.sets()).isEmpty();
    assertThat(wanted.table()).isEqualTo(Table.empty("nat"));
  }

  @Test
  void packetsThatLeaveThePoolsAreMasqueraded() {
    NatRules.Wanted wanted =
        of(
            AddressFamily.IPV4,
            Pools.masqueraded("10.244.0.0/16"),
            Pools.pool("10.250.0.0/24"),
            Pools.masqueraded("fd00:10:244::/56"));

    assertThat(chains(wanted))
        .isEqualTo(
            Map.of(
                "manul-POSTROUTING",
                List.of("-j manul-nat-outgoing"),
                "manul-nat-outgoing",
                List.of(
                    "-m set --match-set mnl4-masq-pools src"
                        + " -m set ! --match-set mnl4-all-pools dst"
                        + " -j MASQUERADE --random-fully")));
    assertThat(wanted.table().hooks())
        .containsExactly(
            new Hook("POSTROUTING", List.of(new RuleText("-j manul-POSTROUTING")), List.of()));
    assertThat(sets(wanted).get("mnl4-masq-pools").members()).containsExactly("10.244.0.0/16");
    assertThat(sets(wanted).get("mnl4-all-pools").members())
        .containsExactlyInAnyOrder("10.244.0.0/16", "10.250.0.0/24");
  }

  @Test
  void setsAreFilledBeforeTheyMatterAndEmptiedInTheOtherOrder() {
    assertThat(of(AddressFamily.IPV4, Pools.masqueraded("10.244.0.0/16")).sets())
        .extracting(IpSet::name)
        .containsExactly("mnl4-all-pools", "mnl4-masq-pools");
  }

  @Test
  void eachFamilyHasItsOwn() {
    NatRules.Wanted wanted =
        of(
            AddressFamily.IPV6,
            Pools.masqueraded("10.244.0.0/16"),
            Pools.masqueraded("fd00:10:244::/56"));
    assertThat(sets(wanted)).containsOnlyKeys("mnl6-all-pools", "mnl6-masq-pools");
    assertThat(sets(wanted).get("mnl6-masq-pools").members()).containsExactly("fd00:10:244::/56");
    assertThat(chains(wanted).get("manul-nat-outgoing").getFirst())
        .startsWith("-m set --match-set mnl6-masq-pools src");
  }

  @Test
  void nothingIsWantedWithoutNatOutgoingAndTunnels() {
    assertNothing(of(AddressFamily.IPV4, Pools.pool("10.244.0.0/16")));
    assertNothing(of(AddressFamily.IPV6, Pools.masqueraded("10.244.0.0/16")));
  }

  @Test
  void aPoolOfLoadBalancersIsNoPoolOfPods() {
    IPPool pool = Pools.masqueraded("10.244.0.0/16");
    IPPool balancers = pool.withSpec(pool.spec().withAllowedUses(List.of("LoadBalancer")));
    assertNothing(of(AddressFamily.IPV4, balancers));
  }

  @Test
  void aDisabledPoolIsStillAPool() {
    IPPool pool = Pools.masqueraded("10.244.0.0/16");
    NatRules.Wanted wanted = of(AddressFamily.IPV4, pool.withSpec(pool.spec().withDisabled(true)));
    assertThat(sets(wanted).get("mnl4-all-pools").members()).containsExactly("10.244.0.0/16");
    assertThat(sets(wanted).get("mnl4-masq-pools").members()).containsExactly("10.244.0.0/16");
  }

  @Test
  void nodesOwnAddressesCanBeSpared() {
    NatRules.Wanted wanted =
        NatRules.of(
            AddressFamily.IPV4,
            new NatRules.Input(
                Set.of(Pools.masqueraded("10.244.0.0/16")),
                Set.of(Address.parse("10.1.5.10"), Address.parse("fd00::1"))),
            Masquerade.DEFAULT.withExclusions(Exclusions.POOLS_AND_NODES));
    assertThat(sets(wanted).get("mnl4-all-nodes").members()).containsExactly("10.1.5.10");
    assertThat(chains(wanted).get("manul-nat-outgoing").getFirst())
        .contains("-m set ! --match-set mnl4-all-nodes dst");
  }

  private static List<String> targets(AddressFamily family, Masquerade masquerade) {
    NatRules.Wanted wanted =
        NatRules.of(
            family,
            new NatRules.Input(
                Set.of(Pools.masqueraded("10.244.0.0/16"), Pools.masqueraded("fd00:10:244::/56")),
                Set.of()),
            masquerade);
    return chains(wanted).get("manul-nat-outgoing").stream()
        .map(rule -> rule.replaceFirst("-m set .* dst ", ""))
        .toList();
  }

  @Test
  void theSourceCanBeChosen() {
    Masquerade masquerade = Masquerade.DEFAULT.withAddress(Address.parse("192.0.2.7"));
    assertThat(targets(AddressFamily.IPV4, masquerade))
        .containsExactly("-j SNAT --to-source 192.0.2.7 --random-fully");
    assertThat(targets(AddressFamily.IPV6, masquerade))
        .containsExactly("-j MASQUERADE --random-fully");
  }

  @Test
  void thePortsCanBeChosenOfWhatHasPorts() {
    Masquerade ports = Masquerade.DEFAULT.withPorts(new Masquerade.Ports(40_000, 49_999));
    assertThat(targets(AddressFamily.IPV4, ports))
        .containsExactly(
            "-p tcp -j MASQUERADE --to-ports 40000-49999 --random-fully",
            "-p udp -j MASQUERADE --to-ports 40000-49999 --random-fully",
            "-j MASQUERADE --random-fully");
    assertThat(targets(AddressFamily.IPV6, ports.withAddress(Address.parse("2001:db8::7"))))
        .containsExactly(
            "-p tcp -j SNAT --to-source [2001:db8::7]:40000-49999 --random-fully",
            "-p udp -j SNAT --to-source [2001:db8::7]:40000-49999 --random-fully",
            "-j SNAT --to-source 2001:db8::7 --random-fully");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0:1", "2:1", "1:65536", "1:2:3", "http", "-1", "1-"})
  void whatIsNoRangeOfPortsIsRefused(String text) {
    assertThatThrownBy(() -> Masquerade.Ports.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32768:60999");
  }

  @Test
  void rangesOfPortsAreRead() {
    assertThat(Masquerade.Ports.parse("32768:60999")).hasToString("32768-60999");
    assertThat(Masquerade.Ports.parse("4000")).isEqualTo(new Masquerade.Ports(4000, 4000));
  }

  @Test
  void theNodesPacketsIntoATunnelTakeItsAddress() {
    NatRules.Wanted wanted =
        of(AddressFamily.IPV4, Pools.ipip("10.244.0.0/16"), Pools.vxlan("10.250.0.0/16"));
    String rest =
        " -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL"
            + " -j MASQUERADE --random-fully";
    assertThat(chains(wanted))
        .isEqualTo(
            Map.of("manul-POSTROUTING", List.of("-o tunl0" + rest, "-o vxlan.calico" + rest)));
    assertThat(wanted.sets()).isEmpty();
    assertThat(chains(of(AddressFamily.IPV6, Pools.vxlan("fd00:10:244::/56"))))
        .isEqualTo(Map.of("manul-POSTROUTING", List.of("-o vxlan-v6.calico" + rest)));
  }

  @Test
  void aWholeFamilyIsTwoHalvesForTheKernel() {
    assertThat(
            sets(of(AddressFamily.IPV4, Pools.masqueraded("0.0.0.0/0")))
                .get("mnl4-all-pools")
                .members())
        .containsExactlyInAnyOrder("0.0.0.0/1", "128.0.0.0/1");
    assertThat(
            sets(of(AddressFamily.IPV4, Pools.masqueraded("10.9.9.9/32")))
                .get("mnl4-all-pools")
                .members())
        .containsExactly("10.9.9.9");
  }
}
