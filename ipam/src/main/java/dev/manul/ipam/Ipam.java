package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.time.Clock;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * Gives addresses out of pools and takes them back.
 *
 * <p>One object serves a whole process: it remembers the blocks of the nodes it allocates for, so
 * that an allocation costs two writes and no search. It is safe for use by many threads and by many
 * processes over one datastore. Calls block for the datastore; none holds a resource, so there is
 * nothing to close.
 */
public final class Ipam {

  /**
   * @param datastore where blocks, affinities and handles are kept
   * @param clock the time for claim times, sequence numbers and cooldown
   */
  public Ipam(Datastore datastore, Clock clock) {}

  /**
   * Takes any free addresses: from the node's own blocks, then from newly claimed ones, then from
   * blocks that another node left empty, and last, unless affinity is strict, from other nodes'
   * blocks.
   *
   * @return what was got; possibly less than asked for, with the reason
   * @throws IpamException when no pool may be used (nothing was allocated then)
   */
  public AssignmentResult autoAssign(AutoAssignRequest request) {
    return null;
  }

  /**
   * Takes one certain address.
   *
   * @throws IpamException when it is in no usable pool, is in use, or is in a block that this node
   *     must not use
   */
  public AssignmentResult assignAddress(AssignAddressRequest request) {
    return null;
  }

  /** Gives addresses back. Unknown addresses are no error. */
  public ReleaseResult release(Collection<ReleaseRequest> requests) {
    return null;
  }

  /** Gives back all addresses of a handle; a handle that does not exist is no error. */
  public ReleaseResult releaseByHandle(String handleId) {
    return null;
  }

  /**
   * The address that a node's tunnel device should have: the one it has, when that is still right;
   * else a new one; or none, when no pool wants this tunnel on the node, and then what it had is
   * released. The Node resource is read and not written.
   */
  public Optional<Address> ensureTunnelAddress(String node, TunnelType type) {
    return null;
  }

  /**
   * Releases a block from its node.
   *
   * @param onlyIfEmpty whether a block with allocations stays as it is; otherwise it keeps them and
   *     becomes nobody's
   */
  public AffinityRelease releaseAffinity(Prefix block, String node, boolean onlyIfEmpty) {
    return null;
  }

  /** Releases every block of a node; returns those that were the node's. */
  public Set<Prefix> releaseHostAffinities(String node) {
    return null;
  }

  /** Releases every block within a pool's prefix from its node; returns those that had one. */
  public Set<Prefix> releasePoolAffinities(Prefix pool) {
    return null;
  }

  /**
   * Forgets a node that is gone for good: its tunnel addresses, and its blocks. Addresses of its
   * workloads are released first when {@code workloads} is set; otherwise they stay allocated in
   * blocks that are nobody's.
   */
  public void removeHost(String node, boolean workloads) {}

  /** The blocks that belong to a node, by what the blocks themselves say. */
  public Set<Prefix> ownBlocks(String node) {
    return null;
  }

  /** How full the pools are. */
  public UsageReport usage() {
    return null;
  }

  /** The allocation of an address; empty when it is free. */
  public Optional<AllocationInfo> lookup(Address address) {
    return null;
  }

  /** Compares blocks, affinities, handles, endpoints and nodes with each other. */
  public CheckReport check() {
    return null;
  }

  /**
   * Puts right what writers that died half-way left behind. Safe at any time beside live writers;
   * meant to run at start and every few minutes.
   */
  public ReclaimReport reclaim() {
    return null;
  }
}
