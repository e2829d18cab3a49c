package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.agent.Peering.Peer;
import dev.manul.agent.Peering.PeerType;
import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.filter.Rule;
import dev.manul.bgp.wire.Family;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.BGPPeer;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.Secret;
import dev.manul.model.WorkloadEndpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeeringTest {

  private final Map<String, Node> nodes = new TreeMap<>();
  private final Map<String, BGPConfiguration> configurations = new HashMap<>();
  private final Map<String, ClusterView.SecretState> secrets = new HashMap<>();
  private final Map<String, BGPFilter> filters = new HashMap<>();
  private List<BGPPeer> peers = List.of();
  private List<WorkloadEndpoint> workloads = List.of();

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

  @Test
  void aPasswordComesFromItsSecret() {
    node("a", "10.0.0.1/24", "");
    peers = List.of(peer("rack", "peerIP: 10.0.0.254\nasNumber: 65001\n" + password("rack")));

    assertThat(sessions("a").secrets()).containsExactly("peers");
    assertThat(sessions("a").peers()).as("before it is known").isEmpty();
    assertThat(sessions("a").problems()).as("and there is nothing to tell yet").isEmpty();

    secrets.put("peers", secret("stringData: {rack: abc}"));
    assertThat(sessions("a").peers().getFirst().neighbor().password()).contains("abc");
    assertThat(sessions("a").problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "- | - | Secret kube-system/peers, which its password is in, is not there",
        "- | not permitted | is not there (not permitted)",
        "stringData: {other: abc} | - | has no key rack",
        "stringData: {rack: ''} | - | has 0 octets, allowed are 1 to 80",
        "data: {rack: '%%%%='} | - | has no base64 under rack",
      })
  void aSessionWaitsForItsPassword(String fields, String problem, String told) {
    node("a", "10.0.0.1/24", "");
    node("b", "10.0.0.254/24", "");
    peers = List.of(peer("rack", "peerIP: 10.0.0.254\nasNumber: 65001\n" + password("rack")));
    secrets.put(
        "peers",
        fields == null
            ? new ClusterView.SecretState(Optional.empty(), Optional.ofNullable(problem))
            : secret(fields));

    assertThat(sessions("a").peers())
        .as("nor is there one of the mesh at the same address")
        .isEmpty();
    assertThat(sessions("a").problems())
        .singleElement()
        .asString()
        .startsWith("BGPPeer rack: ")
        .contains(told);
  }

  @Test
  void anOptionalPasswordThatIsNotThereIsNone() {
    node("a", "10.0.0.1/24", "");
    String optional = password("rack").replace("key: rack", "key: rack, optional: true");
    peers = List.of(peer("rack", "peerIP: 10.0.0.254\nasNumber: 65001\n" + optional));

    secrets.put("peers", new ClusterView.SecretState(Optional.empty(), Optional.empty()));
    assertThat(sessions("a").peers().getFirst().neighbor().password()).isEmpty();

    secrets.put("peers", new ClusterView.SecretState(Optional.empty(), Optional.of("API away")));
    assertThat(sessions("a").peers()).as("it may be there").isEmpty();
  }

  @Test
  void theMeshHasAPasswordOfItsOwn() {
    node("a", "10.0.0.1/24", "");
    node("b", "10.0.0.2/24", "");
    configurations.put(
        "default",
        (BGPConfiguration)
            resource(
                "BGPConfiguration",
                "default",
                password("mesh").replace("password", "nodeMeshPassword")));

    assertThat(sessions("a").peers()).isEmpty();
    secrets.put("peers", secret("stringData: {mesh: abc}"));
    assertThat(sessions("a").peers().getFirst().neighbor().password()).contains("abc");
  }

  @Test
  void onlySecretsOfOwnSessionsAreAskedFor() {
    node("a", "10.0.0.1/24", "");
    peers =
        List.of(peer("b-own", "node: b\npeerIP: 10.0.0.254\nasNumber: 65001\n" + password("rack")));

    assertThat(sessions("a").secrets()).isEmpty();
  }

  @Test
  void whatAPeerSaysOfItsSession() {
    node("a", "10.0.0.1/24", "");
    peers =
        List.of(
            peer(
                "rack",
                """
                peerIP: 192.0.2.1
                asNumber: 65001
                localASNumber: 65002
                sourceAddress: None
                maxRestartTime: 5m
                keepaliveTime: 20s
                numAllowedLocalASNumbers: 12
                ttlSecurity: 1
                nextHopMode: Keep
                reachableBy: 10.0.0.254
                """));

    NeighborConfiguration neighbor = sessions("a").peers().getFirst().neighbor();
    assertThat(neighbor.localAsNumber()).hasValue(65002);
    assertThat(neighbor.localAddress()).isEmpty();
    assertThat(neighbor.gracefulRestartTime()).hasValue(300);
    assertThat(neighbor.holdTime()).isEqualTo(60);
    assertThat(neighbor.allowAsIn()).as("the most that the speaker takes").isEqualTo(10);
    assertThat(neighbor.ttlSecurity()).hasValue(1);
    assertThat(neighbor.multihop()).isEmpty();
    assertThat(neighbor.nextHopKeep()).isTrue();
    assertThat(sessions("a").gateways())
        .containsEntry(Address.parse("192.0.2.1"), Address.parse("10.0.0.254"));
  }

  @Test
  void aPeerThatTheSpeakerRefusesIsToldAndKeepsNoOtherAway() {
    node("a", "10.0.0.1/24", "");
    node("b", "10.0.0.2/24", "");
    peers = List.of(peer("odd", "peerIP: 10.0.0.254\nasNumber: 0\n"));

    assertThat(addresses("a")).containsExactly("10.0.0.2");
    assertThat(sessions("a").problems())
        .containsExactly(
            "BGPPeer odd: neighbor 10.0.0.254: asNumber must be within 1 to 4294967295, not 0");
  }

  @Test
  void aGatewayThatIsNoAddressIsTold() {
    node("a", "10.0.0.1/24", "");
    peers = List.of(peer("odd", "peerIP: 192.0.2.1\nasNumber: 65001\nreachableBy: gateway\n"));

    assertThat(addresses("a")).containsExactly("192.0.2.1");
    assertThat(sessions("a").problems())
        .singleElement()
        .asString()
        .startsWith("BGPPeer odd: spec.reachableBy: ");
  }

  @Test
  void podsOfThisNodeMayBePeers() {
    node("a", "10.0.0.1/24", "");
    workloads = List.of(workload("router", "10.244.0.5/32"), workload("web", "10.244.0.6/32"));
    peers = List.of(peer("pods", "localWorkloadSelector: app == 'router'\nasNumber: 65401\n"));

    Peer pod = sessions("a").peers().getFirst();
    assertThat(sessions("a").peers()).hasSize(1);
    assertThat(pod.type()).isEqualTo(PeerType.LOCAL_WORKLOAD);
    assertThat(pod.neighbor().address()).isEqualTo(Address.parse("10.244.0.5"));
    assertThat(pod.neighbor().asNumber()).isEqualTo(65401);
    assertThat(pod.neighbor().passive()).isTrue();
    assertThat(pod.neighbor().localWorkload()).isTrue();
    assertThat(pod.neighbor().localAddress()).isEmpty();
  }

  @Test
  void filtersAreThoseThatThePeerNames() {
    node("a", "10.0.0.1/24", "");
    node("b", "10.0.0.2/24", "");
    peers = List.of(peer("rack", "peerIP: 10.0.0.254\nasNumber: 65001\nfilters: [f]\n"));

    assertThat(sessions("a").filtered()).isTrue();
    assertThat(sessions("a").problems()).singleElement().asString().contains("BGPFilter f");
    filters.put(
        "f",
        (BGPFilter)
            resource(
                "BGPFilter", "f", "importV4: [{action: Reject}]\nexportV4: [{action: Accept}]\n"));
    assertThat(sessions("a").problems()).isEmpty();
    NeighborConfiguration rack = sessions("a").peers().getLast().neighbor();
    assertThat(rack.importFilter().rules()).hasSize(1);
    assertThat(rack.exportFilter().rules().getFirst().name()).isEqualTo("BGPFilter f, rule 1");
    NeighborConfiguration mesh = sessions("a").peers().getFirst().neighbor();
    assertThat(mesh.importFilter()).isEqualTo(RouteFilter.ACCEPT);
    assertThat(mesh.exportFilter().otherwise())
        .as("what the rack announces does not go on to the mesh")
        .isEqualTo(Rule.Action.REJECT);
  }

  private static String password(String key) {
    return "password: {secretKeyRef: {name: peers, key: " + key + "}}\n";
  }

  private static ClusterView.SecretState secret(String fields) {
    String yaml =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: peers, namespace: kube-system}\n" + fields;
    return new ClusterView.SecretState(
        Optional.of((Secret) ResourceText.parse(yaml, "t.yaml").getFirst().resource()),
        Optional.empty());
  }

  private static BGPPeer peer(String name, String spec) {
    return (BGPPeer) resource("BGPPeer", name, spec);
  }

  private static WorkloadEndpoint workload(String app, String network) {
    return (WorkloadEndpoint)
        ResourceText.parse(
                """
                apiVersion: projectcalico.org/v3
                kind: WorkloadEndpoint
                metadata: {name: %s, namespace: default, labels: {app: %s}}
                spec: {node: a, pod: %s, ipNetworks: [%s], interfaceName: cali1}
                """
                    .formatted(app, app, app, network),
                "t.yaml")
            .getFirst()
            .resource();
  }

  private static Resource resource(String kind, String name, String spec) {
    String yaml =
        "apiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: %s}\nspec:\n%s"
            .formatted(kind, name, spec.indent(2));
    return ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  private List<String> addresses(String node) {
    return sessions(node).peers().stream().map(p -> p.neighbor().address().text()).toList();
  }

  private Peering.Sessions sessions(String node) {
    return Peering.sessions(
        new ClusterView(
            node,
            nodes,
            List.of(),
            List.of(),
            workloads,
            peers,
            configurations,
            Optional.empty(),
            new ClusterView.OnDemand(
                "kube-system", secrets, filters, List.of(), List.of(), List.of())));
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
