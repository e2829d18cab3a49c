package dev.manul.bgp;

import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * Why the routes of a prefix are as they are: which path is the best one, why each of the others is
 * not, and what becomes of the best one towards each neighbour.
 *
 * @param prefix what has been found: the prefix asked for, or the longest one that contains it
 * @param paths the best first, then in the order in which they would be chosen
 * @param neighbors in ascending order of address
 */
public record RouteExplanation(Prefix prefix, List<PathVerdict> paths, List<Export> neighbors) {

  public RouteExplanation {
    paths = List.copyOf(paths);
    neighbors = List.copyOf(neighbors);
  }

  /**
   * What has been decided of one path.
   *
   * @param peer whom it was learned from; empty for a route of this speaker's own
   * @param received its attributes as they came
   * @param attributes its attributes in the decision, after the import filter
   * @param best whether it is the best path
   * @param used whether packets go by way of it: it is the best path, or equal to it
   * @param stale whether the neighbour has gone and not announced it again
   * @param verdict where it lost, or {@code best}, as a word that programs may compare
   * @param reason the same for people
   * @param value what it has at the step where it lost, or ""
   * @param bestValue what the best path has there, or ""
   * @param filter the import filter and the rule that refused it, as {@code FILTER/RULE}; ""
   *     otherwise
   */
  public record PathVerdict(
      Optional<Address> peer,
      PathAttributes received,
      PathAttributes attributes,
      boolean best,
      boolean used,
      boolean stale,
      String verdict,
      String reason,
      String value,
      String bestValue,
      String filter) {}

  /**
   * What becomes of the best path towards one neighbour.
   *
   * @param verdict {@code exported} or why not, as a word that programs may compare
   * @param reason the same for people
   * @param filter the export filter and the rule that decided, as {@code FILTER/RULE}; "" when none
   *     was asked
   * @param told what the neighbour has been told of the prefix so far
   * @param pending whether it is still to be told something else
   */
  public record Export(
      Address peer,
      String verdict,
      String reason,
      String filter,
      Optional<PathAttributes> told,
      boolean pending) {}
}
