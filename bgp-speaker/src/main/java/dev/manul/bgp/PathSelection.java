package dev.manul.bgp;

/**
 * How a speaker chooses paths, as far as that is left to whoever runs it.
 *
 * @param maxPaths how many next hops of equal paths a best path has at most, 1 to 256
 * @param sameNeighborAs true to take only paths from the same neighbouring AS for equal, false to
 *     take all that tie up to the interior metric
 * @param defaultLocalPreference LOCAL_PREF of own routes without a priority and of those from
 *     external neighbours, 0 to 4294967295
 */
public record PathSelection(int maxPaths, boolean sameNeighborAs, long defaultLocalPreference) {

  /** Up to 16 equal paths, from whatever AS; LOCAL_PREF 100. */
  public static final PathSelection DEFAULT = new PathSelection(16, false, 100);

  public PathSelection {
    if (maxPaths < 1 || maxPaths > 256) {
      throw new IllegalArgumentException("maxPaths must be within 1 to 256, not " + maxPaths);
    }
    if (defaultLocalPreference < 0 || defaultLocalPreference > 0xffff_ffffL) {
      throw new IllegalArgumentException(
          "defaultLocalPreference must be within 0 to 4294967295, not " + defaultLocalPreference);
    }
  }
}
