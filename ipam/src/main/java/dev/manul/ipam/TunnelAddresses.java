package dev.manul.ipam;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The addresses of tunnel devices. */
final class TunnelAddresses {
  private final Parts parts;
  private final Releases releases;

  TunnelAddresses(Parts parts, Releases releases) {
    this.parts = parts;
    this.releases = releases;
  }

  /** The pools that want such a tunnel on a node, and may give it its address. */
  static List<IPPool> pools(Situation situation, TunnelType type, Map<String, String> nodeLabels) {
    return situation.pools().stream()
        .filter(pool -> pool.spec().cidr().family() == type.family())
        .filter(pool -> encapsulates(pool.spec(), type))
        .filter(pool -> pool.spec().allowedUses().contains(IPPool.USE_TUNNEL))
        .filter(pool -> PoolSelection.selects(pool, () -> nodeLabels))
        .toList();
  }

  private static boolean encapsulates(IPPool.Spec pool, TunnelType type) {
    return switch (type) {
      case IPIP -> pool.ipipMode() != EncapsulationMode.NEVER;
      case VXLAN, VXLAN_V6 -> pool.vxlanMode() != EncapsulationMode.NEVER;
      case UDP, UDP_V6 -> pool.udp() != EncapsulationMode.NEVER;
      case WIREGUARD, WIREGUARD_V6 -> true;
    };
  }

  /**
   * Keeps, gives or releases a node's tunnel address.
   *
   * @param stored the Node resource; empty when there is none yet
   * @param assign how addresses are had
   */
  Optional<Address> ensure(
      String node,
      TunnelType type,
      Optional<Node> stored,
      Situation situation,
      Function<AutoAssignRequest, AssignmentResult> assign) {
    Map<String, String> labels = stored.map(n -> n.metadata().labels()).orElse(Map.of());
    List<IPPool> pools = pools(situation, type, labels);
    if (pools.isEmpty()) {
      releases.releaseByHandle(type.handleId(node), node, situation);
      return Optional.empty();
    }
    List<AllocationInfo> owned = owned(node, type.handleId(node));
    List<AllocationInfo> fitting =
        owned.stream().filter(a -> PoolSelection.holding(pools, a.address()).isPresent()).toList();
    Optional<Address> recorded = stored.flatMap(type::recorded);
    // What the Node says counts only when IPAM agrees: another may have the address by now.
    Optional<AllocationInfo> kept =
        fitting.stream()
            .filter(a -> recorded.isPresent() && a.address().equals(recorded.get()))
            .findFirst()
            .or(() -> fitting.stream().findFirst());
    List<ReleaseRequest> others =
        owned.stream()
            .filter(a -> !kept.equals(Optional.of(a)))
            .map(
                a ->
                    new ReleaseRequest(
                        a.address(), a.handleId(), OptionalLong.of(a.sequenceNumber())))
            .toList();
    if (!others.isEmpty()) {
      releases.release(others, situation);
    }
    if (kept.isPresent()) {
      return kept.map(AllocationInfo::address);
    }
    AssignmentResult result = assign.apply(request(node, type, pools));
    if (!result.complete()) {
      throw new IpamException(
          IpamException.Reason.EXHAUSTED,
          "no " + type.attribute() + " for node " + node + ": " + result.problems().getFirst());
    }
    return Optional.of(result.addresses().getFirst());
  }

  /**
   * A node's tunnel address when it is what it should be, while nothing may be written.
   *
   * @throws IpamException when it is not
   */
  Optional<Address> unchanged(
      String node, TunnelType type, Optional<Node> stored, Situation situation) {
    Map<String, String> labels = stored.map(n -> n.metadata().labels()).orElse(Map.of());
    List<IPPool> pools = pools(situation, type, labels);
    List<AllocationInfo> owned = owned(node, type.handleId(node));
    Optional<Address> fitting =
        owned.stream()
            .map(AllocationInfo::address)
            .filter(address -> PoolSelection.holding(pools, address).isPresent())
            .filter(address -> stored.flatMap(type::recorded).equals(Optional.of(address)))
            .findFirst();
    if (fitting.isEmpty() && !(pools.isEmpty() && owned.isEmpty())) {
      throw new IpamException(
          IpamException.Reason.LOCKED, type.attribute() + " of node " + node + ": " + Ipam.LOCKED);
    }
    return fitting;
  }

  private static AutoAssignRequest request(String node, TunnelType type, List<IPPool> pools) {
    boolean ipv4 = type.family() == AddressFamily.IPV4;
    return AutoAssignRequest.of(node, IntendedUse.TUNNEL)
        .withCounts(ipv4 ? 1 : 0, ipv4 ? 0 : 1)
        .withHandle(type.handleId(node))
        .withAttributes(Map.of("node", node, "type", type.attribute()))
        .withPools(pools.stream().map(pool -> pool.metadata().name()).toList());
  }

  /** The handle's addresses: in the node's blocks, and where its handle counts any. */
  private List<AllocationInfo> owned(String node, String handleId) {
    Set<Prefix> cidrs = new TreeSet<>();
    parts.claims().affinities(node).forEach(affinity -> cidrs.add(affinity.spec().cidr()));
    // After the node's own: a block that is taken from its node is counted first.
    parts
        .handles()
        .get(handleId)
        .ifPresent(
            handle ->
                handle.spec().block().keySet().forEach(cidr -> cidrs.add(Prefix.parse(cidr))));
    List<AllocationInfo> owned = new ArrayList<>();
    for (Prefix cidr : cidrs) {
      parts.blocks().get(cidr).stream()
          .flatMap(block -> BlockArithmetic.allocations(block).stream())
          .filter(a -> a.handleId().filter(id -> Handles.same(id, handleId)).isPresent())
          .forEach(owned::add);
    }
    return owned;
  }
}
