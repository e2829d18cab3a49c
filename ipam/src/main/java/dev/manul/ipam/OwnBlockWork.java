package dev.manul.ipam;

import dev.manul.model.IPAMBlock;
import java.util.Optional;

/**
 * Something to be done with the blocks of one node, which may go into one write with others of its
 * kind. Only the thread that holds the node's lock calls it.
 */
sealed interface OwnBlockWork permits AutoAssignment, OwnRelease {

  /** Whether it wants nothing more from any block. */
  boolean finished();

  /**
   * The block after this; empty when there is nothing to do in it. It may be called again for
   * another state of the block, and then only the last call counts.
   */
  Optional<IPAMBlock> apply(IPAMBlock block);

  /** The block that {@link #apply} has changed is about to be written. */
  void aboutToWrite();

  /** The block was written, with what the last {@link #apply} did. */
  void written(IPAMBlock stored);

  /**
   * Gets the node another block, or what is needed from elsewhere.
   *
   * @return false when there is no more to be had; then this is {@linkplain #finished() finished}
   *     or left to others
   */
  boolean obtainMore();
}
