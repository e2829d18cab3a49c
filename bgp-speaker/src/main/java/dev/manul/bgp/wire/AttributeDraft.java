package dev.manul.bgp.wire;

import dev.manul.bgp.wire.PathAttributes.Aggregator;
import dev.manul.bgp.wire.PathAttributes.Aigp;
import dev.manul.bgp.wire.PathAttributes.LargeCommunity;
import dev.manul.bgp.wire.PathAttributes.Origin;
import dev.manul.bgp.wire.PathAttributes.UnknownAttribute;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What has been read of one UPDATE's attributes so far. Null or empty: not there. */
final class AttributeDraft {
  Origin origin;
  AsPath asPath;
  Address nextHop;
  OptionalLong med = OptionalLong.empty();
  OptionalLong localPref = OptionalLong.empty();
  boolean atomicAggregate;
  Aggregator aggregator;
  List<Integer> communities = List.of();
  Ipv4Address originatorId;
  List<Ipv4Address> clusterList = List.of();
  List<LargeCommunity> largeCommunities = List.of();
  List<Long> extendedCommunities = List.of();
  Aigp aigp;
  OptionalLong onlyToCustomer = OptionalLong.empty();
  private List<Integer> partial = List.of();
  AsPath as4Path;
  Aggregator as4Aggregator;
  final List<UnknownAttribute> unknown = new ArrayList<>(0);

  /** The family of MP_REACH_NLRI as soon as it has been read, else null. */
  Family reachFamily;

  /** Prefixes of MP_REACH_NLRI when it is of a family in use. */
  PrefixList reach = PrefixList.EMPTY;

  /** MP_REACH_NLRI holds prefixes, be it of a family in use or not. */
  boolean reachHasPrefixes;

  Address reachNextHop;
  Address reachLinkLocal;

  /** The family of MP_UNREACH_NLRI as soon as it has been read, else null. */
  Family unreachFamily;

  PrefixList unreach = PrefixList.EMPTY;

  /** MP_UNREACH_NLRI without any prefix: an End-of-RIB if nothing else is there. */
  boolean unreachEmpty;

  /** Merges what 2-octet speakers have carried along (RFC 6793 section 4.2.3). */
  void mergeAs4() {
    boolean aggregatedByOld =
        aggregator != null
            && as4Aggregator != null
            && aggregator.asNumber() != AsPathCodec.AS_TRANS;
    if (aggregatedByOld) {
      return; // the AS4 attributes are older than the aggregation
    }
    if (aggregator != null && as4Aggregator != null) {
      aggregator = as4Aggregator;
    }
    if (asPath != null && as4Path != null) {
      asPath = AsPathCodec.merge(asPath, as4Path);
    }
  }

  /**
   * Somebody on the way has not known an attribute, which must not be forgotten (RFC 4271 section
   * 5). It means nothing on attributes that are not optional and transitive (section 4.3).
   */
  void partial(AttributeType type) {
    switch (type) {
      case AGGREGATOR, COMMUNITIES, EXTENDED_COMMUNITIES, ONLY_TO_CUSTOMER, LARGE_COMMUNITIES -> {
        List<Integer> more = new ArrayList<>(partial);
        more.add(type.code);
        partial = more;
      }
      case IPV6_EXTENDED_COMMUNITIES -> {
        UnknownAttribute last = unknown.removeLast();
        unknown.add(
            new UnknownAttribute(last.flags() | AttributeType.PARTIAL, last.type(), last.value()));
      }
      default -> {
        // not optional and transitive, or not kept as it came
      }
    }
  }

  /** The attributes with NEXT_HOP, for the prefixes in the UPDATE's own field. */
  PathAttributes build() {
    return build(nextHop, null);
  }

  /** The attributes with the next hop of MP_REACH_NLRI, for the prefixes in it. */
  PathAttributes buildForReach() {
    return build(reachNextHop, reachLinkLocal);
  }

  private PathAttributes build(Address next, Address linkLocal) {
    return new PathAttributes(
        origin,
        asPath,
        Optional.ofNullable(next),
        Optional.ofNullable(linkLocal),
        med,
        localPref,
        atomicAggregate,
        Optional.ofNullable(aggregator),
        communities,
        Optional.ofNullable(originatorId),
        clusterList,
        largeCommunities,
        extendedCommunities,
        Optional.ofNullable(aigp),
        onlyToCustomer,
        partial,
        unknown);
  }
}
