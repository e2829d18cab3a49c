package dev.manul.ipam;

import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.Address;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Gives addresses back. */
final class Releases {
  private final Parts parts;

  Releases(Parts parts) {
    this.parts = parts;
  }

  ReleaseResult release(Collection<ReleaseRequest> requests, Situation situation) {
    Collected collected = new Collected();
    Map<Prefix, List<ReleaseRequest>> byBlock = new LinkedHashMap<>();
    List<ReleaseRequest> elsewhere = new ArrayList<>();
    for (ReleaseRequest request : requests) {
      Optional<IPPool> pool = PoolSelection.holding(situation.pools(), request.address());
      if (pool.isPresent()) {
        byBlock
            .computeIfAbsent(
                PoolSelection.blockOf(pool.get(), request.address()), cidr -> new ArrayList<>())
            .add(request);
      } else {
        elsewhere.add(request);
      }
    }
    if (!elsewhere.isEmpty()) {
      // Their pool is gone; the block may be left.
      List<Prefix> all = parts.blocks().all().stream().map(block -> block.spec().cidr()).toList();
      for (ReleaseRequest request : elsewhere) {
        all.stream()
            .filter(cidr -> cidr.contains(request.address()))
            .findFirst()
            .ifPresentOrElse(
                cidr -> byBlock.computeIfAbsent(cidr, c -> new ArrayList<>()).add(request),
                () -> collected.unallocated.add(request.address()));
      }
    }
    Map<Prefix, Function<IPAMBlock, BlockArithmetic.Released>> operations = new LinkedHashMap<>();
    byBlock.forEach(
        (cidr, ofBlock) -> operations.put(cidr, block -> released(block, ofBlock, situation)));
    carryOut(operations)
        .forEach(
            (cidr, result) ->
                collected.add(
                    result.orElseGet(
                        () ->
                            new ReleaseResult(
                                List.of(),
                                byBlock.get(cidr).stream().map(ReleaseRequest::address).toList(),
                                List.of()))));
    return collected.result();
  }

  /**
   * Carries out releases: together with what other threads want of the same blocks where they are
   * remembered as a node's own, each for itself elsewhere.
   *
   * @return what came of each; empty where there is no such block
   */
  private Map<Prefix, Optional<ReleaseResult>> carryOut(
      Map<Prefix, Function<IPAMBlock, BlockArithmetic.Released>> operations) {
    Map<OwnBlocks.OfNode, List<OwnRelease>> byNode = new LinkedHashMap<>();
    operations.forEach(
        (cidr, operation) ->
            parts
                .own()
                .rememberedBy(cidr)
                .ifPresent(
                    node ->
                        byNode
                            .computeIfAbsent(node, n -> new ArrayList<>())
                            .add(new OwnRelease(parts.handles(), cidr, operation))));
    Map<Prefix, Optional<ReleaseResult>> results = new LinkedHashMap<>();
    byNode.forEach(
        (node, works) -> {
          new GroupCommit(parts, node).perform(works);
          works.stream()
              .filter(OwnRelease::finished)
              .forEach(work -> results.put(work.cidr(), work.result()));
        });
    operations.forEach(
        (cidr, operation) -> {
          if (!results.containsKey(cidr)) {
            results.put(cidr, in(cidr, new HashMap<>(), operation));
          }
        });
    return results;
  }

  private BlockArithmetic.Released released(
      IPAMBlock block, List<ReleaseRequest> requests, Situation situation) {
    return BlockArithmetic.release(block, requests, situation.cooldown(), parts.clock().instant());
  }

  /** Releases what a handle has on a node; see {@link Ipam#releaseByHandle(String, String)}. */
  ReleaseResult releaseByHandle(String handleId, String node, Situation situation) {
    Set<Prefix> cidrs = new TreeSet<>();
    OwnBlocks.OfNode own = parts.own().of(node);
    parts.claims().affinities(node).stream()
        .map(affinity -> affinity.spec().cidr())
        .filter(cidr -> own.block(cidr).isEmpty())
        .forEach(cidrs::add);
    List<Prefix> without = new ArrayList<>();
    for (IPAMBlock block : own.blocks()) {
      boolean with = BlockArithmetic.handleCount(block, handleId) > 0;
      (with ? cidrs : without).add(block.spec().cidr());
    }
    ReleaseResult result = releaseByHandle(handleId, cidrs, situation);
    if (!result.released().isEmpty() || without.isEmpty()) {
      return result;
    }
    // What is remembered may be out of date: another process may have allocated for the node.
    return releaseByHandle(handleId, new TreeSet<>(without), situation);
  }

  /** Releases what a handle has anywhere. */
  ReleaseResult releaseByHandle(String handleId, Situation situation) {
    Set<Prefix> cidrs = new TreeSet<>();
    parts.blocks().all().stream()
        .filter(block -> BlockArithmetic.handleCount(block, handleId) > 0)
        .forEach(block -> cidrs.add(block.spec().cidr()));
    return releaseByHandle(handleId, cidrs, situation);
  }

  /**
   * Releases what a handle has in some blocks, and then what it counts in others.
   *
   * <p>In this order, because a block that is taken from its node is counted first: whoever does
   * not find an address in the block any more finds it in the handle.
   */
  private ReleaseResult releaseByHandle(String handleId, Set<Prefix> cidrs, Situation situation) {
    Function<IPAMBlock, BlockArithmetic.Released> operation =
        block ->
            BlockArithmetic.releaseHandle(
                block, handleId, situation.cooldown(), parts.clock().instant());
    Collected collected = new Collected();
    Map<Prefix, Function<IPAMBlock, BlockArithmetic.Released>> operations = new LinkedHashMap<>();
    cidrs.forEach(cidr -> operations.put(cidr, operation));
    carryOut(operations).values().forEach(result -> result.ifPresent(collected::add));
    Optional<IPAMHandle> handle = parts.handles().get(handleId);
    if (handle.isPresent()) {
      Map<String, Optional<IPAMHandle>> known = new HashMap<>();
      known.put(Handles.name(handleId), handle);
      for (String text : handle.get().spec().block().keySet()) {
        Prefix cidr = Prefix.parse(text);
        Optional<ReleaseResult> result = in(cidr, known, operation);
        if (result.filter(r -> !r.released().isEmpty()).isEmpty()) {
          // It counts addresses that the block does not have: left by an interrupted operation.
          parts.handles().settle(handleId, cidr);
          known.remove(Handles.name(handleId));
        }
        result.ifPresent(collected::add);
      }
      parts.handles().deleteEmpty(handleId);
    }
    return collected.result();
  }

  /**
   * Carries out a release within one block.
   *
   * @param known handles as last read, by name; kept up to date
   * @return empty when there is no such block
   */
  private Optional<ReleaseResult> in(
      Prefix cidr,
      Map<String, Optional<IPAMHandle>> known,
      Function<IPAMBlock, BlockArithmetic.Released> operation) {
    Attempts attempts = new Attempts(parts.pause(), "releasing from block " + cidr);
    while (true) {
      Optional<IPAMBlock> block = parts.blocks().get(cidr);
      if (block.isEmpty()) {
        return Optional.empty();
      }
      BlockArithmetic.Released released = operation.apply(block.get());
      if (released.result().released().isEmpty()) {
        return Optional.of(released.result());
      }
      // Read before the block is written: see HandleLedger.
      for (String handle : released.handles()) {
        known.computeIfAbsent(handle, parts.handles()::get);
      }
      if (write(released.block())) {
        for (String handle : released.handles()) {
          int left = BlockArithmetic.handleCount(released.block(), handle);
          known.put(handle, parts.handles().lowered(known.get(handle), handle, cidr, left));
        }
        return Optional.of(released.result());
      }
      attempts.lost();
    }
  }

  /** Writes a block, or deletes it when it is nobody's and empty; false on a lost race. */
  private boolean write(IPAMBlock block) {
    if (block.spec().affinity().isEmpty() && BlockArithmetic.isEmpty(block)) {
      return parts.blocks().delete(block);
    }
    if (parts.blocks().update(block) instanceof Written<IPAMBlock>(IPAMBlock stored)) {
      parts.own().seen(stored);
      return true;
    }
    return false;
  }

  /** Adds up results of blocks. */
  private static final class Collected {
    private final List<Address> released = new ArrayList<>();
    private final List<Address> unallocated = new ArrayList<>();
    private final List<ReleaseResult.Refusal> refused = new ArrayList<>();

    void add(ReleaseResult result) {
      released.addAll(result.released());
      unallocated.addAll(result.unallocated());
      refused.addAll(result.refused());
    }

    ReleaseResult result() {
      return new ReleaseResult(released, unallocated, refused);
    }
  }
}
