package dev.manul.ipam;

import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over everything stored that finishes what writers began and did not end.
 *
 * <p>The lists only say where to look. What is changed is read again and written by the rules that
 * live writers follow, so a live writer at most has to try once more.
 */
final class ReclaimPass {
  private static final Logger LOG = LoggerFactory.getLogger(ReclaimPass.class);

  private final Parts parts;
  private final Duration cooldown;
  private final List<String> repairs = new ArrayList<>();

  ReclaimPass(Parts parts, Duration cooldown) {
    this.parts = parts;
    this.cooldown = cooldown;
  }

  ReclaimReport run() {
    finishDeletions(parts.datastore().list(BlockAffinity.KIND, Selection.ALL).items());
    finishDeletions(parts.datastore().list(IPAMBlock.KIND, Selection.ALL).items());
    List<IPAMHandle> handles = parts.datastore().list(IPAMHandle.KIND, Selection.ALL).items();
    finishDeletions(handles);
    settleAffinities();
    settleOwners();
    settleBlocks();
    settleHandles(handles);
    return new ReclaimReport(repairs);
  }

  private void repaired(String line) {
    LOG.info("event=ipam-repaired what=\"{}\"", line);
    repairs.add(line);
  }

  private <R extends Resource> void finishDeletions(List<R> all) {
    for (R resource : all) {
      boolean marked =
          switch (resource) {
            case BlockAffinity affinity -> affinity.spec().deleted();
            case IPAMBlock block -> block.spec().deleted();
            case IPAMHandle handle -> handle.spec().deleted();
            default -> false;
          };
      if (marked && parts.datastore().delete(resource) instanceof Written<R>) {
        repaired("deleted " + resource.kind() + " " + resource.key() + ", which was marked so");
      }
    }
  }

  /** Affinities without a block of their node go; half-done claims and releases are finished. */
  private void settleAffinities() {
    for (BlockAffinity seen : parts.claims().affinities()) {
      Prefix cidr = seen.spec().cidr();
      String node = seen.spec().node();
      // The affinity is read before the block: if a claim goes on meanwhile, deleting it fails.
      Optional<BlockAffinity> affinity =
          parts.datastore().get(BlockAffinity.KIND, seen.key()).filter(a -> !a.spec().deleted());
      Optional<IPAMBlock> block =
          parts.blocks().get(cidr).filter(b -> BlockArithmetic.ownedBy(b, node));
      if (affinity.isEmpty()) {
        continue;
      }
      BlockAffinity.State state = affinity.get().spec().state();
      if (block.isEmpty()) {
        if (parts.datastore().delete(affinity.get()) instanceof Written<BlockAffinity>) {
          repaired(
              "deleted the "
                  + state
                  + " affinity of node "
                  + node
                  + " to "
                  + cidr
                  + ", which is not its block");
        }
      } else if (state == BlockAffinity.State.PENDING_DELETION
          && BlockArithmetic.isEmpty(block.get())) {
        if (parts.claims().release(cidr, node, true) == AffinityRelease.BLOCK_DELETED) {
          repaired("finished the release of block " + cidr + " from node " + node);
        }
      } else if (state != BlockAffinity.State.CONFIRMED
          && parts.claims().claim(cidr, node).isPresent()) {
        repaired("confirmed the affinity of node " + node + " to its block " + cidr);
      }
    }
  }

  /** Nodes' blocks without an affinity: deleted when empty, else given one. */
  private void settleOwners() {
    Set<String> named = new HashSet<>();
    parts.claims().affinities().forEach(affinity -> named.add(affinity.metadata().name()));
    for (IPAMBlock block : parts.blocks().all()) {
      Prefix cidr = block.spec().cidr();
      Optional<String> node = BlockArithmetic.owner(block);
      if (node.isEmpty()
          || named.contains(BlockClaims.affinityName(node.get(), cidr))
          || parts.claims().affinity(node.get(), cidr).isPresent()) {
        continue;
      }
      if (BlockArithmetic.isEmpty(block)) {
        if (parts.claims().release(cidr, node.get(), true, Optional.of(block))
            == AffinityRelease.BLOCK_DELETED) {
          repaired(
              "deleted the empty block "
                  + cidr
                  + " of node "
                  + node.get()
                  + ", which had no affinity to it");
        }
      } else if (parts.claims().claim(cidr, node.get()).isPresent()) {
        repaired("gave node " + node.get() + " an affinity to its block " + cidr);
      }
    }
  }

  /** Ends cooldowns that are over; deletes empty blocks that are nobody's. */
  private void settleBlocks() {
    for (IPAMBlock block : parts.blocks().all()) {
      Prefix cidr = block.spec().cidr();
      IPAMBlock thawed = BlockArithmetic.thawed(block, cooldown, parts.clock().instant());
      if (thawed.spec().affinity().isEmpty() && BlockArithmetic.isEmpty(thawed)) {
        if (parts.blocks().delete(block)) {
          repaired("deleted the block " + cidr + ", which was empty and nobody's");
        }
      } else if (!thawed.equals(block)
          && parts.blocks().update(thawed) instanceof Written<IPAMBlock>) {
        int freed = BlockArithmetic.freeCount(thawed) - BlockArithmetic.freeCount(block);
        repaired("ended the cooldown of " + freed + " addresses in block " + cidr);
      }
    }
  }

  /**
   * Makes handles count no more than blocks hold, and all that is not in its node's own block.
   *
   * @param handles as listed at the beginning: those that changed since are looked at again, and
   *     those that are new come with the next pass
   */
  private void settleHandles(List<IPAMHandle> handles) {
    Map<String, Map<String, Integer>> counted = new HashMap<>();
    Map<String, String> ids = new HashMap<>();
    for (IPAMHandle handle : handles) {
      if (!handle.spec().deleted()) {
        String name = Handles.name(handle.spec().handleID());
        ids.put(name, handle.spec().handleID());
        counted.put(name, handle.spec().block());
      }
    }
    Map<String, Map<String, Integer>> held = new HashMap<>();
    Map<String, Map<String, Integer>> away = new HashMap<>();
    for (IPAMBlock block : parts.blocks().all()) {
      BlockArithmetic.awayCounts(block)
          .forEach(
              (name, count) ->
                  away.computeIfAbsent(name, n -> new HashMap<>())
                      .put(block.spec().cidr().toString(), count));
      BlockArithmetic.handleCounts(block)
          .forEach(
              (name, count) ->
                  held.computeIfAbsent(name, n -> new HashMap<>())
                      .put(block.spec().cidr().toString(), count));
      for (IPAMBlock.Attribute attribute : block.spec().attributes()) {
        ids.putIfAbsent(Handles.name(attribute.handleId()), attribute.handleId());
      }
    }
    held.remove(BlockArithmetic.WINDOWS_RESERVED);
    Set<String> names = new HashSet<>(counted.keySet());
    names.addAll(held.keySet());
    for (String name : names) {
      Map<String, Integer> counts = counted.getOrDefault(name, Map.of());
      Map<String, Integer> holds = held.getOrDefault(name, Map.of());
      Set<String> cidrs = new HashSet<>(counts.keySet());
      cidrs.addAll(holds.keySet());
      for (String cidr : cidrs) {
        int count = counts.getOrDefault(cidr, 0);
        boolean wrong =
            count > holds.getOrDefault(cidr, 0)
                || count < away.getOrDefault(name, Map.of()).getOrDefault(cidr, 0);
        if (wrong && parts.handles().settle(ids.get(name), Prefix.parse(cidr))) {
          repaired("corrected the count of handle " + ids.get(name) + " in block " + cidr);
        }
      }
      if (counted.containsKey(name) && counts.isEmpty() && parts.handles().deleteEmpty(name)) {
        repaired("deleted the handle " + name + ", which counted no address");
      }
    }
  }
}
