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
 * @param extendedCommunities EXTENDED COMMUNITIES (RFC 4360), each as the eight octets of a number,
 *     in ascending order as unsigned numbers, each once
 * @param aigp AIGP (RFC 7311)
 * @param onlyToCustomer OTC (RFC 9234), the AS number in it
 * @param partial the types of those other attributes here that came with the Partial bit, which
 *     must not be lost (RFC 4271 section 5)
 * @param unknown attributes that are carried as they are, in ascending order of type
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
    List<Long> extendedCommunities,
    Optional<Aigp> aigp,
    OptionalLong onlyToCustomer,
    List<Integer> partial,
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
          List.of(),
          Optional.empty(),
          OptionalLong.empty(),
          List.of(),
          List.of());

  public PathAttributes {
    communities = inOrder(communities, Integer::compareUnsigned);
    clusterList = List.copyOf(clusterList);
    largeCommunities = inOrder(largeCommunities, Comparator.naturalOrder());
    extendedCommunities = inOrder(extendedCommunities, Long::compareUnsigned);
    partial = inOrder(partial, Comparator.naturalOrder());
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
   * AIGP, RFC 7311 section 3.
   *
   * @param metric the accumulated metric, an unsigned 64-bit value
   * @param others the TLVs after the one that carries it, passed on as they are
   */
  public record Aigp(long metric, Octets others) {}

  /**
   * An attribute that is passed on as it came: one that the codec does not know, or of which it
   * knows no more than how it must be formed. Kept only when optional and transitive. The decoder
   * has set the Partial bit of those it does not know (RFC 4271 section 5).
   *
   * @param flags the Optional, Transitive and Partial bits
   */
  public record UnknownAttribute(int flags, int type, Octets value) {}

  /** These attributes, to be changed. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Attributes with nothing but ORIGIN IGP and an empty path, to be filled in. */
  public static Builder builder() {
    return new Builder(EMPTY).origin(Origin.IGP);
  }

  /** Changes single attributes of a {@link PathAttributes}; not thread-safe. */
  public static final class Builder {
    private Origin origin;
    private AsPath asPath;
    private Optional<Address> nextHop;
    private Optional<Address> linkLocalNextHop;
    private OptionalLong multiExitDiscriminator;
    private OptionalLong localPreference;
    private boolean atomicAggregate;
    private Optional<Aggregator> aggregator;
    private List<Integer> communities;
    private Optional<Ipv4Address> originatorId;
    private List<Ipv4Address> clusterList;
    private List<LargeCommunity> largeCommunities;
    private List<Long> extendedCommunities;
    private Optional<Aigp> aigp;
    private OptionalLong onlyToCustomer;
    private List<Integer> partial;
    private List<UnknownAttribute> unknown;

    private Builder(PathAttributes from) {
      origin = from.origin;
      asPath = from.asPath;
      nextHop = from.nextHop;
      linkLocalNextHop = from.linkLocalNextHop;
      multiExitDiscriminator = from.multiExitDiscriminator;
      localPreference = from.localPreference;
      atomicAggregate = from.atomicAggregate;
      aggregator = from.aggregator;
      communities = from.communities;
      originatorId = from.originatorId;
      clusterList = from.clusterList;
      largeCommunities = from.largeCommunities;
      extendedCommunities = from.extendedCommunities;
      aigp = from.aigp;
      onlyToCustomer = from.onlyToCustomer;
      partial = from.partial;
      unknown = from.unknown;
    }

    public Builder origin(Origin value) {
      origin = value;
      return this;
    }

    public Builder asPath(AsPath value) {
      asPath = value;
      return this;
    }

    public Builder nextHop(Address value) {
      nextHop = Optional.of(value);
      return this;
    }

    public Builder nextHop(Optional<Address> value) {
      nextHop = value;
      return this;
    }

    public Builder linkLocalNextHop(Optional<Address> value) {
      linkLocalNextHop = value;
      return this;
    }

    public Builder multiExitDiscriminator(OptionalLong value) {
      multiExitDiscriminator = value;
      return this;
    }

    public Builder localPreference(long value) {
      localPreference = OptionalLong.of(value);
      return this;
    }

    public Builder localPreference(OptionalLong value) {
      localPreference = value;
      return this;
    }

    public Builder atomicAggregate(boolean value) {
      atomicAggregate = value;
      return this;
    }

    public Builder aggregator(Optional<Aggregator> value) {
      aggregator = value;
      return this;
    }

    public Builder communities(List<Integer> value) {
      communities = value;
      return this;
    }

    public Builder originatorId(Optional<Ipv4Address> value) {
      originatorId = value;
      return this;
    }

    public Builder clusterList(List<Ipv4Address> value) {
      clusterList = value;
      return this;
    }

    public Builder largeCommunities(List<LargeCommunity> value) {
      largeCommunities = value;
      return this;
    }

    public Builder extendedCommunities(List<Long> value) {
      extendedCommunities = value;
      return this;
    }

    public Builder aigp(Optional<Aigp> value) {
      aigp = value;
      return this;
    }

    public Builder onlyToCustomer(OptionalLong value) {
      onlyToCustomer = value;
      return this;
    }

    public Builder partial(List<Integer> value) {
      partial = value;
      return this;
    }

    public Builder unknown(List<UnknownAttribute> value) {
      unknown = value;
      return this;
    }

    public PathAttributes build() {
      return new PathAttributes(
          origin,
          asPath,
          nextHop,
          linkLocalNextHop,
          multiExitDiscriminator,
          localPreference,
          atomicAggregate,
          aggregator,
          communities,
          originatorId,
          clusterList,
          largeCommunities,
          extendedCommunities,
          aigp,
          onlyToCustomer,
          partial,
          unknown);
    }
  }
}
