package dev.manul.cli;

import java.util.Locale;

/** How a patch is read. */
enum PatchType {
  /** As {@link #MERGE}: no field of our kinds is a list that merges by key. */
  STRATEGIC,
  /** A list of operations, RFC 6902. */
  JSON,
  /** What the object is to look like, null removing a field, RFC 7386. */
  MERGE;

  /** As it is typed, which is how it is completed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
