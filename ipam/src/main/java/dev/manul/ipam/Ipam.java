package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BlockAffinity;
import dev.manul.model.ClusterInformation;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.IPReservation;
import dev.manul.model.InterfaceAddress;
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
import java.util.function.Consumer;
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

  /** What is said while the datastore is locked. */
  static final String LOCKED =
      "the datastore is locked (ClusterInformation default: datastoreReady is false); it waits for"
          + " manulctl datastore migrate unlock";

  private final Parts parts;
  private final Releases releases;
  private final TunnelAddresses tunnels;
  private final HostRemoval hosts;
  private final boolean heedsLock;

  /**
   * @param datastore where blocks, affinities and handles are kept
   * @param clock the time for claim times, sequence numbers and cooldown
   */
  public Ipam(Datastore datastore, Clock clock) {
    this(datastore, clock, Attempts.RANDOM_PAUSE, true);
  }

  /**
   * For those who lock the datastore in order to repair it: one that goes on while it is locked.
   *
   * @param datastore where blocks, affinities and handles are kept
   * @param clock the time for claim times, sequence numbers and cooldown
   */
  public static Ipam overLock(Datastore datastore, Clock clock) {
    return new Ipam(datastore, clock, Attempts.RANDOM_PAUSE, false);
  }

  /**
   * For tests that decide themselves who waits.
   *
   * @param pause what happens after a lost race
   */
  Ipam(Datastore datastore, Clock clock, Attempts.Pause pause) {
    this(datastore, clock, pause, true);
  }

  private Ipam(Datastore datastore, Clock clock, Attempts.Pause pause, boolean heedsLock) {
    this.parts = Parts.over(datastore, clock, pause);
    this.releases = new Releases(parts);
    this.tunnels = new TunnelAddresses(parts, releases);
    this.hosts = new HostRemoval(parts, releases);
    this.heedsLock = heedsLock;
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
        ClusterInformation.KIND, Selection.ALL,
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
   * @throws IpamException when no pool may be used, or the datastore is locked (nothing was
   *     allocated then)
   */
  public AssignmentResult autoAssign(AutoAssignRequest request) {
    return autoAssign(request, _ -> {});
  }

  /**
   * As {@link #autoAssign(AutoAssignRequest)}, for a caller with something to do with the addresses
   * that need not wait for their being written.
   *
   * @param expected is told, once or not at all, all addresses that the request is going to get, in
   *     the order of the result, unless the write fails or somebody else comes first, so that the
   *     result has to be compared; by any thread, which must not be made to wait
   * @throws IpamException as the other; {@code expected} may have been called
   */
  public AssignmentResult autoAssign(AutoAssignRequest request, Consumer<List<Address>> expected) {
    mustBeOpen();
    Situation situation = situation();
    Supplier<Map<String, String>> nodeLabels = nodeLabels(request.node());
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
    Foresight foresight = new Foresight(expected);
    pools.forEach(
        (family, candidates) ->
            works.add(
                new AutoAssignment(
                    parts,
                    request,
                    family,
                    situation,
                    candidates,
                    nodeLabels,
                    subnets(request.node()),
                    () -> foresight.aboutToWrite(works))));
    new GroupCommit(parts, parts.own().of(request.node())).perform(works);
    List<AssignmentResult.Assignment> assignments = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    works.forEach(work -> assignments.addAll(work.result(problems)));
    return new AssignmentResult(assignments, problems);
  }

  /**
   * Whether somebody has locked the datastore, so that addresses are neither given out nor taken
   * back: both are refused by this object, unless it was made to go on.
   */
  public boolean locked() {
    return heedsLock
        && parts
            .datastore()
            .get(ClusterInformation.KIND, ClusterInformation.DEFAULT_KEY)
            .filter(ClusterInformation::locked)
            .isPresent();
  }

  private void mustBeOpen() {
    if (locked()) {
      throw new IpamException(IpamException.Reason.LOCKED, LOCKED);
    }
  }

  private Situation situation() {
    return Situation.read(parts.datastore());
  }

  /** A node's labels, read when a selector asks for them first. */
  private Supplier<Map<String, String>> nodeLabels(String name) {
    Map<String, String> labels = new HashMap<>();
    boolean[] read = new boolean[1];
    return () -> {
      if (!read[0]) {
        read[0] = true;
        labels.putAll(node(name).map(node -> node.metadata().labels()).orElse(Map.of()));
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
   *     must not use, or the datastore is locked
   */
  public AssignmentResult assignAddress(AssignAddressRequest request) {
    mustBeOpen();
    return new AddressAssignment(parts, request, situation(), subnets(request.node())).run();
  }

  /**
   * Gives addresses back. Unknown addresses are no error.
   *
   * @throws IpamException when the datastore is locked
   */
  public ReleaseResult release(Collection<ReleaseRequest> requests) {
    mustBeOpen();
    return releases.release(requests, situation());
  }

  /**
   * Gives back all addresses of a handle on a node: those in the node's blocks, and those that its
   * handle counts elsewhere. A handle without addresses is no error.
   *
   * @throws IpamException when the datastore is locked
   */
  public ReleaseResult releaseByHandle(String handleId, String node) {
    mustBeOpen();
    return releases.releaseByHandle(Handles.cleanId(handleId), node, situation());
  }

  /**
   * Gives back all addresses of a handle, wherever they are, for which all blocks are looked
   * through; a handle without addresses is no error.
   *
   * @throws IpamException when the datastore is locked
   */
  public ReleaseResult releaseByHandle(String handleId) {
    mustBeOpen();
    return releases.releaseByHandle(Handles.cleanId(handleId), situation());
  }

  /**
   * The address that a node's tunnel device should have: the one it has, when that is still right;
   * else a new one; or none, when no pool wants this tunnel on the node, and then what it had is
   * released. The Node resource is read and not written.
   *
   * @throws IpamException when an address is to be had, and there is none to have, or the datastore
   *     is locked
   */
  public Optional<Address> ensureTunnelAddress(String node, TunnelType type) {
    Optional<Node> stored = node(node);
    return locked()
        ? tunnels.unchanged(node, type, stored, situation())
        : tunnels.ensure(node, type, stored, situation(), this::autoAssign);
  }

  /**
   * The address that the bridge of a node's pods has in the block of an address: the gateway of the
   * pods with addresses of that block. It is the lowest that was free at the first time, and stays;
   * no pod is given it, nor what is no host's address in a subnet. One write at the first time for
   * each, later none.
   *
   * @return with the length of the block
   * @throws IpamException when the block is not the node's, too small, or full
   */
  public InterfaceAddress ensureBridgeAddress(Address inBlock, String node) {
    Situation situation = situation();
    Prefix block =
        PoolSelection.holding(situation.pools(), inBlock)
            .map(pool -> PoolSelection.blockOf(pool, inBlock))
            .orElseThrow(
                () ->
                    new IpamException(
                        IpamException.Reason.NO_POOL, inBlock + " is in no configured pool"));
    return new InterfaceAddress(
        new BridgeAddresses(parts, subnets(node)).ensure(block, node, situation), block.length());
  }

  /** What Kubernetes gave a node that it does not tell is nothing. */
  private NodeSubnets subnets(String node) {
    return new NodeSubnets(
        node,
        () ->
            node(node).map(n -> n.status().podCIDRs()).orElse(List.of()).stream()
                .map(Prefix::parse)
                .toList());
  }

  /** Whether a pod on a bridge cannot have an address, as it stands for all of a subnet. */
  public static boolean isEndOf(Prefix subnet, Address address) {
    return BridgeAddresses.isEnd(address, subnet);
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
   * Puts right what checks have found, as far as it is still so: releases what nothing uses,
   * allocates what is used, gives what several have to one of them, and reclaims.
   *
   * @param removal how those go who use another's address; empty for only naming them
   * @throws IpamException when the datastore is locked
   */
  public RepairReport repair(RepairRequest request, Optional<EndpointRemoval> removal) {
    mustBeOpen();
    return new Repair(this, parts, removal).run(request);
  }

  /**
   * Puts right what writers that died half-way left behind. Safe at any time beside live writers;
   * meant to run at start and every few minutes. Does nothing while the datastore is locked.
   */
  public ReclaimReport reclaim() {
    if (locked()) {
      return new ReclaimReport(List.of());
    }
    return new ReclaimPass(parts, situation().cooldown()).run();
  }
}
