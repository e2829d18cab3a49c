package dev.manul.ipam;

import dev.manul.datastore.WriteResult.Conflict;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.IntSequence;
import dev.manul.model.Prefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One family's part of one request for any addresses.
 *
 * <p>Takes from the node's own blocks as remembered; then from those the datastore knows; then
 * claims blocks; then takes over blocks that others left empty; then borrows.
 */
final class AutoAssignment {
  private static final Logger LOG = LoggerFactory.getLogger(AutoAssignment.class);

  /** How many blocks are looked up one by one before all are listed. */
  private static final int PROBES = 16;

  /** A block of another node may be taken over when it is empty and was claimed this long ago. */
  private static final Duration TAKE_OVER_AGE = Duration.ofMinutes(1);

  private final Parts parts;
  private final AutoAssignRequest request;
  private final AddressFamily family;
  private final int wanted;
  private final Situation situation;
  private final List<IPPool> pools;
  private final Supplier<Map<String, String>> nodeLabels;
  private final OwnBlocks.OfNode own;
  private final IPAMBlock.Attribute owner;
  private final List<AssignmentResult.Assignment> assignments = new ArrayList<>();

  /**
   * @param pools those the family may take from, in order
   */
  AutoAssignment(
      Parts parts,
      AutoAssignRequest request,
      AddressFamily family,
      Situation situation,
      List<IPPool> pools,
      Supplier<Map<String, String>> nodeLabels) {
    this.parts = parts;
    this.request = request;
    this.family = family;
    this.wanted = family == AddressFamily.IPV4 ? request.ipv4Count() : request.ipv6Count();
    this.situation = situation;
    this.pools = pools;
    this.nodeLabels = nodeLabels;
    this.own = parts.own().of(request.node());
    this.owner = Parts.attribute(request.node(), request.handleId(), request.attributes());
  }

  /** Does what it can; adds what is missing to {@code problems}. */
  List<AssignmentResult.Assignment> run(List<String> problems) {
    own.lock.lock();
    try {
      takeFromOwn();
      if (missing() > 0) {
        refreshOwn();
        takeFromOwn();
      }
      Optional<String> reason = missing() > 0 ? takeFromNewBlocks() : Optional.empty();
      if (missing() > 0 && reason.isEmpty()) {
        if (situation.settings().strictAffinity()) {
          reason = Optional.of("no more free affine blocks and strict affinity enabled");
        } else {
          borrow();
          reason =
              Optional.of(
                  "no addresses available in pools: "
                      + pools.stream().map(pool -> pool.metadata().name()).toList());
        }
      }
      if (missing() > 0) {
        problems.add(
            "assigned "
                + assignments.size()
                + " out of "
                + wanted
                + " requested "
                + PoolSelection.text(family)
                + " addresses; "
                + reason.orElse(""));
      }
      return assignments;
    } finally {
      own.lock.unlock();
    }
  }

  private int missing() {
    return wanted - assignments.size();
  }

  private Optional<IPPool> poolOf(Prefix block) {
    return PoolSelection.holding(pools, block);
  }

  private void takeFromOwn() {
    for (IPAMBlock block : own.blocks()) {
      if (missing() == 0) {
        return;
      }
      poolOf(block.spec().cidr()).ifPresent(pool -> take(block, pool, true));
    }
  }

  /** Reads which blocks the node has, for other processes may have changed them. */
  private void refreshOwn() {
    Set<Prefix> found = new HashSet<>();
    for (BlockAffinity affinity : parts.claims().affinities()) {
      if (affinity.spec().node().equals(request.node())
          && affinity.spec().state() == BlockAffinity.State.CONFIRMED) {
        // An affinity whose block is missing or another node's is no claim at all.
        parts
            .blocks()
            .get(affinity.spec().cidr())
            .filter(block -> BlockArithmetic.ownedBy(block, request.node()))
            .filter(block -> !leftPool(block))
            .ifPresent(
                block -> {
                  own.seen(block);
                  found.add(block.spec().cidr());
                });
      }
    }
    own.keepOnly(found);
  }

  /** Releases an empty block of a pool that does not select the node any more; true when gone. */
  private boolean leftPool(IPAMBlock block) {
    Prefix cidr = block.spec().cidr();
    if (poolOf(cidr).isPresent()
        || !BlockArithmetic.isEmpty(block)
        || PoolSelection.holding(situation.pools(), cidr)
            .filter(pool -> PoolSelection.selects(pool, nodeLabels))
            .isPresent()) {
      return false;
    }
    LOG.info("event=block-left-pool node={} block={}", request.node(), cidr);
    return parts.claims().release(cidr, request.node(), true, Optional.of(block))
        == AffinityRelease.BLOCK_DELETED;
  }

  /** Claims blocks until the request is met; says why when the limit forbids more. */
  private Optional<String> takeFromNewBlocks() {
    Set<Prefix> known = new HashSet<>();
    boolean listed = false;
    for (IPPool pool : pools) {
      while (missing() > 0 && situation.settings().autoAllocateBlocks()) {
        int limit = situation.maxBlocks(request.maxBlocks(), pool);
        if (own.count(family) >= limit) {
          return Optional.of(
              "need to allocate an IPAM block but could not: limit of "
                  + limit
                  + " blocks reached for node "
                  + request.node()
                  + "; raise maxBlocksPerHost of the IPAMConfiguration \"default\" for more");
        }
        Optional<IPAMBlock> block = probe(pool);
        if (block.isEmpty()) {
          if (!listed) {
            parts.blocks().all().forEach(b -> known.add(b.spec().cidr()));
            listed = true;
          }
          block = claimUnknown(pool, known);
        }
        if (block.isEmpty()) {
          break;
        }
        use(block.get(), pool);
      }
    }
    if (missing() > 0 && situation.settings().autoAllocateBlocks()) {
      takeOver();
    }
    return Optional.empty();
  }

  private void use(IPAMBlock block, IPPool pool) {
    own.seen(block);
    take(block, pool, true);
  }

  /** Looks at the next few blocks in the node's order; enough while the pool is not crowded. */
  private Optional<IPAMBlock> probe(IPPool pool) {
    Prefix range = pool.spec().cidr();
    BlockOrder order = new BlockOrder(range, pool.spec().blockSize(), request.node());
    long first = own.place(range);
    long probes = Math.min(PROBES, order.count());
    for (long i = 0; i < probes; i++) {
      Prefix cidr = order.at(first + i);
      if (!situation.reservations().cover(cidr) && parts.blocks().get(cidr).isEmpty()) {
        Optional<IPAMBlock> block = claimed(cidr);
        if (block.isPresent()) {
          own.place(range, first + i + 1);
          return block;
        }
      }
    }
    return Optional.empty();
  }

  /** Claims the first block in the node's order that is not among the known ones. */
  private Optional<IPAMBlock> claimUnknown(IPPool pool, Set<Prefix> known) {
    Prefix range = pool.spec().cidr();
    BlockOrder order = new BlockOrder(range, pool.spec().blockSize(), request.node());
    return order
        .from(own.place(range))
        .filter(cidr -> !situation.reservations().cover(cidr))
        .filter(known::add)
        .flatMap(cidr -> claimed(cidr).stream())
        .findFirst();
  }

  private Optional<IPAMBlock> claimed(Prefix cidr) {
    Optional<IPAMBlock> block = parts.claims().claim(cidr, request.node());
    block.ifPresent(
        b -> LOG.info("event=block-claimed node={} block={}", request.node(), b.spec().cidr()));
    return block;
  }

  /** Takes over blocks that other nodes have claimed and left empty. */
  private void takeOver() {
    Instant claimedBefore = parts.clock().instant().minus(TAKE_OVER_AGE);
    for (IPAMBlock block : others()) {
      IPPool pool = poolOf(block.spec().cidr()).orElseThrow();
      if (missing() == 0 || own.count(family) >= situation.maxBlocks(request.maxBlocks(), pool)) {
        return;
      }
      Optional<String> node = BlockArithmetic.owner(block);
      boolean free =
          node.isPresent()
              && BlockArithmetic.isEmpty(block)
              && !Times.parse(block.spec().affinityClaimTime())
                  .orElse(Instant.MIN)
                  .isAfter(claimedBefore)
              && !situation.reservations().cover(block.spec().cidr());
      if (free
          && parts.claims().release(block.spec().cidr(), node.get(), true, Optional.of(block))
              == AffinityRelease.BLOCK_DELETED) {
        LOG.info("event=block-taken-over block={} from={}", block.spec().cidr(), node.get());
        claimed(block.spec().cidr()).ifPresent(mine -> use(mine, pool));
      }
    }
  }

  private void borrow() {
    for (IPAMBlock block : others()) {
      if (missing() == 0) {
        return;
      }
      poolOf(block.spec().cidr()).ifPresent(pool -> take(block, pool, false));
    }
  }

  /** The blocks of the pools that are not the node's, pool by pool in the node's order. */
  private List<IPAMBlock> others() {
    List<IPAMBlock> others = new ArrayList<>();
    List<IPAMBlock> all = parts.blocks().all();
    for (IPPool pool : pools) {
      BlockOrder order =
          new BlockOrder(pool.spec().cidr(), pool.spec().blockSize(), request.node());
      all.stream()
          .filter(block -> pool.spec().cidr().contains(block.spec().cidr()))
          .filter(block -> !BlockArithmetic.ownedBy(block, request.node()))
          .sorted(Comparator.comparingLong(block -> order.place(block.spec().cidr())))
          .forEach(others::add);
    }
    return others;
  }

  /**
   * Takes as many addresses as are missing, or as the block has.
   *
   * @param block as last seen, which may be out of date
   * @param mine whether it is taken from only as long as it is the node's
   */
  private void take(IPAMBlock block, IPPool pool, boolean mine) {
    Prefix cidr = block.spec().cidr();
    Predicate<Address> reserved = situation.reservations().within(cidr);
    Attempts attempts = new Attempts(parts.pause(), "allocating from block " + cidr);
    HandleLedger.Raise raise = null;
    IPAMBlock current = block;
    while (true) {
      Instant now = parts.clock().instant();
      IPAMBlock ready = BlockArithmetic.thawed(current, situation.cooldown(), now);
      BlockArithmetic.Taken taken = BlockArithmetic.take(ready, missing(), owner, reserved);
      if (taken.ordinals().isEmpty()) {
        own.seen(current);
        break;
      }
      raise = parts.raised(raise, owner.handleId(), cidr, taken.ordinals().size());
      switch (parts.blocks().update(taken.block())) {
        case Written<IPAMBlock>(IPAMBlock stored) -> {
          own.seen(stored);
          add(stored, pool, taken.ordinals());
          return;
        }
        case Conflict<IPAMBlock>(Optional<IPAMBlock> stored) -> {
          current = stored.filter(b -> !b.spec().deleted()).orElse(null);
        }
      }
      if (!attempts.mayGoOn()) {
        parts.withdraw(raise);
        throw attempts.exhausted();
      }
      if (attempts.waited()) {
        current = parts.blocks().get(cidr).orElse(null);
      }
      if (current == null || (mine && !BlockArithmetic.ownedBy(current, request.node()))) {
        own.forget(cidr);
        break;
      }
    }
    parts.withdraw(raise);
  }

  private void add(IPAMBlock block, IPPool pool, IntSequence ordinals) {
    boolean borrowed = !BlockArithmetic.ownedBy(block, request.node());
    for (int i = 0; i < ordinals.size(); i++) {
      assignments.add(
          new AssignmentResult.Assignment(
              BlockArithmetic.address(block, ordinals.get(i)),
              block.spec().cidr(),
              pool.spec().cidr(),
              block.spec().sequenceNumber(),
              borrowed));
    }
  }
}
