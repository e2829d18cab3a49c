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
import java.util.Iterator;
import java.util.LinkedHashSet;
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
 * claims blocks; then takes over blocks that others left empty; then borrows. All but the last goes
 * through {@link GroupCommit}: this gets the node another block, and that writes it.
 */
final class AutoAssignment implements OwnBlockWork {
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
  private final NodeSubnets subnets;
  private final OwnBlocks.OfNode own;
  private final IPAMBlock.Attribute owner;
  private final Runnable aboutToWrite;
  private final List<AssignmentResult.Assignment> assignments = new ArrayList<>();

  /** Where addresses were looked for last. */
  private enum Stage {
    /** In the node's blocks as remembered. */
    REMEMBERED,
    /** In the node's blocks as stored, and in newly claimed ones. */
    STORED,
    /** In blocks that others have left empty. */
    TAKING_OVER,
    /** Everywhere. */
    GIVEN_UP
  }

  private Stage stage = Stage.REMEMBERED;
  private BlockArithmetic.Taken tentative;
  private String reason = "";

  /** Why the pools with subnets for nodes have none for this one. */
  private final Set<String> refusals = new LinkedHashSet<>();

  /** The pool to claim the next block from, as its place among {@link #pools}. */
  private int pool;

  /** The blocks there are; null as long as nobody had to know. */
  private Set<Prefix> known;

  /** The blocks of others that are still to be looked at; null before the first. */
  private Iterator<IPAMBlock> others;

  /**
   * @param pools those the family may take from, in order
   * @param subnets which blocks may be the node's
   * @param aboutToWrite is run before a write of what is {@link #expected}; must not wait
   */
  AutoAssignment(
      Parts parts,
      AutoAssignRequest request,
      AddressFamily family,
      Situation situation,
      List<IPPool> pools,
      Supplier<Map<String, String>> nodeLabels,
      NodeSubnets subnets,
      Runnable aboutToWrite) {
    this.parts = parts;
    this.request = request;
    this.family = family;
    this.wanted = family == AddressFamily.IPV4 ? request.ipv4Count() : request.ipv6Count();
    this.situation = situation;
    this.pools = pools;
    this.nodeLabels = nodeLabels;
    this.subnets = subnets;
    this.aboutToWrite = aboutToWrite;
    this.own = parts.own().of(request.node());
    this.owner = Parts.attribute(request.node(), request.handleId(), request.attributes());
  }

  /** What was got; adds what is missing to {@code problems}. */
  List<AssignmentResult.Assignment> result(List<String> problems) {
    if (missing() > 0) {
      problems.add(
          "assigned "
              + assignments.size()
              + " out of "
              + wanted
              + " requested "
              + PoolSelection.text(family)
              + " addresses; "
              + reason);
    }
    return assignments;
  }

  @Override
  public boolean finished() {
    return stage == Stage.GIVEN_UP || missing() == 0;
  }

  @Override
  public Optional<IPAMBlock> apply(IPAMBlock block) {
    Prefix cidr = block.spec().cidr();
    Optional<IPPool> pool = poolOf(cidr);
    if (pool.isEmpty()) {
      return Optional.empty();
    }
    IPAMBlock ready = BlockArithmetic.thawed(block, situation.cooldown(), parts.clock().instant());
    BlockArithmetic.Taken taken =
        BlockArithmetic.take(ready, missing(), owner, situation.reservations().within(cidr));
    if (taken.ordinals().isEmpty()) {
      return Optional.empty();
    }
    tentative = taken;
    return Optional.of(taken.block());
  }

  @Override
  public void aboutToWrite() {
    aboutToWrite.run();
  }

  /**
   * All that is wanted, where it is had already or in a block that is about to be written, and
   * hardly anything but a failure can come between.
   */
  Optional<List<Address>> expected() {
    List<Address> expected = new ArrayList<>();
    assignments.forEach(assignment -> expected.add(assignment.address()));
    if (missing() > 0) {
      if (tentative == null
          || BlockArithmetic.freeCount(tentative.block()) < Foresight.LEFT_FREE
          || tentative.ordinals().size() < missing()) {
        return Optional.empty();
      }
      expected.addAll(tentative.addresses());
    }
    return Optional.of(expected);
  }

  @Override
  public void written(IPAMBlock stored) {
    // As after its own part of the write: the number is that of its addresses.
    IPAMBlock block = tentative.block();
    add(block, poolOf(block.spec().cidr()).orElseThrow(), tentative.ordinals());
  }

  @Override
  public boolean obtainMore() {
    if (stage == Stage.REMEMBERED) {
      refreshOwn();
      stage = Stage.STORED;
      return true;
    }
    if (stage == Stage.STORED) {
      if (situation.settings().autoAllocateBlocks() && claimNext()) {
        return true;
      }
      stage = stage == Stage.STORED ? Stage.TAKING_OVER : stage;
    }
    if (stage == Stage.TAKING_OVER) {
      if (situation.settings().autoAllocateBlocks() && takeOverNext()) {
        return true;
      }
      if (situation.settings().strictAffinity()) {
        reason = "no more free affine blocks and strict affinity enabled";
      } else {
        borrow();
        reason =
            "no addresses available in pools: "
                + pools.stream().map(pool -> pool.metadata().name()).toList();
      }
      if (!refusals.isEmpty()) {
        reason = reason + "; " + String.join("; ", refusals);
      }
      stage = Stage.GIVEN_UP;
    }
    return false;
  }

  private int missing() {
    return wanted - assignments.size();
  }

  private Optional<IPPool> poolOf(Prefix block) {
    return PoolSelection.holding(pools, block);
  }

  /** Reads which blocks the node has, for other processes may have changed them. */
  private void refreshOwn() {
    Set<Prefix> found = new HashSet<>();
    for (BlockAffinity affinity : parts.claims().affinities(request.node())) {
      if (affinity.spec().state() == BlockAffinity.State.CONFIRMED) {
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

  /** Claims one block; false when there is none or the limit forbids it, which is then said. */
  private boolean claimNext() {
    for (; pool < pools.size(); pool++) {
      IPPool candidate = pools.get(pool);
      Optional<String> refusal = subnets.refusal(candidate, own.blocks());
      if (refusal.isPresent()) {
        refusals.add(refusal.get());
        continue;
      }
      int limit = situation.maxBlocks(request.maxBlocks(), candidate);
      if (own.count(family) >= limit) {
        reason =
            "need to allocate an IPAM block but could not: limit of "
                + limit
                + " blocks reached for node "
                + request.node()
                + "; raise maxBlocksPerHost of the IPAMConfiguration \"default\" for more";
        stage = Stage.GIVEN_UP;
        return false;
      }
      Optional<IPAMBlock> block = probe(candidate);
      if (block.isEmpty()) {
        if (known == null) {
          known = new HashSet<>();
          parts.blocks().all().forEach(b -> known.add(b.spec().cidr()));
        }
        block = claimUnknown(candidate, known);
      }
      if (block.isPresent()) {
        own.seen(block.get());
        return true;
      }
    }
    return false;
  }

  /** Looks at the next few blocks in the node's order; enough while the pool is not crowded. */
  private Optional<IPAMBlock> probe(IPPool pool) {
    for (Prefix range : subnets.ranges(pool)) {
      BlockOrder order = new BlockOrder(range, pool.spec().blockSize(), request.node());
      long first = own.place(range);
      long probes = Math.min(PROBES, order.count());
      for (long i = 0; i < probes; i++) {
        Prefix cidr = order.at(first + i);
        if (mayBeClaimed(pool, cidr) && parts.blocks().get(cidr).isEmpty()) {
          Optional<IPAMBlock> block = claimed(cidr);
          if (block.isPresent()) {
            own.place(range, first + i + 1);
            return block;
          }
        }
      }
    }
    return Optional.empty();
  }

  private boolean mayBeClaimed(IPPool pool, Prefix block) {
    return subnets.allows(pool, block) && !situation.reservations().cover(block);
  }

  /** Claims the first block in the node's order that is not among the known ones. */
  private Optional<IPAMBlock> claimUnknown(IPPool pool, Set<Prefix> known) {
    return subnets.ranges(pool).stream()
        .flatMap(
            range ->
                new BlockOrder(range, pool.spec().blockSize(), request.node())
                    .from(own.place(range)))
        .filter(cidr -> mayBeClaimed(pool, cidr))
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

  /** Takes over a block that another node has claimed and left empty; false when there is none. */
  private boolean takeOverNext() {
    if (others == null) {
      others = others().iterator();
    }
    Instant claimedBefore = parts.clock().instant().minus(TAKE_OVER_AGE);
    while (others.hasNext()) {
      IPAMBlock block = others.next();
      Prefix cidr = block.spec().cidr();
      if (own.count(family)
          >= situation.maxBlocks(request.maxBlocks(), poolOf(cidr).orElseThrow())) {
        return false;
      }
      Optional<String> node = BlockArithmetic.owner(block);
      boolean free =
          node.isPresent()
              && BlockArithmetic.isEmpty(block)
              && !Times.parse(block.spec().affinityClaimTime())
                  .orElse(Instant.MIN)
                  .isAfter(claimedBefore)
              && !situation.reservations().cover(cidr);
      if (free
          && parts.claims().release(cidr, node.get(), true, Optional.of(block))
              == AffinityRelease.BLOCK_DELETED) {
        LOG.info("event=block-taken-over block={} from={}", cidr, node.get());
        Optional<IPAMBlock> mine = claimed(cidr);
        if (mine.isPresent()) {
          own.seen(mine.get());
          return true;
        }
      }
    }
    return false;
  }

  private void borrow() {
    for (IPAMBlock block : others()) {
      if (missing() == 0) {
        return;
      }
      poolOf(block.spec().cidr()).ifPresent(from -> take(block, from));
    }
  }

  /** The blocks of others that are for all, pool by pool in the node's order. */
  private List<IPAMBlock> others() {
    List<IPAMBlock> others = new ArrayList<>();
    List<IPAMBlock> all = parts.blocks().all();
    for (IPPool pool : pools) {
      if (NodeSubnets.isFixed(pool)) {
        continue; // each is its node's, even when it is empty
      }
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
   * Takes as many addresses as are missing, or as the block has, which is not the node's own.
   *
   * @param block as last seen, which may be out of date
   */
  private void take(IPAMBlock block, IPPool from) {
    Prefix cidr = block.spec().cidr();
    Predicate<Address> reserved = situation.reservations().within(cidr);
    Attempts attempts = new Attempts(parts.pause(), "allocating from block " + cidr);
    HandleLedger.Raise raise = null;
    IPAMBlock current = block;
    while (current != null) {
      Instant now = parts.clock().instant();
      IPAMBlock ready = BlockArithmetic.thawed(current, situation.cooldown(), now);
      BlockArithmetic.Taken taken = BlockArithmetic.borrow(ready, missing(), owner, reserved);
      if (taken.ordinals().isEmpty()) {
        own.seen(current);
        break;
      }
      raise = parts.raised(raise, owner.handleId(), cidr, taken.ordinals().size());
      switch (parts.blocks().update(taken.block())) {
        case Written<IPAMBlock>(IPAMBlock stored) -> {
          own.seen(stored);
          add(stored, from, taken.ordinals());
          return;
        }
        case Conflict<IPAMBlock>(Optional<IPAMBlock> stored) ->
            current = stored.filter(b -> !b.spec().deleted()).orElse(null);
      }
      if (!attempts.mayGoOn()) {
        parts.withdraw(raise);
        throw attempts.exhausted();
      }
      if (attempts.waited()) {
        current = parts.blocks().get(cidr).orElse(null);
      }
    }
    parts.withdraw(raise);
  }

  private void add(IPAMBlock block, IPPool from, IntSequence ordinals) {
    boolean borrowed = !BlockArithmetic.ownedBy(block, request.node());
    for (int i = 0; i < ordinals.size(); i++) {
      assignments.add(
          new AssignmentResult.Assignment(
              BlockArithmetic.address(block, ordinals.get(i)),
              block.spec().cidr(),
              from.spec().cidr(),
              block.spec().sequenceNumber(),
              borrowed));
    }
  }
}
