package dev.manul.agent;

import dev.manul.bgp.OriginatedRoute;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BlockAffinity;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.routes.NodeView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the route programmer and the speaker are told about this node. Pure. */
final class NodeViews {

  private NodeViews() {}

  /** The blocks that are this node's beyond doubt; a pending affinity is nobody's yet. */
  static Set<Prefix> ownBlocks(ClusterView view) {
    Set<Prefix> blocks = new TreeSet<>();
    for (BlockAffinity affinity : view.affinities()) {
      BlockAffinity.Spec spec = affinity.spec();
      if (spec.state() == BlockAffinity.State.CONFIRMED && !spec.deleted()) {
        blocks.add(spec.cidr());
      }
    }
    return blocks;
  }

  /** The addresses of all nodes. */
  static Set<Address> nodeAddresses(ClusterView view) {
    Set<Address> nodeAddresses = new HashSet<>();
    for (Node node : view.nodes().values()) {
      for (AddressFamily family : AddressFamily.values()) {
        Peering.address(node, family).ifPresent(nodeAddresses::add);
      }
    }
    return Set.copyOf(nodeAddresses);
  }

  /**
   * The view from which routes are computed; empty until the node has an address.
   *
   * @param nodes what is known of the other nodes
   * @param ipipMtu the IPIP tunnel's MTU as configured for this node
   * @param serviceRanges where the service proxy delivers what arrives
   * @param sessions some of which need routes or addresses of their own
   */
  static Optional<NodeView> nodeView(
      ClusterView view,
      RemoteNodes nodes,
      OptionalInt ipipMtu,
      Set<Address> speakingGateways,
      Set<Prefix> serviceRanges,
      Peering.Sessions sessions) {
    Optional<Node.Bgp> bgp = view.self().flatMap(node -> node.spec().bgp());
    if (bgp.isEmpty()) {
      return Optional.empty();
    }
    Map<Prefix, String> workloads = new HashMap<>();
    for (WorkloadEndpoint endpoint : view.workloads()) {
      for (Prefix network : endpoint.spec().ipNetworks()) {
        workloads.put(network, endpoint.spec().interfaceName());
      }
    }
    return Optional.of(
        new NodeView(
            view.nodeName(),
            bgp.get().ipv4Address(),
            bgp.get().ipv6Address(),
            view.pools(),
            ownBlocks(view),
            workloads,
            nodes.addresses(),
            nodes.ipipEnds(),
            nodes.ipipAddress(),
            nodes.tunnels().ipipMtu(view, ipipMtu),
            nodes.tunnels().vxlanTunnels(),
            nodes.tunnels().udpTunnels(),
            OwnTunnels.announced(view.self().orElseThrow()),
            speakingGateways,
            serviceRanges,
            sessions.gateways(),
            nodes.blocks(),
            podPeers(view, sessions, workloads)));
  }

  /** Where pods that are peers find this node: at the address set for that, if there is one. */
  private static Map<String, Set<Address>> podPeers(
      ClusterView view, Peering.Sessions sessions, Map<Prefix, String> workloads) {
    Map<String, Set<Address>> podPeers = new HashMap<>();
    BGPConfiguration.Spec settings = view.bgpOf(view.nodeName());
    for (Peering.Peer peer : sessions.peers()) {
      if (peer.type() != Peering.PeerType.LOCAL_WORKLOAD) {
        continue;
      }
      Address pod = peer.neighbor().address();
      String address =
          pod.family() == AddressFamily.IPV4
              ? settings.localWorkloadPeeringIPV4()
              : settings.localWorkloadPeeringIPV6();
      String device = workloads.get(Prefix.of(pod, pod.family().bits()));
      Optional<Address> read = address(address);
      if (read.isPresent() && device != null) {
        podPeers.computeIfAbsent(device, _ -> new TreeSet<>()).add(read.get());
      }
    }
    return podPeers;
  }

  /** The API may hold what an agent's own rules would have refused. */
  private static Optional<Address> address(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Address.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * What this node announces, as far as the filters of peers let it: its blocks, each local address
   * that lies in somebody else's block (a borrowed one), and addresses of services.
   *
   * @param services addresses of services to announce
   */
  static List<OriginatedRoute> originated(ClusterView view, Set<Prefix> services) {
    Set<Prefix> blocks = ownBlocks(view);
    SortedMap<Prefix, OriginatedRoute> routes = new TreeMap<>();
    blocks.forEach(block -> routes.put(block, OriginatedRoute.of(block)));
    for (WorkloadEndpoint endpoint : view.workloads()) {
      for (Prefix network : endpoint.spec().ipNetworks()) {
        boolean inPool = view.pools().stream().anyMatch(p -> p.spec().cidr().contains(network));
        if (inPool && blocks.stream().noneMatch(block -> block.contains(network))) {
          String device = endpoint.spec().interfaceName();
          routes.put(network, OriginatedRoute.of(network).through(device));
        }
      }
    }
    services.forEach(service -> routes.put(service, OriginatedRoute.of(service)));
    return List.copyOf(routes.values());
  }
}
