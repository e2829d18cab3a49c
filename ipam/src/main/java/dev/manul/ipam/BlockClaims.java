package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WriteResult.Conflict;
import dev.manul.datastore.WriteResult.Written;
import dev.manul.model.BlockAffinity;
import dev.manul.model.BlockAffinity.State;
import dev.manul.model.IPAMBlock;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Makes blocks a node's, and nobody's again.
 *
 * <p>A claim: affinity pending, block created with the node in it, affinity confirmed. A release:
 * affinity pendingDeletion, block deleted (or, with allocations, left without an owner), affinity
 * deleted. A block that is left without an owner has its addresses counted by their handles first.
 * The block decides; each step looks again when it loses a race, so a claim and a release of the
 * same block by two clients end in one of the two.
 */
final class BlockClaims {
  private static final int MAX_NAME = 253;

  private final Datastore datastore;
  private final StoredBlocks blocks;
  private final HandleLedger handles;
  private final Clock clock;
  private final Attempts.Pause pause;

  BlockClaims(
      Datastore datastore,
      StoredBlocks blocks,
      HandleLedger handles,
      Clock clock,
      Attempts.Pause pause) {
    this.datastore = datastore;
    this.blocks = blocks;
    this.handles = handles;
    this.clock = clock;
    this.pause = pause;
  }

  /** The name of the affinity of a node to a block. */
  static String affinityName(String node, Prefix block) {
    String suffix = IPAMBlock.nameOf(block);
    String name = node + "-" + suffix;
    if (name.length() < MAX_NAME) {
      return name;
    }
    String hash = sha256(node + suffix).substring(0, 11);
    return node.substring(0, MAX_NAME - 1 - suffix.length() - 13) + "-" + hash + "-" + suffix;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** All affinities of nodes that are not marked deleted. */
  List<BlockAffinity> affinities() {
    return datastore.list(BlockAffinity.KIND, Selection.ALL).items().stream()
        .filter(affinity -> !affinity.spec().deleted())
        .filter(affinity -> affinity.spec().type().equals(BlockAffinity.TYPE_HOST))
        .toList();
  }

  /** As {@link #affinities()}, of one node. */
  List<BlockAffinity> affinities(String node) {
    return datastore.list(BlockAffinity.KIND, Selection.onNode(node)).items().stream()
        .filter(affinity -> !affinity.spec().deleted())
        .filter(affinity -> affinity.spec().type().equals(BlockAffinity.TYPE_HOST))
        .toList();
  }

  Optional<BlockAffinity> affinity(String node, Prefix block) {
    return datastore.get(BlockAffinity.KIND, Key.of(affinityName(node, block)));
  }

  /**
   * Makes a block a node's. It may be the node's already, or its claim or release half done.
   *
   * @return the block; empty when it is somebody else's or nobody's with allocations
   */
  Optional<IPAMBlock> claim(Prefix cidr, String node) {
    Attempts attempts = new Attempts(pause, "claiming block " + cidr + " for node " + node);
    while (true) {
      Optional<BlockAffinity> existing = affinity(node, cidr);
      if (existing
          .filter(a -> a.spec().state() == State.CONFIRMED && !a.spec().deleted())
          .isPresent()) {
        Optional<IPAMBlock> block = blocks.get(cidr).filter(b -> BlockArithmetic.ownedBy(b, node));
        if (block.isPresent()) {
          return block;
        }
      }
      Optional<BlockAffinity> pending = pending(existing, node, cidr);
      if (pending.isPresent()) {
        switch (takeOver(cidr, node)) {
          case Outcome.Mine(IPAMBlock block) -> {
            BlockAffinity confirmed = inState(pending.get(), State.CONFIRMED);
            if (datastore.update(confirmed) instanceof Written<BlockAffinity>) {
              return Optional.of(block);
            }
          }
          case Outcome.Taken() -> {
            datastore.delete(pending.get());
            return Optional.empty();
          }
          case Outcome.LostRace() -> {
            // look again
          }
        }
      }
      attempts.lost();
    }
  }

  /** Writes the affinity as pending, even if it is, so that others notice; empty on a lost race. */
  private Optional<BlockAffinity> pending(
      Optional<BlockAffinity> existing, String node, Prefix cidr) {
    var result =
        existing.isPresent()
            ? datastore.update(inState(existing.get(), State.PENDING))
            : datastore.create(
                new BlockAffinity(
                    Metadata.named(affinityName(node, cidr)),
                    new BlockAffinity.Spec(
                        State.PENDING, node, BlockAffinity.TYPE_HOST, cidr, false)));
    return result instanceof Written<BlockAffinity>(BlockAffinity stored)
        ? Optional.of(stored)
        : Optional.empty();
  }

  private static BlockAffinity inState(BlockAffinity affinity, State state) {
    return affinity.withSpec(affinity.spec().withState(state).withDeleted(false));
  }

  private sealed interface Outcome {
    record Mine(IPAMBlock block) implements Outcome {}

    record Taken() implements Outcome {}

    record LostRace() implements Outcome {}
  }

  private Outcome takeOver(Prefix cidr, String node) {
    return switch (blocks.create(BlockArithmetic.claimed(cidr, node, clock.instant()))) {
      case Written<IPAMBlock>(IPAMBlock block) -> new Outcome.Mine(block);
      case Conflict<IPAMBlock>(Optional<IPAMBlock> current) -> {
        if (current.isEmpty() || current.get().spec().deleted()) {
          yield new Outcome.LostRace();
        }
        if (!BlockArithmetic.ownedBy(current.get(), node)) {
          yield new Outcome.Taken();
        }
        // A release under way has read the block before: make its next write fail.
        yield blocks.update(BlockArithmetic.touched(current.get()))
                instanceof Written<IPAMBlock>(IPAMBlock touched)
            ? new Outcome.Mine(touched)
            : new Outcome.LostRace();
      }
    };
  }

  AffinityRelease release(Prefix cidr, String node, boolean onlyIfEmpty) {
    return release(cidr, node, onlyIfEmpty, Optional.empty());
  }

  /**
   * Makes a node's block nobody's.
   *
   * @param asSeen when present, only this state of the block is released; any other counts as
   *     {@link AffinityRelease#NOT_EMPTY}
   */
  AffinityRelease release(
      Prefix cidr, String node, boolean onlyIfEmpty, Optional<IPAMBlock> asSeen) {
    Attempts attempts = new Attempts(pause, "releasing block " + cidr + " of node " + node);
    Optional<BlockAffinity> leaving = Optional.empty();
    while (true) {
      Optional<IPAMBlock> block = blocks.get(cidr).filter(b -> BlockArithmetic.ownedBy(b, node));
      if (block.isEmpty()) {
        if (deleteAffinity(node, cidr)) {
          return AffinityRelease.NOT_OWNED;
        }
        attempts.lost();
        continue;
      }
      boolean empty = BlockArithmetic.isEmpty(block.get());
      boolean changed = asSeen.isPresent() && !asSeen.equals(block);
      if (changed || (onlyIfEmpty && !empty)) {
        // Only if nobody has written the affinity since: they decide then.
        leaving.ifPresent(mine -> datastore.update(inState(mine, State.CONFIRMED)));
        return AffinityRelease.NOT_EMPTY;
      }
      if (!empty && countAll(block.get())) {
        attempts.lost();
        continue;
      }
      leaving = affinity(node, cidr);
      if (leaving.isPresent()) {
        if (datastore.update(inState(leaving.get(), State.PENDING_DELETION))
            instanceof Written<BlockAffinity>(BlockAffinity stored)) {
          leaving = Optional.of(stored);
        } else {
          leaving = Optional.empty();
          attempts.lost();
          continue;
        }
      }
      boolean released =
          empty
              ? blocks.delete(block.get())
              : blocks.update(BlockArithmetic.disowned(block.get())) instanceof Written<IPAMBlock>;
      if (released) {
        // A claim that began meanwhile has rewritten the affinity, and keeps it.
        leaving.ifPresent(datastore::delete);
        return empty ? AffinityRelease.BLOCK_DELETED : AffinityRelease.BLOCK_KEPT;
      }
      attempts.lost();
    }
  }

  /**
   * Makes the handles of a block count its addresses, because nobody will find them in a block that
   * is nobody's; true when the block has changed by that.
   */
  private boolean countAll(IPAMBlock block) {
    boolean changed = false;
    for (String handle : BlockArithmetic.handleIds(block)) {
      changed |= handles.countAll(handle, block.spec().cidr());
    }
    return changed;
  }

  private boolean deleteAffinity(String node, Prefix cidr) {
    Optional<BlockAffinity> affinity = affinity(node, cidr);
    return affinity.isEmpty() || datastore.delete(affinity.get()) instanceof Written<BlockAffinity>;
  }
}
