package dev.manul.ipam;

/** How the release of a block from its node ended. */
public enum AffinityRelease {
  /** The block was empty and is gone. */
  BLOCK_DELETED,
  /** The block keeps its allocations and belongs to no node. */
  BLOCK_KEPT,
  /** The block holds allocations and was to be released only when empty; nothing changed. */
  NOT_EMPTY,
  /** The block was not that node's; a left-over affinity, if any, is gone. */
  NOT_OWNED
}
