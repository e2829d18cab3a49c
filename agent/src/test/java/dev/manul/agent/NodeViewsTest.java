package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.bgp.OriginatedRoute;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPPeer;
import dev.manul.model.BlockAffinity;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.routes.NodeView;
import dev.manul.routes.Underlay;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeViewsTest {

  private static final Prefix OWN = Prefix.parse("10.244.0.0/26");
  private static final String DEVICE = "cali0123456789a";
  private static final Prefix PENDING = Prefix.parse("10.244.0.64/26");

  @Test
  void onlyConfirmedBlocksAreOurs() {
    ClusterView view = view(pool(false), List.of());

    assertThat(NodeViews.ownBlocks(view)).containsExactly(OWN);
    assertThat(NodeViews.originated(view, Set.of())).containsExactly(OriginatedRoute.of(OWN));
  }

  @Test
  void aBorrowedAddressIsAnnouncedByItself() {
    ClusterView view =
        view(pool(false), List.of(workload("10.244.0.5/32"), workload("10.244.9.9/32")));

    assertThat(NodeViews.originated(view, Set.of()))
        .containsExactly(
            OriginatedRoute.of(OWN),
            OriginatedRoute.of(Prefix.parse("10.244.9.9/32")).through(DEVICE));
  }

  @Test
  void anAddressOutsideEveryPoolIsNotAnnounced() {
    ClusterView view = view(pool(false), List.of(workload("192.0.2.1/32")));

    assertThat(NodeViews.originated(view, Set.of())).containsExactly(OriginatedRoute.of(OWN));
  }

  @Test
  void whatIsInAPoolThatIsNotExportedIsForFiltersToKeep() {
    assertThat(NodeViews.originated(view(pool(true), List.of()), Set.of()))
        .containsExactly(OriginatedRoute.of(OWN));
  }

  @Test
  void addressesOfServicesAreAnnouncedToo() {
    Prefix service = Prefix.parse("10.96.0.10/32");

    assertThat(NodeViews.originated(view(pool(false), List.of()), Set.of(service)))
        .containsExactly(OriginatedRoute.of(service), OriginatedRoute.of(OWN));
  }

  @Test
  void theViewHasWhatRoutesAreComputedFrom() {
    ClusterView cluster = view(pool(false), List.of(workload("10.244.0.5/32")));

    NodeView view =
        NodeViews.nodeView(
                cluster,
                remotes(cluster),
                OptionalInt.of(1400),
                Set.of(Address.parse("10.1.5.1")),
                Set.of(Prefix.parse("10.96.0.0/12")),
                sessions(cluster))
            .orElseThrow();

    assertThat(view.node()).isEqualTo("a");
    assertThat(view.ipv4()).contains(InterfaceAddress.parse("10.1.5.10/24"));
    assertThat(view.ownBlocks()).containsExactly(OWN);
    assertThat(view.workloads()).isEqualTo(Map.of(Prefix.parse("10.244.0.5/32"), DEVICE));
    assertThat(view.nodeAddresses())
        .containsExactlyInAnyOrder(Address.parse("10.1.5.10"), Address.parse("10.1.5.11"));
    assertThat(view.ipipEnds()).isEqualTo(view.nodeAddresses());
    assertThat(view.remoteBlocks()).isEmpty();
    assertThat(view.ipipTunnelAddress()).contains(Address.parse("10.244.0.1"));
    assertThat(view.ipipMtu()).isEqualTo(OptionalInt.of(1400));
    assertThat(view.vxlan().keySet()).containsExactly(AddressFamily.IPV4);
    assertThat(view.udp().keySet()).containsExactly(AddressFamily.IPV4);
    assertThat(view.leftAlone()).containsExactly(Prefix.parse("10.96.0.0/12"));
    assertThat(view.hostRoutes())
        .isEqualTo(Map.of(Address.parse("192.0.2.1"), Address.parse("10.1.5.1")));
    assertThat(view.podPeers()).isEqualTo(Map.of(DEVICE, Set.of(Address.parse("192.0.2.179"))));
  }

  @Test
  void aNodeWithoutAddressHasNoView() {
    ClusterView cluster =
        new ClusterView(
            "a",
            Map.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Map.of(),
            Optional.empty(),
            ClusterView.OnDemand.NOTHING);

    assertThat(
            NodeViews.nodeView(
                cluster,
                remotes(cluster),
                OptionalInt.empty(),
                Set.of(),
                Set.of(),
                Peering.Sessions.NONE))
        .isEmpty();
  }

  private static RemoteNodes remotes(ClusterView cluster) {
    return RemoteNodes.of(cluster, Map.of(), Map.of(), RouteSource.BGP, Underlay.EMPTY);
  }

  /** With a peer behind a gateway, and the pod as another. */
  private static Peering.Sessions sessions(ClusterView cluster) {
    return Peering.sessions(
        new ClusterView(
            cluster.nodeName(),
            cluster.nodes(),
            cluster.pools(),
            cluster.affinities(),
            cluster.workloads(),
            List.of(
                (BGPPeer)
                    resource(
                        "BGPPeer",
                        "rack",
                        "peerIP: 192.0.2.1, asNumber: 65001, reachableBy: 10.1.5.1"),
                (BGPPeer)
                    resource("BGPPeer", "pods", "asNumber: 65002, localWorkloadSelector: all()")),
            cluster.bgpConfigurations(),
            Optional.empty(),
            ClusterView.OnDemand.NOTHING));
  }

  private static Resource resource(String kind, String name, String spec) {
    String yaml =
        "apiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: %s}\nspec: {%s}\n"
            .formatted(kind, name, spec);
    return ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  private static ClusterView view(IPPool pool, List<WorkloadEndpoint> workloads) {
    return new ClusterView(
        "a",
        Map.of("a", node("a", "10.1.5.10/24"), "b", node("b", "10.1.5.11/24")),
        List.of(pool),
        List.of(
            affinity(OWN, BlockAffinity.State.CONFIRMED),
            affinity(PENDING, BlockAffinity.State.PENDING)),
        workloads,
        List.of(),
        Map.of(
            "default",
            (BGPConfiguration)
                resource("BGPConfiguration", "default", "localWorkloadPeeringIPV4: 192.0.2.179")),
        Optional.empty(),
        ClusterView.OnDemand.NOTHING);
  }

  private static IPPool pool(boolean disableExport) {
    return new IPPool(
        Metadata.named("pool"),
        new IPPool.Spec(
            Prefix.parse("10.244.0.0/16"),
            EncapsulationMode.ALWAYS,
            null,
            false,
            false,
            disableExport,
            26,
            null,
            null,
            null,
            null));
  }

  private static Node node(String name, String address) {
    return new Node(
        Metadata.named(name),
        Node.Spec.of(
            Node.Bgp.EMPTY
                .withIpv4Address(Optional.of(InterfaceAddress.parse(address)))
                .withIpv4IPIPTunnelAddr(Optional.of(Address.parse("10.244.0.1")))));
  }

  private static BlockAffinity affinity(Prefix cidr, BlockAffinity.State state) {
    return new BlockAffinity(
        Metadata.named("a-" + cidr.address()),
        new BlockAffinity.Spec(state, "a", BlockAffinity.TYPE_HOST, cidr, false));
  }

  private static WorkloadEndpoint workload(String network) {
    return new WorkloadEndpoint(
        Metadata.named("default", "w-" + network.replace('/', '-')),
        new WorkloadEndpoint.Spec(
            "k8s",
            "",
            "a",
            "pod",
            "",
            "eth0",
            "",
            List.of(Prefix.parse(network)),
            null,
            "",
            "",
            List.of(),
            DEVICE,
            "",
            null,
            null,
            null));
  }
}
