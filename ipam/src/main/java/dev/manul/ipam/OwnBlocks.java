package dev.manul.ipam;

import dev.manul.model.AddressFamily;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Prefix;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The blocks of the nodes this process allocates for, as last seen.
 *
 * <p>Only a memory: whoever writes a block by it compares and sets, and so learns when it is out of
 * date.
 */
final class OwnBlocks {
  private final ConcurrentMap<String, OfNode> nodes = new ConcurrentHashMap<>();

  /** What is remembered of one node. */
  static final class OfNode {

    /**
     * Held while the node's blocks are written, so that this process does not race itself. Fair:
     * one that came in between would write for itself alone, and those who wait would not learn
     * that theirs is done.
     */
    final ReentrantLock lock = new ReentrantLock(true);

    /** What waits to be done with them: see {@link GroupCommit}. */
    final Queue<GroupCommit.Ticket> waiting = new ConcurrentLinkedQueue<>();

    private final String node;
    private final ConcurrentSkipListMap<Prefix, IPAMBlock> blocks = new ConcurrentSkipListMap<>();
    private final Map<Prefix, Long> places = new ConcurrentHashMap<>();

    OfNode(String node) {
      this.node = node;
    }

    String node() {
      return node;
    }

    /** The blocks in address order. */
    List<IPAMBlock> blocks() {
      return List.copyOf(blocks.values());
    }

    long count(AddressFamily family) {
      return blocks.keySet().stream().filter(cidr -> cidr.family() == family).count();
    }

    /** Remembers a block, or forgets it when it is not the node's. */
    void seen(IPAMBlock block) {
      Prefix cidr = block.spec().cidr();
      if (!BlockArithmetic.ownedBy(block, node)) {
        blocks.remove(cidr);
        return;
      }
      blocks.merge(
          cidr,
          block,
          (old, fresh) ->
              fresh.spec().sequenceNumber() >= old.spec().sequenceNumber() ? fresh : old);
    }

    void forget(Prefix cidr) {
      blocks.remove(cidr);
    }

    Optional<IPAMBlock> block(Prefix cidr) {
      return Optional.ofNullable(blocks.get(cidr));
    }

    void keepOnly(Collection<Prefix> cidrs) {
      blocks.keySet().retainAll(cidrs);
    }

    /** Where in the order of a pool's blocks the next claim should look first. */
    long place(Prefix pool) {
      return places.getOrDefault(pool, 0L);
    }

    void place(Prefix pool, long next) {
      places.put(pool, next);
    }
  }

  OfNode of(String node) {
    return nodes.computeIfAbsent(node, OfNode::new);
  }

  /** The node that remembers a block as its own. */
  Optional<OfNode> rememberedBy(Prefix cidr) {
    return nodes.values().stream().filter(node -> node.blocks.containsKey(cidr)).findFirst();
  }

  /** Notes a block that was written by this process; of use when its owner is remembered. */
  void seen(IPAMBlock block) {
    BlockArithmetic.owner(block)
        .map(nodes::get)
        .filter(node -> node.blocks.containsKey(block.spec().cidr()))
        .ifPresent(node -> node.seen(block));
  }

  /** Notes that a block has lost its owner. */
  void forget(Prefix cidr) {
    nodes.values().forEach(node -> node.forget(cidr));
  }
}
