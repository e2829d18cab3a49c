package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Node;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.routes.UdpTunnel;
import dev.manul.routes.Underlay;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of the cluster, of the environment and of the host's links put together. */
class TunnelsTest {

  private static final Map<String, String> NO_ENVIRONMENT = Map.of();
  private static final String SELF = "a: bgp: {ipv4Address: 10.1.5.10/24}";

  /** A view from node {@code a} with one pool; each node as its name, a colon and its spec. */
  private static ClusterView view(String pool, Optional<String> felix, String... nodes) {
    Map<String, Node> byName = new TreeMap<>();
    for (String node : nodes) {
      String name = node.substring(0, node.indexOf(':'));
      byName.put(name, (Node) resource("Node", name, node.substring(name.length() + 1).strip()));
    }
    return new ClusterView(
        "a",
        byName,
        List.of((IPPool) resource("IPPool", "pool", pool)),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        felix.map(spec -> (FelixConfiguration) resource("FelixConfiguration", "default", spec)),
        ClusterView.OnDemand.NOTHING);
  }

  private static Object resource(String kind, String name, String spec) {
    String yaml =
        "apiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: %s}\nspec: {%s}\n"
            .formatted(kind, name, spec);
    return ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  /** Links as {@code NAME MTU}, all of them up; the first has the node's address. */
  private static Underlay links(String... links) {
    List<Link> all = new ArrayList<>();
    for (int i = 0; i < links.length; i++) {
      String[] words = links[i].split(" ", 2);
      all.add(
          new Link(
              i + 1,
              words[0],
              "",
              Integer.parseInt(words[1]),
              true,
              true,
              false,
              Optional.empty(),
              0,
              0,
              Optional.empty()));
    }
    return Underlay.of(
        all, List.of(LinkAddress.of(1, InterfaceAddress.parse("10.1.5.10/24"))), List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "ipipMode: Always, '', 1500, 1480",
    "vxlanMode: Always, '', 1500, 1450",
    "udpMode: Always, '', 1500, 1472",
    "udpMode: CrossSubnet, '', 1400, 1372",
    "udpMode: Never, '', 1400, 1400",
    "udpMode: Always, 'udpMTU: 1300', 1500, 1300",
    "udpMode: Always, 'mtuIfacePattern: ^stor', 1500, 8972",
    "vxlanMode: Always, 'mtuIfacePattern: ^stor', 1500, 8950",
    "vxlanMode: Always, 'mtuIfacePattern: ^stor, vxlanMTU: 1400', 1500, 1400",
    "ipipMode: Always, 'mtuIfacePattern: ^(stor|eth)', 1500, 1480",
    "udpMode: Always, 'mtuIfacePattern: ^nothing', 1500, 1472",
  })
  void newPodsLeaveRoomForTheOuterHeaders(String mode, String felix, int mtu, int pods) {
    ClusterView view =
        view(
            "cidr: 10.244.0.0/16, " + mode,
            Optional.of(felix).filter(text -> !text.isEmpty()),
            SELF);
    Underlay underlay = links("eth0 " + mtu, "stor0 9000");

    Tunnels tunnels = Tunnels.of(view, Map.of(), NO_ENVIRONMENT, underlay);

    assertThat(tunnels.podMtu(view, OptionalInt.empty(), underlay)).isEqualTo(pods);
    assertThat(tunnels.problems()).isEmpty();
  }

  /** An IPv6 header is 20 octets longer. */
  @Test
  void podsOfIpv6LeaveMoreRoom() {
    ClusterView view = view("cidr: \"fd00::/48\", udpMode: Always", Optional.empty(), SELF);
    Underlay underlay = links("eth0 1500");

    assertThat(
            Tunnels.of(view, Map.of(), NO_ENVIRONMENT, underlay)
                .podMtu(view, OptionalInt.empty(), underlay))
        .isEqualTo(1452);
  }

  /** The agent looks again when one of these links changes, and at none where it need not. */
  @Test
  void aPatternMakesTunnelsFollowThoseLinks() {
    ClusterView view =
        view("cidr: 10.244.0.0/16, ipipMode: Always", Optional.of("mtuIfacePattern: ^stor"), SELF);
    Tunnels tunnels = Tunnels.of(view, Map.of(), NO_ENVIRONMENT, links("eth0 1500", "stor0 9000"));

    assertThat(tunnels.ipipMtu(view, OptionalInt.empty())).hasValue(8980);
    assertThat(tunnels.ipipMtu(view, OptionalInt.of(1440))).hasValue(1440);
    assertThat(tunnels.vxlanTunnels().get(AddressFamily.IPV4).mtu()).hasValue(8950);
    assertThat(tunnels.udpTunnels().get(AddressFamily.IPV4).mtu()).hasValue(8972);
    assertThat(tunnels.fit(links("eth0 1400", "stor0 9000"))).isTrue();
    assertThat(tunnels.fit(links("eth0 1500", "stor0 1500"))).isFalse();
  }

  @Test
  void withoutAPatternTheProgrammerFollowsTheNodesLink() {
    ClusterView view = view("cidr: 10.244.0.0/16, ipipMode: Always", Optional.empty(), SELF);
    Tunnels tunnels = Tunnels.of(view, Map.of(), NO_ENVIRONMENT, links("eth0 1500"));

    assertThat(tunnels.ipipMtu(view, OptionalInt.empty())).isEmpty();
    assertThat(tunnels.vxlanTunnels().get(AddressFamily.IPV4).mtu()).isEmpty();
    assertThat(tunnels.udpTunnels().get(AddressFamily.IPV4).mtu()).isEmpty();
    assertThat(tunnels.fit(links("eth0 1400"))).isTrue();
  }

  @Test
  void aNodeWithAnAddressInTheTunnelTakesPackets() {
    ClusterView view =
        view(
            "cidr: 10.244.0.0/16, udpMode: Always",
            Optional.of("udpPort: 9000"),
            SELF + ", ipv4UDPTunnelAddr: 10.244.1.1",
            "b: bgp: {ipv4Address: 10.1.5.11/24}, ipv4UDPTunnelAddr: 10.244.2.1",
            "c: bgp: {ipv4Address: 10.1.5.12/24}, ipv4VXLANTunnelAddr: 10.244.3.1",
            "d: bgp: {ipv4Address: 10.1.5.13/24}, ipv4UDPTunnelAddr: 10.244.2.1");

    UdpTunnel tunnel =
        Tunnels.of(view, Map.of(), NO_ENVIRONMENT, links("eth0 1500"))
            .udpTunnels()
            .get(AddressFamily.IPV4);

    assertThat(tunnel.port()).isEqualTo(9000);
    assertThat(tunnel.address()).contains(Address.parse("10.244.1.1"));
    assertThat(tunnel.remotes())
        .isEqualTo(Map.of(Address.parse("10.1.5.11"), Address.parse("10.244.2.1")));
  }

  @Test
  void theEnvironmentCountsMoreAndWhatCannotBeReadIsTold() {
    ClusterView view =
        view(
            "cidr: 10.244.0.0/16, udpMode: Always",
            Optional.of("udpPort: 9000, mtuIfacePattern: \"(\""),
            SELF);

    Tunnels tunnels =
        Tunnels.of(
            view,
            Map.of(),
            Map.of("FELIX_UDPPORT", "8286", "FELIX_UDPMTU", "many"),
            links("eth0 1500", "stor0 9000"));

    assertThat(tunnels.udp().port()).isEqualTo(8286);
    assertThat(tunnels.problems())
        .containsExactly(
            "FelixConfiguration: field spec.mtuIfacePattern: got (, allowed is a regular"
                + " expression: Unclosed group",
            "FELIX_UDPMTU: got many, allowed are 0 to 65535");
  }
}
