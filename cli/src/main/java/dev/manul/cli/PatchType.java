package dev.manul.cli;

/** How a patch is read. */
enum PatchType {
  /** As {@link #MERGE}: no field of our kinds is a list that merges by key. */
  STRATEGIC,
  /** A list of operations, RFC 6902. */
  JSON,
  /** What the object is to look like, null removing a field, RFC 7386. */
  MERGE
}
