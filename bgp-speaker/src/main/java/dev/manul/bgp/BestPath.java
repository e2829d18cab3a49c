package dev.manul.bgp;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;

/**
 * The path the decision process has chosen for a prefix.
 *
 * @param nextHops where to send packets: the best path's next hop and those of the paths that tie
 *     with it up to the interior metric, in ascending order, without repeats; never empty
 * @param attributes the best path's attributes as the neighbour sent them
 * @param peer the neighbour it was learned from
 * @param external true when that neighbour is in another AS
 * @param stale true while the neighbour is restarting and has not announced the path again (RFC
 *     4724); a change of this alone is not told to listeners
 */
public record BestPath(
    Prefix prefix,
    List<Address> nextHops,
    PathAttributes attributes,
    Address peer,
    boolean external,
    boolean stale) {

  public BestPath {
    nextHops = List.copyOf(nextHops);
  }
}
