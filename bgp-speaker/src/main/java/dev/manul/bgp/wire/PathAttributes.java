package dev.manul.bgp.wire;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * The path attributes of a route (RFC 4271 section 5), as one value that many routes share.
 *
 * @param origin ORIGIN
 * @param asPath AS_PATH, with 4-octet numbers merged from AS4_PATH (RFC 6793)
 * @param nextHop NEXT_HOP or the MP_REACH_NLRI next hop; empty only in {@link #EMPTY}
 * @param linkLocalNextHop the second, link-local next hop of RFC 2545 section 3
 * @param multiExitDiscriminator MULTI_EXIT_DISC, an unsigned 32-bit value
 * @param localPreference LOCAL_PREF, an unsigned 32-bit value
 * @param atomicAggregate ATOMIC_AGGREGATE
 * @param aggregator AGGREGATOR
 * @param communities COMMUNITIES (RFC 1997), each as AS {@code << 16 |} value, in ascending order
 *     as unsigned numbers, each once
 * @param originatorId ORIGINATOR_ID (RFC 4456)
 * @param clusterList CLUSTER_LIST (RFC 4456), nearest first
 * @param largeCommunities LARGE_COMMUNITIES (RFC 8092), in ascending order, each once
 * @param unknown unrecognised attributes, in ascending order of type
 */
public record PathAttributes(
    Origin origin,
    AsPath asPath,
    Optional<Address> nextHop,
    Optional<Address> linkLocalNextHop,
    OptionalLong multiExitDiscriminator,
    OptionalLong localPreference,
    boolean atomicAggregate,
    Optional<Aggregator> aggregator,
    List<Integer> communities,
    Optional<Ipv4Address> originatorId,
    List<Ipv4Address> clusterList,
    List<LargeCommunity> largeCommunities,
    List<UnknownAttribute> unknown) {

  /** What an UPDATE that announces nothing carries. */
  public static final PathAttributes EMPTY =
      new PathAttributes(
          Origin.INCOMPLETE,
          AsPath.EMPTY,
          Optional.empty(),
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          false,
          Optional.empty(),
          List.of(),
          Optional.empty(),
          List.of(),
          List.of(),
          List.of());

  public PathAttributes {
    communities = inOrder(communities, Integer::compareUnsigned);
    clusterList = List.copyOf(clusterList);
    largeCommunities = inOrder(largeCommunities, Comparator.naturalOrder());
    unknown = inOrder(unknown, Comparator.comparingInt(UnknownAttribute::type));
  }

  /** Sorted and each once, so that equal sets of attributes are equal values. */
  private static <T> List<T> inOrder(List<T> given, Comparator<? super T> order) {
    for (int i = 1; i < given.size(); i++) {
      if (order.compare(given.get(i - 1), given.get(i)) >= 0) {
        TreeSet<T> sorted = new TreeSet<>(order);
        sorted.addAll(given);
        return List.copyOf(sorted);
      }
    }
    return List.copyOf(given);
  }

  /** ORIGIN, RFC 4271 section 5.1.1, in the order of preference. */
  public enum Origin {
    IGP(0),
    EGP(1),
    INCOMPLETE(2);

    private final int code;

    Origin(int code) {
      this.code = code;
    }

    /** The number on the wire; the smaller is preferred. */
    public int code() {
      return code;
    }
  }

  /** AGGREGATOR, RFC 4271 section 5.1.7. */
  public record Aggregator(long asNumber, Ipv4Address address) {}

  /** A large community, RFC 8092: three unsigned 32-bit values. */
  public record LargeCommunity(long global, long local1, long local2)
      implements Comparable<LargeCommunity> {
    @Override
    public int compareTo(LargeCommunity other) {
      int byGlobal = Long.compare(global, other.global);
      if (byGlobal != 0) {
        return byGlobal;
      }
      int byLocal1 = Long.compare(local1, other.local1);
      return byLocal1 != 0 ? byLocal1 : Long.compare(local2, other.local2);
    }

    @Override
    public String toString() {
      return global + ":" + local1 + ":" + local2;
    }
  }

  /**
   * An attribute that the codec does not know. Kept only when optional and transitive, to be passed
   * on with the partial bit set (RFC 4271 section 5); the decoder has set it already.
   *
   * @param flags the Optional, Transitive and Partial bits
   */
  public record UnknownAttribute(int flags, int type, Octets value) {}
}
