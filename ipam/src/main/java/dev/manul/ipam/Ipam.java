package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.IPReservation;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Gives addresses out of pools and takes them back.
 *
 * <p>One object serves a whole process: it remembers the blocks of the nodes it allocates for, so
 * that an allocation costs one write and no search, or less when many ask at once. It is safe for
 * use by many threads and by many processes over one datastore. Calls block for the datastore; none
 * holds a resource, so there is nothing to close.
 */
public final class Ipam {
  private final Parts parts;
  private final Releases releases;
  private final TunnelAddresses tunnels;
  private final HostRemoval hosts;

  /**
   * @param datastore where blocks, affinities and handles are kept
   * @param clock the time for claim times, sequence numbers and cooldown
   */
  public Ipam(Datastore datastore, Clock clock) {
    this(datastore, clock, Attempts.RANDOM_PAUSE);
  }

  /**
   * For tests that decide themselves who waits.
   *
   * @param pause what happens after a lost race
   */
  Ipam(Datastore datastore, Clock clock, Attempts.Pause pause) {
    this.parts = Parts.over(datastore, clock, pause);
    this.releases = new Releases(parts);
    this.tunnels = new TunnelAddresses(parts, releases);
    this.hosts = new HostRemoval(parts, releases);
  }

  /**
   * What a process that allocates for a node best knows by heart, so that an allocation or release
   * costs one write and no read; for a {@link dev.manul.datastore.WatchedDatastore}. The node's own
   * blocks are remembered here.
   */
  public static Map<Kind<?>, Selection> kept(String node) {
    return Map.of(
        IPPool.KIND, Selection.ALL,
        IPReservation.KIND, Selection.ALL,
        IPAMConfiguration.KIND, Selection.ALL,
        IPAMHandle.KIND, Selection.ALL,
        BlockAffinity.KIND, Selection.onNode(node),
        Node.KIND, Selection.onNode(node));
  }

  /**
   * Takes any free addresses: from the node's own blocks, then from newly claimed ones, then from
   * blocks that another node left empty, and last, unless affinity is strict, from other nodes'
   * blocks.
   *
   * @return what was got; possibly less than asked for, with the reason
   * @throws IpamException when no pool may be used (nothing was allocated then)
   */
  public AssignmentResult autoAssign(AutoAssignRequest request) {
    Situation situation = situation();
    Supplier<Map<String, String>> nodeLabels = nodeLabels(request);
    // Both families are checked before either allocates.
    Map<AddressFamily, List<IPPool>> pools = new EnumMap<>(AddressFamily.class);
    if (request.ipv4Count() > 0) {
      pools.put(
          AddressFamily.IPV4,
          PoolSelection.forRequest(situation.pools(), AddressFamily.IPV4, request, nodeLabels));
    }
    if (request.ipv6Count() > 0) {
      pools.put(
          AddressFamily.IPV6,
          PoolSelection.forRequest(situation.pools(), AddressFamily.IPV6, request, nodeLabels));
    }
    List<AutoAssignment> works = new ArrayList<>();
    pools.forEach(
        (family, candidates) ->
            works.add(
                new AutoAssignment(parts, request, family, situation, candidates, nodeLabels)));
    new GroupCommit(parts, parts.own().of(request.node())).perform(works);
    List<AssignmentResult.Assignment> assignments = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    works.forEach(work -> assignments.addAll(work.result(problems)));
    return new AssignmentResult(assignments, problems);
  }

  private Situation situation() {
    return Situation.read(parts.datastore());
  }

  /** The labels of the request's node, read when a selector asks for them first. */
  private Supplier<Map<String, String>> nodeLabels(AutoAssignRequest request) {
    Map<String, String> labels = new HashMap<>();
    boolean[] read = new boolean[1];
    return () -> {
      if (!read[0]) {
        read[0] = true;
        labels.putAll(
            request
                .nodeLabels()
                .or(() -> node(request.node()).map(node -> node.metadata().labels()))
                .orElse(Map.of()));
      }
      return labels;
    };
  }

  private Optional<Node> node(String name) {
    return parts.datastore().get(Node.KIND, Key.of(name));
  }

  /**
   * Takes one certain address.
   *
   * @throws IpamException when it is in no usable pool, is in use, or is in a block that this node
   *     must not use
   */
  public AssignmentResult assignAddress(AssignAddressRequest request) {
    return new AddressAssignment(parts, request, situation()).run();
  }

  /** Gives addresses back. Unknown addresses are no error. */
  public ReleaseResult release(Collection<ReleaseRequest> requests) {
    return releases.release(requests, situation());
  }

  /**
   * Gives back all addresses of a handle on a node: those in the node's blocks, and those that its
   * handle counts elsewhere. A handle without addresses is no error.
   */
  public ReleaseResult releaseByHandle(String handleId, String node) {
    return releases.releaseByHandle(Handles.cleanId(handleId), node, situation());
  }

  /**
   * Gives back all addresses of a handle, wherever they are, for which all blocks are looked
   * through; a handle without addresses is no error.
   */
  public ReleaseResult releaseByHandle(String handleId) {
    return releases.releaseByHandle(Handles.cleanId(handleId), situation());
  }

  /**
   * The address that a node's tunnel device should have: the one it has, when that is still right;
   * else a new one; or none, when no pool wants this tunnel on the node, and then what it had is
   * released. The Node resource is read and not written.
   */
  public Optional<Address> ensureTunnelAddress(String node, TunnelType type) {
    return tunnels.ensure(node, type, node(node), situation(), this::autoAssign);
  }

  /**
   * Releases a block from its node.
   *
   * @param onlyIfEmpty whether a block with allocations stays as it is; otherwise it keeps them and
   *     becomes nobody's
   */
  public AffinityRelease releaseAffinity(Prefix block, String node, boolean onlyIfEmpty) {
    return parts.claims().release(block, node, onlyIfEmpty);
  }

  /** Releases every block of a node; returns those that were the node's. */
  public Set<Prefix> releaseHostAffinities(String node) {
    return hosts.releaseHostAffinities(node);
  }

  /** Releases every block within a pool's prefix from its node; returns those that had one. */
  public Set<Prefix> releasePoolAffinities(Prefix pool) {
    return hosts.releasePoolAffinities(pool);
  }

  /**
   * Forgets a node that is gone for good: its tunnel addresses, and its blocks. Addresses of its
   * workloads are released first when {@code workloads} is set; otherwise they stay allocated in
   * blocks that are nobody's.
   */
  public void removeHost(String node, boolean workloads) {
    hosts.remove(node, workloads, situation());
  }

  /**
   * The pools as they are seen here. Over a datastore that is known by heart they may be a moment
   * older than what another reader of it has.
   */
  public List<IPPool> pools() {
    return situation().pools();
  }

  /** The blocks that belong to a node, by what the blocks themselves say. */
  public Set<Prefix> ownBlocks(String node) {
    return HostRemoval.ownBlocks(node, parts.blocks().all());
  }

  /** How full the pools are. */
  public UsageReport usage() {
    return UsageCalculation.of(situation(), parts.blocks().all());
  }

  /** The allocation of an address; empty when it is free. */
  public Optional<AllocationInfo> lookup(Address address) {
    Optional<IPAMBlock> block =
        PoolSelection.holding(situation().pools(), address)
            .flatMap(pool -> parts.blocks().get(PoolSelection.blockOf(pool, address)))
            .or(
                () ->
                    parts.blocks().all().stream()
                        .filter(b -> b.spec().cidr().contains(address))
                        .findFirst());
    return block.flatMap(
        b -> BlockArithmetic.info(b, BlockArithmetic.ordinal(b.spec().cidr(), address)));
  }

  /** Compares blocks, affinities, handles, endpoints and nodes with each other. */
  public CheckReport check() {
    Datastore datastore = parts.datastore();
    Listing<Node> nodes = datastore.list(Node.KIND, Selection.ALL);
    Listing<WorkloadEndpoint> endpoints = datastore.list(WorkloadEndpoint.KIND, Selection.ALL);
    Listing<IPAMBlock> blocks = datastore.list(IPAMBlock.KIND, Selection.ALL);
    Listing<IPAMHandle> handles = datastore.list(IPAMHandle.KIND, Selection.ALL);
    Listing<BlockAffinity> affinities = datastore.list(BlockAffinity.KIND, Selection.ALL);
    Listing<IPPool> pools = datastore.list(IPPool.KIND, Selection.ALL);
    List<String> unreadable =
        Stream.of(nodes, endpoints, blocks, handles, affinities, pools)
            .flatMap(listing -> listing.problems().stream())
            .toList();
    return ConsistencyCheck.of(
        new ConsistencyCheck.Stored(
            pools.items(),
            blocks.items().stream().filter(b -> !b.spec().deleted()).toList(),
            affinities.items().stream()
                .filter(a -> !a.spec().deleted())
                .filter(a -> a.spec().type().equals(BlockAffinity.TYPE_HOST))
                .toList(),
            handles.items().stream().filter(h -> !h.spec().deleted()).toList(),
            nodes.items(),
            endpoints.items(),
            unreadable));
  }

  /**
   * Puts right what writers that died half-way left behind. Safe at any time beside live writers;
   * meant to run at start and every few minutes.
   */
  public ReclaimReport reclaim() {
    return new ReclaimPass(parts, situation().cooldown()).run();
  }
}
