package dev.manul.bgp;

import java.util.OptionalInt;

/**
 * How many prefixes a neighbour may announce. One more, and the session ends with Cease, maximum
 * number of prefixes reached (RFC 4486).
 *
 * @param max of all families together; at least 1
 * @param restartMinutes how long the session stays down then, 1 to 1440; empty until its
 *     configuration changes
 */
public record PrefixLimit(int max, OptionalInt restartMinutes) {
  public PrefixLimit {
    if (max < 1) {
      throw new IllegalArgumentException("prefixLimit max must be at least 1, not " + max);
    }
    if (restartMinutes.isPresent()
        && (restartMinutes.getAsInt() < 1 || restartMinutes.getAsInt() > 1440)) {
      throw new IllegalArgumentException(
          "prefixLimit restartMinutes must be within 1 to 1440, not " + restartMinutes.getAsInt());
    }
  }
}
