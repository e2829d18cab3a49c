package dev.manul.bgp.rib;

import dev.manul.bgp.PathSelection;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The decision process, RFC 4271 section 9.1.2.2 with RFC 4456 section 9, RFC 7311 section 4.1 and
 * RFC 9494 section 4.3.
 *
 * <p>Each step removes paths from the set of candidates, so that the outcome does not depend on the
 * order in which paths came.
 */
final class Decision {
  private record Step(Reason reason, ToLongFunction<Path> rank) {}

  private static final List<Step> BEFORE_DISCRIMINATOR =
      List.of(
          new Step(Reason.LONG_LIVED_STALE, p -> p.attributes.longLivedStale ? 1 : 0),
          new Step(Reason.LOCAL_ROUTE, p -> p.source.isLocal() ? 0 : 1),
          new Step(Reason.LOCAL_PREFERENCE, p -> -p.attributes.localPreference),
          new Step(Reason.AIGP, Decision::aigp),
          new Step(Reason.AS_PATH_LENGTH, p -> p.attributes.asPathLength),
          new Step(Reason.ORIGIN, p -> p.attributes.value.origin().code()));

  private static final List<Step> AFTER_DISCRIMINATOR =
      List.of(
          new Step(Reason.INTERNAL, p -> p.source.isLocal() || p.source.session.external() ? 0 : 1),
          new Step(
              Reason.INTERIOR_METRIC, p -> p.attributes.hop == null ? 0 : p.attributes.hop.metric),
          new Step(Reason.ROUTER_ID, Decision::routerId),
          new Step(Reason.CLUSTER_LIST_LENGTH, p -> p.attributes.clusterListLength));

  /** The order in which the last steps would choose among paths that tie before them. */
  private static final Comparator<Path> PREFERENCE_OF_EQUALS =
      Comparator.comparingLong(Decision::routerId)
          .thenComparingInt(p -> p.attributes.clusterListLength)
          .thenComparing(Decision::compareAddress);

  private Decision() {}

  /**
   * Chooses the best of a list of paths and writes into each why it is or is not.
   *
   * @return null when no path is eligible
   */
  static Path select(Path head) {
    Path best = null;
    int candidates = 0;
    for (Path p = head; p != null; p = p.next) {
      if (p.eligible()) {
        p.reason = Reason.BEST;
        best = p;
        candidates++;
      } else {
        p.reason = p.refused == Reason.BEST ? Reason.UNREACHABLE_NEXT_HOP : p.refused;
      }
    }
    for (int i = 0; candidates > 1 && i < BEFORE_DISCRIMINATOR.size(); i++) {
      candidates = keepLowest(head, BEFORE_DISCRIMINATOR.get(i));
    }
    if (candidates > 1) {
      candidates = keepLowestDiscriminators(head);
    }
    for (int i = 0; candidates > 1 && i < AFTER_DISCRIMINATOR.size(); i++) {
      candidates = keepLowest(head, AFTER_DISCRIMINATOR.get(i));
    }
    return best == null ? null : lowestAddress(head);
  }

  private static int keepLowest(Path head, Step step) {
    long lowest = Long.MAX_VALUE;
    for (Path p = head; p != null; p = p.next) {
      if (p.reason == Reason.BEST) {
        lowest = Math.min(lowest, step.rank.applyAsLong(p));
      }
    }
    int left = 0;
    for (Path p = head; p != null; p = p.next) {
      if (p.reason == Reason.BEST) {
        if (step.rank.applyAsLong(p) > lowest) {
          p.reason = step.reason;
        } else {
          left++;
        }
      }
    }
    return left;
  }

  /** MEDs compare only among routes from the same neighbouring AS. */
  private static int keepLowestDiscriminators(Path head) {
    Map<Long, Long> lowest = new HashMap<>();
    for (Path p = head; p != null; p = p.next) {
      if (p.reason == Reason.BEST) {
        lowest.merge(p.attributes.neighborAs, p.attributes.multiExitDiscriminator, Math::min);
      }
    }
    int left = 0;
    for (Path p = head; p != null; p = p.next) {
      if (p.reason == Reason.BEST) {
        if (p.attributes.multiExitDiscriminator > lowest.get(p.attributes.neighborAs)) {
          p.reason = Reason.MULTI_EXIT_DISCRIMINATOR;
        } else {
          left++;
        }
      }
    }
    return left;
  }

  /**
   * The metric up to the destination, so that paths that have one come before those that have none
   * (RFC 7311 section 4.1); the order is that of unsigned numbers.
   */
  static long aigp(Path p) {
    if (p.attributes.value.aigp().isEmpty()) {
      return Long.MAX_VALUE;
    }
    long metric = p.attributes.value.aigp().get().metric();
    long sum = metric + (p.attributes.hop == null ? 0 : p.attributes.hop.metric);
    long saturated = Long.compareUnsigned(sum, metric) < 0 ? -1 : sum;
    return Math.min(saturated ^ Long.MIN_VALUE, Long.MAX_VALUE - 1);
  }

  /** ORIGINATOR_ID stands for the router id where it is there (RFC 4456 section 9). */
  private static long routerId(Path p) {
    if (p.attributes.originatorId >= 0 || p.source.isLocal()) {
      return p.attributes.originatorId;
    }
    return Integer.toUnsignedLong(p.source.session.remoteId().value());
  }

  private static Path lowestAddress(Path head) {
    Path best = null;
    for (Path p = head; p != null; p = p.next) {
      if (p.reason == Reason.BEST) {
        if (best == null) {
          best = p;
        } else if (compareAddress(p, best) < 0) {
          best.reason = Reason.PEER_ADDRESS;
          best = p;
        } else {
          p.reason = Reason.PEER_ADDRESS;
        }
      }
    }
    return best;
  }

  /**
   * One neighbour's paths by their identifiers (RFC 7911), so that the order is the same always.
   */
  private static int compareAddress(Path a, Path b) {
    int byAddress = a.source.address().orElseThrow().compareTo(b.source.address().orElseThrow());
    return byAddress != 0 ? byAddress : Integer.compareUnsigned(a.identifier, b.identifier);
  }

  /**
   * The next hops of the decided best path and of those that tie with it, in ascending order. Where
   * there are more than may be, those go that the last steps of the decision prefer least.
   *
   * @param best a learned path
   */
  static List<Address> nextHops(Path head, Path best, PathSelection selection) {
    Address own = nextHop(best);
    if (head.next == null) {
      return List.of(own);
    }
    List<Path> equal = new ArrayList<>(2);
    for (Path p = head; p != null; p = p.next) {
      if (p.reason.tiesUpToMetric()
          && (!selection.sameNeighborAs()
              || p.attributes.neighborAs == best.attributes.neighborAs)) {
        equal.add(p);
      }
    }
    if (equal.size() > selection.maxPaths()) {
      equal.sort(PREFERENCE_OF_EQUALS);
    }
    List<Address> hops = new ArrayList<>(equal.size());
    for (int i = 0; i < equal.size() && hops.size() < selection.maxPaths(); i++) {
      Address hop = nextHop(equal.get(i));
      if (!hops.contains(hop)) {
        hops.add(hop);
      }
    }
    hops.sort(null);
    return List.copyOf(hops);
  }

  private static Address nextHop(Path path) {
    PathAttributes attributes = path.attributes.value;
    return attributes.nextHop().orElseThrow();
  }
}
