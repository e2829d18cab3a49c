package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IntSequence;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeldBlockTest {

  private static final Prefix BLOCK = Prefix.parse("10.244.0.0/30");

  private static IPAMBlock.Attribute on(String node) {
    return IPAMBlock.Attribute.of("pod", Map.of("node", node, "pod", "p"));
  }

  /** A block whose ordinals are given to these owners in turn; null is free. */
  private static IPAMBlock block(String affinity, boolean deleted, IPAMBlock.Attribute... owners) {
    IPAMBlock.Spec spec = IPAMBlock.Spec.empty(BLOCK, Optional.ofNullable(affinity), "", 0);
    IntSequence allocations = spec.allocations();
    for (int ordinal = 0; ordinal < owners.length; ordinal++) {
      if (owners[ordinal] != null) {
        allocations = allocations.with(ordinal, ordinal);
      }
    }
    IPAMBlock.Attribute nobody = IPAMBlock.Attribute.of("", Map.of());
    List<IPAMBlock.Attribute> attributes =
        Arrays.stream(owners).map(owner -> owner == null ? nobody : owner).toList();
    return new IPAMBlock(
        Metadata.named(IPAMBlock.nameOf(BLOCK)),
        new IPAMBlock.Spec(
            BLOCK,
            spec.affinity(),
            "",
            allocations,
            spec.unallocated(),
            attributes,
            0,
            spec.sequenceNumberForAllocation(),
            deleted,
            false));
  }

  @Test
  void addressesOnTheBlocksOwnNodeAreNothingApart() {
    assertThat(HeldBlock.of(block("host:a", false, on("a"), null, on("a"))))
        .contains(new HeldBlock(BLOCK, "a", Map.of()));
  }

  @Test
  void lentAddressesAreToldOneByOne() {
    assertThat(HeldBlock.of(block("host:a", false, on("a"), on("b"), null, on("c"))))
        .contains(
            new HeldBlock(
                BLOCK,
                "a",
                Map.of(Prefix.parse("10.244.0.1/32"), "b", Prefix.parse("10.244.0.3/32"), "c")));
  }

  @Test
  void anAddressThatRestsAfterItsReleaseIsNobodys() {
    IPAMBlock.Attribute resting =
        new IPAMBlock.Attribute("pod", Map.of("node", "b"), Map.of(), "2026-01-01T00:00:00Z");

    assertThat(HeldBlock.of(block("host:a", false, resting)))
        .contains(new HeldBlock(BLOCK, "a", Map.of()));
  }

  @Test
  void aBlockThatIsNobodysHasOnlyItsAddresses() {
    assertThat(HeldBlock.of(block(null, false, on("b"))))
        .contains(new HeldBlock(BLOCK, "", Map.of(Prefix.parse("10.244.0.0/32"), "b")));
    assertThat(HeldBlock.of(block(null, false))).isEmpty();
    assertThat(HeldBlock.of(block("virtual:load-balancer", false))).isEmpty();
  }

  @Test
  void aDeletedBlockIsAbsent() {
    assertThat(HeldBlock.of(block("host:a", true, on("a")))).isEmpty();
  }

  @Test
  void whatIsOnOtherNodesIsReachedByTheirAddresses() {
    Prefix own = Prefix.parse("10.244.1.0/26");
    Prefix unknown = Prefix.parse("10.244.2.0/26");
    Prefix ipv6 = Prefix.parse("fd00::/122");
    Map<String, Node> nodes =
        Map.of("a", node("a", "10.1.5.10/24"), "b", node("b", "10.1.5.11/24"));

    Map<Prefix, Address> remote =
        HeldBlock.remote(
            List.of(
                new HeldBlock(BLOCK, "b", Map.of(Prefix.parse("10.244.0.1/32"), "a")),
                new HeldBlock(own, "a", Map.of(Prefix.parse("10.244.1.5/32"), "b")),
                new HeldBlock(unknown, "gone", Map.of()),
                new HeldBlock(ipv6, "b", Map.of())),
            nodes,
            "a");

    assertThat(remote)
        .isEqualTo(
            Map.of(
                BLOCK,
                Address.parse("10.1.5.11"),
                Prefix.parse("10.244.1.5/32"),
                Address.parse("10.1.5.11")));
  }

  private static Node node(String name, String address) {
    return (Node)
        ResourceText.parse(
                """
                apiVersion: projectcalico.org/v3
                kind: Node
                metadata: {name: %s}
                spec: {bgp: {ipv4Address: %s}}
                """
                    .formatted(name, address),
                "t.yaml")
            .getFirst()
            .resource();
  }

  @ParameterizedTest
  @CsvSource({
    "true, '', '', BGP",
    "true, Disabled, '', BGP",
    "true, EnabledIPIPOnly, '', BGP",
    "true, Enabled, '', DATASTORE",
    "true, Enabled, Disabled, BGP",
    "true, '', enabled, DATASTORE",
    "false, '', '', DATASTORE",
    "false, Disabled, '', DATASTORE",
  })
  void settingsSayWhereRoutesComeFrom(
      boolean bgp, String configured, String variable, RouteSource source) {
    Optional<FelixConfiguration> felix =
        configured.isEmpty()
            ? Optional.empty()
            : Optional.of(
                (FelixConfiguration)
                    ResourceText.parse(
                            """
                            apiVersion: projectcalico.org/v3
                            kind: FelixConfiguration
                            metadata: {name: default}
                            spec: {programClusterRoutes: %s}
                            """
                                .formatted(configured),
                            "t.yaml")
                        .getFirst()
                        .resource());

    assertThat(RouteSource.of(bgp, felix, Map.of("FELIX_PROGRAMCLUSTERROUTES", variable)))
        .isEqualTo(source);
  }
}
