package dev.manul.bgp.wire;

import static dev.manul.bgp.wire.FaultAction.DISABLE_FAMILY;
import static dev.manul.bgp.wire.FaultAction.DISCARD;
import static dev.manul.bgp.wire.FaultAction.WITHDRAW;

import io.netty.buffer.ByteBuf;

/**
 * The path attributes that the codec knows, one row each: type, the Optional and Transitive flags
 * it must have, what RFC 7606 does when the flags are others, what it does when the value is
 * malformed, whether an external peer's is discarded, and how its value is read.
 */
enum AttributeType {
  ORIGIN(1, AttributeType.WELL_KNOWN, WITHDRAW, WITHDRAW, false, AttributeReader::origin),
  AS_PATH(2, AttributeType.WELL_KNOWN, WITHDRAW, WITHDRAW, false, AttributeReader::asPath),
  NEXT_HOP(3, AttributeType.WELL_KNOWN, WITHDRAW, WITHDRAW, false, AttributeReader::nextHop),
  MULTI_EXIT_DISC(4, AttributeType.OPTIONAL, WITHDRAW, WITHDRAW, false, AttributeReader::med),
  LOCAL_PREF(5, AttributeType.WELL_KNOWN, WITHDRAW, WITHDRAW, true, AttributeReader::localPref),
  ATOMIC_AGGREGATE(
      6, AttributeType.WELL_KNOWN, WITHDRAW, DISCARD, false, AttributeReader::atomicAggregate),
  AGGREGATOR(
      7, AttributeType.OPTIONAL_TRANSITIVE, WITHDRAW, DISCARD, false, AttributeReader::aggregator),
  COMMUNITIES(
      8,
      AttributeType.OPTIONAL_TRANSITIVE,
      WITHDRAW,
      WITHDRAW,
      false,
      AttributeReader::communities),
  ORIGINATOR_ID(9, AttributeType.OPTIONAL, WITHDRAW, WITHDRAW, true, AttributeReader::originatorId),
  CLUSTER_LIST(10, AttributeType.OPTIONAL, WITHDRAW, WITHDRAW, true, AttributeReader::clusterList),
  MP_REACH_NLRI(
      14, AttributeType.OPTIONAL, WITHDRAW, DISABLE_FAMILY, false, AttributeReader::mpReach),
  MP_UNREACH_NLRI(
      15, AttributeType.OPTIONAL, WITHDRAW, DISABLE_FAMILY, false, AttributeReader::mpUnreach),
  AS4_PATH(
      17, AttributeType.OPTIONAL_TRANSITIVE, DISCARD, DISCARD, false, AttributeReader::as4Path),
  AS4_AGGREGATOR(
      18,
      AttributeType.OPTIONAL_TRANSITIVE,
      DISCARD,
      DISCARD,
      false,
      AttributeReader::as4Aggregator),
  EXTENDED_COMMUNITIES(
      16,
      AttributeType.OPTIONAL_TRANSITIVE,
      WITHDRAW,
      WITHDRAW,
      false,
      AttributeReader::extendedCommunities),
  IPV6_EXTENDED_COMMUNITIES(
      25,
      AttributeType.OPTIONAL_TRANSITIVE,
      WITHDRAW,
      WITHDRAW,
      false,
      AttributeReader::ipv6ExtendedCommunities),
  AIGP(26, AttributeType.OPTIONAL, DISCARD, DISCARD, false, AttributeReader::aigp),
  ONLY_TO_CUSTOMER(
      35,
      AttributeType.OPTIONAL_TRANSITIVE,
      WITHDRAW,
      WITHDRAW,
      false,
      AttributeReader::onlyToCustomer),
  LARGE_COMMUNITIES(
      32,
      AttributeType.OPTIONAL_TRANSITIVE,
      WITHDRAW,
      WITHDRAW,
      false,
      AttributeReader::largeCommunities);

  static final int OPTIONAL = 0x80;
  static final int TRANSITIVE = 0x40;
  static final int PARTIAL = 0x20;
  static final int EXTENDED_LENGTH = 0x10;
  static final int OPTIONAL_TRANSITIVE = OPTIONAL | TRANSITIVE;
  static final int WELL_KNOWN = TRANSITIVE;

  private static final AttributeType[] BY_CODE = new AttributeType[36];

  static {
    for (AttributeType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  final int code;
  final int flags;
  final FaultAction onFlags;
  final FaultAction onValue;
  final boolean internalOnly;

  // All readers are references to static methods without state.
  @SuppressWarnings("ImmutableEnumChecker")
  final Reader reader;

  AttributeType(
      int code,
      int flags,
      FaultAction onFlags,
      FaultAction onValue,
      boolean internalOnly,
      Reader reader) {
    this.code = code;
    this.flags = flags;
    this.onFlags = onFlags;
    this.onValue = onValue;
    this.internalOnly = internalOnly;
    this.reader = reader;
  }

  /** The row of a type, or null for a type the codec does not know. */
  static AttributeType find(int code) {
    return code < BY_CODE.length ? BY_CODE[code] : null;
  }

  /** Reads the value of an attribute, all that the buffer has, into the draft. */
  @FunctionalInterface
  interface Reader {
    /** Returns null when the value is good, else what is wrong with it. */
    String read(ByteBuf value, DecodeContext context, AttributeDraft into);
  }
}
