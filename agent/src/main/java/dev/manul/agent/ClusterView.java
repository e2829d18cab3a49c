package dev.manul.agent;

import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.BGPPeer;
import dev.manul.model.BlockAffinity;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.Node;
import dev.manul.model.Secret;
import dev.manul.model.WorkloadEndpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one node needs to know of the cluster, at one moment.
 *
 * @param nodeName this node
 * @param nodes every node by name, this one included once it is registered
 * @param pools every pool, in the order of their names
 * @param affinities this node's block affinities
 * @param workloads this node's workload endpoints
 * @param peers every BGPPeer, in the order of their names
 * @param bgpConfigurations every BGPConfiguration by name: {@code default} and {@code node.<name>}
 * @param felix the FelixConfiguration for this node: its own over the one called default, when
 *     there is either
 * @param onDemand what is known only when it has been asked for
 */
record ClusterView(
    String nodeName,
    Map<String, Node> nodes,
    List<IPPool> pools,
    List<BlockAffinity> affinities,
    List<WorkloadEndpoint> workloads,
    List<BGPPeer> peers,
    Map<String, BGPConfiguration> bgpConfigurations,
    Optional<FelixConfiguration> felix,
    OnDemand onDemand) {

  /**
   * What {@link ClusterState#want} has asked for.
   *
   * @param namespace where the Secrets are
   * @param secrets the Secrets by name: all that were asked for
   * @param filters every BGPFilter by name
   * @param services what is to be announced of services
   * @param endpoints where services have endpoints, an entry a slice
   * @param blocks every node's blocks
   */
  record OnDemand(
      String namespace,
      Map<String, SecretState> secrets,
      Map<String, BGPFilter> filters,
      List<AnnouncedService> services,
      List<ReadyEndpoints> endpoints,
      List<HeldBlock> blocks) {

    static final OnDemand NOTHING =
        new OnDemand("kube-system", Map.of(), Map.of(), List.of(), List.of(), List.of());
  }

  /**
   * A Secret that was asked for.
   *
   * @param secret empty when there is none
   * @param problem why it cannot be read
   */
  record SecretState(Optional<Secret> secret, Optional<String> problem) {}

  /** Nothing but a name. */
  static ClusterView empty(String nodeName) {
    return new ClusterView(
        nodeName,
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Optional.empty(),
        OnDemand.NOTHING);
  }

  ClusterView {
    nodes = Map.copyOf(nodes);
    pools = List.copyOf(pools);
    affinities = List.copyOf(affinities);
    workloads = List.copyOf(workloads);
    peers = List.copyOf(peers);
    bgpConfigurations = Map.copyOf(bgpConfigurations);
  }

  /** The same, but nothing is said about pools. */
  ClusterView withoutPools() {
    return new ClusterView(
        nodeName,
        nodes,
        List.of(),
        affinities,
        workloads,
        peers,
        bgpConfigurations,
        felix,
        onDemand);
  }

  /** The BGP settings that count for a node. */
  BGPConfiguration.Spec bgpOf(String node) {
    return BGPConfiguration.inForce(
        Optional.ofNullable(bgpConfigurations.get(BGPConfiguration.DEFAULT_NAME)),
        Optional.ofNullable(bgpConfigurations.get(BGPConfiguration.NODE_PREFIX + node)));
  }

  /**
   * Whether all that sessions follow from is known to be as in an earlier view. Compares
   * identities, at a cost that does not grow with the cluster.
   */
  @SuppressWarnings("ReferenceEquality") // that is the point
  boolean sameForSessions(ClusterView earlier) {
    return nodes == earlier.nodes
        && peers == earlier.peers
        && bgpConfigurations == earlier.bgpConfigurations
        && onDemand.secrets() == earlier.onDemand.secrets()
        && onDemand.filters() == earlier.onDemand.filters()
        && pools == earlier.pools
        && affinities == earlier.affinities
        && (workloads == earlier.workloads || !anyPeerIsLocal());
  }

  private boolean anyPeerIsLocal() {
    return peers.stream().anyMatch(peer -> !peer.spec().localWorkloadSelector().isEmpty());
  }

  /** This node's resource, once it is registered. */
  Optional<Node> self() {
    return Optional.ofNullable(nodes.get(nodeName));
  }
}
