package dev.manul.bgp;

import java.util.List;

/**
 * Some of the routes of a table.
 *
 * @param entries in ascending order of prefix, the best path of a prefix first
 * @param next where to go on; {@link #END} when there are no more
 */
public record RibPage(List<RibEntry> entries, int next) {
  /** No more routes. */
  public static final int END = -1;

  public RibPage {
    entries = List.copyOf(entries);
  }
}
