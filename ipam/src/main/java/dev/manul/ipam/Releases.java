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
    byBlock.forEach(
        (cidr, ofBlock) -> {
          ReleaseResult result =
              in(cidr, new HashMap<>(), block -> released(block, ofBlock, situation))
                  .orElseGet(
                      () ->
                          new ReleaseResult(
                              List.of(),
                              ofBlock.stream().map(ReleaseRequest::address).toList(),
                              List.of()));
          collected.add(result);
        });
    return collected.result();
  }

  private BlockArithmetic.Released released(
      IPAMBlock block, List<ReleaseRequest> requests, Situation situation) {
    return BlockArithmetic.release(block, requests, situation.cooldown(), parts.clock().instant());
  }

  ReleaseResult releaseByHandle(String handleId, Situation situation) {
    Optional<IPAMHandle> handle = parts.handles().get(handleId);
    if (handle.isEmpty()) {
      return new ReleaseResult(List.of(), List.of(), List.of());
    }
    Collected collected = new Collected();
    Map<String, Optional<IPAMHandle>> known = new HashMap<>();
    known.put(Handles.name(handleId), handle);
    for (String text : handle.get().spec().block().keySet()) {
      Prefix cidr = Prefix.parse(text);
      Optional<ReleaseResult> result =
          in(
              cidr,
              known,
              block ->
                  BlockArithmetic.releaseHandle(
                      block, handleId, situation.cooldown(), parts.clock().instant()));
      if (result.filter(r -> !r.released().isEmpty()).isEmpty()) {
        // It counts addresses that the block does not have: the rest of an interrupted operation.
        parts.handles().settle(handleId, cidr);
        known.remove(Handles.name(handleId));
      }
      result.ifPresent(collected::add);
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
