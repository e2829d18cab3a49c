package dev.manul.bgp.rib;

import dev.manul.bgp.PathSelection;
import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Ipv4Address;

/**
 * Path attributes that all routes with equal ones share, with what the decision process asks of
 * them worked out. Compared by identity: see {@link AttributeTable}.
 */
final class AttributeSet {
  static final long DEFAULT_LOCAL_PREFERENCE = PathSelection.DEFAULT.defaultLocalPreference();

  final PathAttributes value;
  final long localPreference;
  final int asPathLength;

  /** The AS the route came from, or 0 when the path is empty or begins with a set. */
  final long neighborAs;

  final long multiExitDiscriminator;
  final int clusterListLength;

  /** ORIGINATOR_ID as an unsigned number, or -1. */
  final long originatorId;

  /** Kept for long after its neighbour has gone, here or on the way (RFC 9494). */
  final boolean longLivedStale;

  /** Null for as long as no path uses these attributes. */
  NextHopEntry hop;

  /** How many paths use these attributes. */
  int paths;

  /** Prefixes that are being gathered to be announced with them; null outside of that. */
  UpdateCollector.Bucket bucket;

  AttributeSet(PathAttributes value) {
    this.value = value;
    this.localPreference = value.localPreference().orElse(DEFAULT_LOCAL_PREFERENCE);
    this.asPathLength = lengthOf(value.asPath());
    this.neighborAs = neighborOf(value.asPath());
    this.multiExitDiscriminator = value.multiExitDiscriminator().orElse(0);
    this.clusterListLength = value.clusterList().size();
    this.originatorId =
        value.originatorId().map(Ipv4Address::value).map(Integer::toUnsignedLong).orElse(-1L);
    this.longLivedStale = value.communities().contains(StaleRoutes.LLGR_STALE);
  }

  /** A set counts as one AS (RFC 4271 section 9.1.2.2 a), confederation segments as none. */
  private static int lengthOf(AsPath path) {
    int length = 0;
    for (AsPath.Segment segment : path.segments()) {
      length +=
          switch (segment.type()) {
            case SEQUENCE -> segment.asNumbers().size();
            case SET -> 1;
            case CONFEDERATION_SEQUENCE, CONFEDERATION_SET -> 0;
          };
    }
    return length;
  }

  private static long neighborOf(AsPath path) {
    for (AsPath.Segment segment : path.segments()) {
      switch (segment.type()) {
        case SEQUENCE -> {
          return segment.asNumbers().at(0);
        }
        case SET -> {
          return 0;
        }
        case CONFEDERATION_SEQUENCE, CONFEDERATION_SET -> {
          // not part of the path outside the confederation
        }
      }
    }
    return 0;
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
