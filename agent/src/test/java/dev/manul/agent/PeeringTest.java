package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.agent.Peering.Peer;
import dev.manul.agent.Peering.PeerType;
import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPPeer;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PeeringTest {

  private final Map<String, Node> nodes = new TreeMap<>();
  private final Map<String, BGPConfiguration> configurations = new HashMap<>();
  private List<BGPPeer> peers = List.of();

  @Test
  void everyNodeOfTheMeshIsANeighbour() {
    node("a", "10.0.0.9/24", "");
    node("b", "10.0.0.10/24", "");
    node("c", "10.0.1.1/24", "");

    assertThat(addresses("a")).containsExactly("10.0.0.10", "10.0.1.1");
    assertThat(sessions("a").peers()).allMatch(peer -> peer.type() == PeerType.MESH);
    NeighborConfiguration neighbor = sessions("a").peers().getFirst().neighbor();
    assertThat(neighbor.asNumber()).isEqualTo(64512);
    assertThat(neighbor.localAddress()).contains(Address.parse("10.0.0.9"));
    assertThat(neighbor.families()).isEqualTo(Set.of(Family.IPV4_UNICAST));
    assertThat(neighbor.gracefulRestartTime()).isEqualTo(OptionalInt.of(120));
  }

  @Test
  void exactlyOneEndOfAMeshSessionWaitsAndByTextOrder() {
    node("a", "10.0.0.9/24", "");
    node("b", "10.0.0.10/24", "");

    // "10.0.0.9" comes after "10.0.0.10" as text, so that b waits for a.
    assertThat(sessions("a").peers().getFirst().neighbor().passive()).isFalse();
    assertThat(sessions("b").peers().getFirst().neighbor().passive()).isTrue();
  }

  @Test
  void dualStackNodesHaveASessionForEachFamily() {
    node("a", "10.0.0.1/24", "fd00::1/64");
    node("b", "10.0.0.2/24", "fd00::2/64");
    node("c", "10.0.0.3/24", "");

    assertThat(addresses("a")).containsExactly("10.0.0.2", "10.0.0.3", "fd00::2");
    assertThat(sessions("a").peers().getLast().neighbor().families())
        .isEqualTo(Set.of(Family.IPV6_UNICAST));
  }

  @Test
  void aNodeThatIsNotRegisteredHasNoSessions() {
    node("b", "10.0.0.2/24", "");

    assertThat(sessions("a").peers()).isEmpty();
  }

  @Test
  void theMeshCanBeTurnedOff() {
    node("a", "10.0.0.1/24", "");
    node("b", "10.0.0.2/24", "");
    configurations.put(
        "default",
        new BGPConfiguration(
            Metadata.named("default"), BGPConfiguration.Spec.DEFAULT.withMesh(false, 65001)));

    assertThat(addresses("a")).isEmpty();
  }

  @Test
  void reflectorsAreNotInTheMesh() {
    node("a", "10.0.0.1/24", "");
    node("b", "10.0.0.2/24", "");
    reflector("rr", "10.0.0.7/24", "10.0.0.7");

    assertThat(addresses("a")).containsExactly("10.0.0.2");
    assertThat(addresses("rr")).isEmpty();
  }

  @Test
  void aPeerThatSelectsReflectorsIsMirroredThere() {
    node("a", "10.0.0.1/24", "");
    reflector("rr", "10.0.0.7/24", "10.0.0.7");
    peers = List.of(peer("to-reflectors", spec("", "all()", "", null, "role == 'rr'")));

    assertThat(addresses("a")).containsExactly("10.0.0.7");
    Peer mirrored = sessions("rr").peers().getFirst();
    assertThat(mirrored.neighbor().address()).isEqualTo(Address.parse("10.0.0.1"));
    assertThat(mirrored.neighbor().routeReflectorClient()).isTrue();
    assertThat(sessions("a").peers().getFirst().neighbor().routeReflectorClient()).isFalse();
  }

  @Test
  void aGlobalPeerComesBeforeANodesOwnAtTheSameAddress() {
    node("a", "10.0.0.1/24", "");
    peers =
        List.of(
            peer("a-own", spec("a", "", "10.0.0.254", 65002L, "")),
            peer("global", spec("", "", "10.0.0.254", 65001L, "")));

    assertThat(sessions("a").peers()).hasSize(1);
    Peer peer = sessions("a").peers().getFirst();
    assertThat(peer.type()).isEqualTo(PeerType.GLOBAL);
    assertThat(peer.neighbor().asNumber()).isEqualTo(65001);
    assertThat(peer.neighbor().multihop()).isEqualTo(OptionalInt.of(255));
  }

  @Test
  void aPeerOfOtherNodesIsNoneOfOurs() {
    node("a", "10.0.0.1/24", "");
    peers = List.of(peer("b-own", spec("b", "", "10.0.0.254", 65002L, "")));

    assertThat(addresses("a")).isEmpty();
  }

  @Test
  void portsComeFromThePeerTheNodeOrTheDefault() {
    node("a", "10.0.0.1/24", "");
    peers =
        List.of(
            peer("one", spec("", "", "10.0.0.251:1790", 65001L, "")),
            peer("two", spec("", "", "10.0.0.252", 65001L, "")),
            peer("six", spec("", "", "[fd00::253]:1791", 65001L, "")));

    assertThat(sessions("a").peers())
        .extracting(peer -> peer.neighbor().port())
        .containsExactly(1790, 179, 1791);
  }

  @Test
  void whatCannotBeDoneYetIsTold() {
    node("a", "10.0.0.1/24", "");
    peers = List.of(peer("bad", spec("", "", "10.0.0.999", 65001L, "")));

    assertThat(sessions("a").peers()).isEmpty();
    assertThat(sessions("a").problems())
        .singleElement()
        .asString()
        .startsWith("BGPPeer bad: spec.peerIP: ");
  }

  private List<String> addresses(String node) {
    return sessions(node).peers().stream().map(p -> p.neighbor().address().text()).toList();
  }

  private Peering.Sessions sessions(String node) {
    return Peering.sessions(
        new ClusterView(
            node, nodes, List.of(), List.of(), List.of(), peers, configurations, Optional.empty()));
  }

  private void node(String name, String ipv4, String ipv6) {
    nodes.put(name, new Node(Metadata.named(name), Node.Spec.of(bgp(ipv4, ipv6, ""))));
  }

  private void reflector(String name, String ipv4, String cluster) {
    nodes.put(
        name,
        new Node(
            Metadata.named(name).withLabels(Map.of("role", "rr")),
            Node.Spec.of(bgp(ipv4, "", cluster))));
  }

  private static Node.Bgp bgp(String ipv4, String ipv6, String cluster) {
    return new Node.Bgp(
        Optional.empty(),
        ipv4.isEmpty() ? Optional.empty() : Optional.of(InterfaceAddress.parse(ipv4)),
        ipv6.isEmpty() ? Optional.empty() : Optional.of(InterfaceAddress.parse(ipv6)),
        Optional.empty(),
        cluster);
  }

  private static BGPPeer peer(String name, BGPPeer.Spec spec) {
    return new BGPPeer(Metadata.named(name), spec);
  }

  private static BGPPeer.Spec spec(
      String node, String nodeSelector, String peerIp, Long asNumber, String peerSelector) {
    return new BGPPeer.Spec(
        node,
        nodeSelector,
        peerIp,
        Optional.ofNullable(asNumber),
        Optional.empty(),
        peerSelector,
        false,
        Optional.empty(),
        Optional.empty(),
        null,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "",
        List.of(),
        "",
        null);
  }
}
