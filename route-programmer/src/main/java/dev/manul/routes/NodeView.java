package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * All that the datastore and the sessions say and that this node's routes depend on.
 *
 * @param node this node's name
 * @param ipv4 this node's IPv4 address and the subnet it is in
 * @param ipv6 this node's IPv6 address and the subnet it is in
 * @param pools every pool, the disabled ones too: disabling ends allocation, not routing
 * @param ownBlocks the blocks with a confirmed affinity to this node
 * @param workloads the addresses of this node's workloads (/32 or /128), and the subnets of bridges
 *     that workloads are on, each with the name of its interface on the host
 * @param nodeAddresses the addresses of all nodes of the cluster; empty when they are not known
 * @param ipipEnds those of them whose nodes take IP-in-IP; a route into the tunnel waits for them
 * @param ipipTunnelAddress what the tunnel device's only address is to be
 * @param ipipMtu the tunnel device's MTU; empty: that of the link under it less 20 octets
 * @param vxlan the VXLAN devices, of which one counts while a pool of its family uses VXLAN
 * @param udp the devices whose packets travel in UDP, of which one counts while a pool of its
 *     family uses them
 * @param announcedTunnels the devices of tunnels whose addresses other nodes see in this node's
 *     Node: they may send through them at any time, whether a pool uses them by now or not
 * @param speakingGateways the routers this node has an established BGP session with
 * @param leftAlone where no learned route is to lead, such as the addresses of services, which
 *     another program on this node delivers
 * @param hostRoutes hosts to which there is to be a route, each with its gateway
 * @param remoteBlocks other nodes' blocks, and addresses lent from blocks, each with its node's
 *     address, where the datastore says who has them; of one prefix they count more than what is
 *     learned
 * @param podPeers interfaces of pods that speak BGP with this host, each with the addresses at
 *     which they find it
 */
public record NodeView(
    String node,
    Optional<InterfaceAddress> ipv4,
    Optional<InterfaceAddress> ipv6,
    List<IPPool> pools,
    Set<Prefix> ownBlocks,
    Map<Prefix, String> workloads,
    Set<Address> nodeAddresses,
    Set<Address> ipipEnds,
    Optional<Address> ipipTunnelAddress,
    OptionalInt ipipMtu,
    Map<AddressFamily, VxlanTunnel> vxlan,
    Map<AddressFamily, UdpTunnel> udp,
    Set<String> announcedTunnels,
    Set<Address> speakingGateways,
    Set<Prefix> leftAlone,
    Map<Address, Address> hostRoutes,
    Map<Prefix, Address> remoteBlocks,
    Map<String, Set<Address>> podPeers) {

  public NodeView {
    pools = List.copyOf(pools);
    ownBlocks = Set.copyOf(ownBlocks);
    workloads = Map.copyOf(workloads);
    nodeAddresses = Set.copyOf(nodeAddresses);
    ipipEnds = Set.copyOf(ipipEnds);
    vxlan = Map.copyOf(vxlan);
    udp = Map.copyOf(udp);
    announcedTunnels = Set.copyOf(announcedTunnels);
    speakingGateways = Set.copyOf(speakingGateways);
    leftAlone = Set.copyOf(leftAlone);
    hostRoutes = Map.copyOf(hostRoutes);
    remoteBlocks = Map.copyOf(remoteBlocks);
    podPeers = Map.copyOf(podPeers);
  }

  /** A node of which nothing is known but its name. */
  public static NodeView empty(String node) {
    return new NodeView(
        node,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Set.of(),
        Map.of(),
        Set.of(),
        Set.of(),
        Optional.empty(),
        OptionalInt.empty(),
        Map.of(),
        Map.of(),
        Set.of(),
        Set.of(),
        Set.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  /** The same node with these workloads. */
  NodeView withWorkloads(Map<Prefix, String> newWorkloads) {
    return new NodeView(
        node,
        ipv4,
        ipv6,
        pools,
        ownBlocks,
        newWorkloads,
        nodeAddresses,
        ipipEnds,
        ipipTunnelAddress,
        ipipMtu,
        vxlan,
        udp,
        announcedTunnels,
        speakingGateways,
        leftAlone,
        hostRoutes,
        remoteBlocks,
        podPeers);
  }

  /** This node's address of a family. */
  public Optional<InterfaceAddress> address(AddressFamily family) {
    return family == AddressFamily.IPV4 ? ipv4 : ipv6;
  }

  /** Whether any pool is carried in IP-in-IP, always or across subnets. */
  public boolean usesIpip() {
    return CarryMode.byPool(pools).values().stream().anyMatch(CarryMode::usesIpip);
  }

  /** The VXLAN device of a family, while a pool of that family uses VXLAN. */
  public Optional<VxlanTunnel> vxlanInUse(AddressFamily family) {
    boolean used =
        pools.stream()
            .anyMatch(
                pool -> pool.spec().cidr().family() == family && CarryMode.of(pool).usesVxlan());
    return used ? Optional.ofNullable(vxlan.get(family)) : Optional.empty();
  }

  /** The device of a family whose packets travel in UDP, while a pool of that family uses it. */
  public Optional<UdpTunnel> udpInUse(AddressFamily family) {
    boolean used =
        pools.stream()
            .anyMatch(
                pool -> pool.spec().cidr().family() == family && CarryMode.of(pool).usesUdp());
    return used ? Optional.ofNullable(udp.get(family)) : Optional.empty();
  }

  /** Whether nothing but blocks, own or remote, and workloads differs. */
  boolean sameButForLocalPrefixes(NodeView other) {
    return node.equals(other.node)
        && ipv4.equals(other.ipv4)
        && ipv6.equals(other.ipv6)
        && CarryMode.byPool(pools).equals(CarryMode.byPool(other.pools))
        && nodeAddresses.equals(other.nodeAddresses)
        && ipipEnds.equals(other.ipipEnds)
        && ipipTunnelAddress.equals(other.ipipTunnelAddress)
        && ipipMtu.equals(other.ipipMtu)
        && vxlan.equals(other.vxlan)
        && udp.equals(other.udp)
        && announcedTunnels.equals(other.announcedTunnels)
        && speakingGateways.equals(other.speakingGateways)
        && leftAlone.equals(other.leftAlone)
        && hostRoutes.equals(other.hostRoutes);
  }
}
