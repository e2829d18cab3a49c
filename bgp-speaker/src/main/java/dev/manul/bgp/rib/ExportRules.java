package dev.manul.bgp.rib;

import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PathAttributes.Aigp;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a neighbour is told of a best path (RFC 4271 section 9.1.3, RFC 4456, RFC 1997, RFC 9234,
 * RFC 9494). Pure.
 */
final class ExportRules {
  static final int NO_EXPORT = 0xffffff01;
  static final int NO_ADVERTISE = 0xffffff02;
  static final int NO_EXPORT_SUBCONFED = 0xffffff03;

  private ExportRules() {}

  /**
   * Whether a neighbour may be told at all, as far as can be said without asking its filter.
   *
   * @param target with a session
   */
  static boolean mayExport(Path path, AddressFamily family, RibPeer target) {
    return !target.session.exportFilter().rejectsAll()
        && check(path, family, target) == ExportReason.EXPORTED;
  }

  /**
   * Why a neighbour must not be told, or {@link ExportReason#EXPORTED}; its filter is not asked.
   * Communities count as they are in the RIB: one that the export filter adds is for the neighbour
   * to obey.
   */
  static ExportReason check(Path path, AddressFamily family, RibPeer target) {
    PeerSession to = target.session;
    if (!to.families().contains(Family.unicast(family))) {
      return ExportReason.FAMILY;
    }
    if (path.source.isLocal()) {
      return ExportReason.EXPORTED;
    }
    if (path.source == target) {
      return ExportReason.SPLIT_HORIZON;
    }
    PeerSession from = path.source.session;
    if (!from.external() && !to.external() && !from.client() && !to.client()) {
      return ExportReason.INTERNAL;
    }
    if (path.attributes.value.onlyToCustomer().isPresent() && isUpwards(to)) {
      return ExportReason.ONLY_TO_CUSTOMER;
    }
    return checkCommunities(path.attributes, family, to);
  }

  private static ExportReason checkCommunities(
      AttributeSet attributes, AddressFamily family, PeerSession to) {
    List<Integer> communities = attributes.value.communities();
    if (communities.isEmpty()) {
      return ExportReason.EXPORTED;
    }
    if (communities.contains(NO_ADVERTISE)) {
      return ExportReason.NO_ADVERTISE;
    }
    if (to.external()
        && (communities.contains(NO_EXPORT) || communities.contains(NO_EXPORT_SUBCONFED))) {
      return ExportReason.NO_EXPORT;
    }
    if (attributes.longLivedStale && !to.longLived().contains(Family.unicast(family))) {
      return ExportReason.LONG_LIVED_STALE; // RFC 9494 section 4.3
    }
    return ExportReason.EXPORTED;
  }

  /** Whether the neighbour is one that must not get routes with OTC (RFC 9234 section 5). */
  private static boolean isUpwards(PeerSession to) {
    Role own = to.external() ? to.as().role().orElse(null) : null;
    return own == Role.CUSTOMER || own == Role.PEER || own == Role.ROUTE_SERVER_CLIENT;
  }

  /** Whether what the neighbour gets is marked as not to go up again (RFC 9234 section 5). */
  private static boolean marks(PeerSession to) {
    Role own = to.external() ? to.as().role().orElse(null) : null;
    return own == Role.PROVIDER || own == Role.PEER || own == Role.ROUTE_SERVER;
  }

  /**
   * What to tell a neighbour that may be told.
   *
   * @param a the path's attributes as the neighbour's export filter has left them
   * @return null when there is no next hop to tell that goes with the prefix
   */
  static PathAttributes export(Path path, PathAttributes a, AddressFamily family, RibPeer target) {
    PeerSession to = target.session;
    boolean self = nextHopSelf(path, a, to);
    Address nextHop = self ? to.localAddress() : a.nextHop().orElseThrow();
    if (!to.suits(nextHop, Family.unicast(family))) {
      return null;
    }
    PathAttributes.Builder builder = a.toBuilder().nextHop(nextHop);
    return to.external()
        ? external(builder, a, to).build()
        : internal(builder, path, a, to, self).build();
  }

  private static PathAttributes.Builder external(
      PathAttributes.Builder builder, PathAttributes a, PeerSession to) {
    AsPath path = a.asPath();
    if (to.as().override()) {
      path = path.replace(to.as().remote(), to.as().local());
    }
    if (a.onlyToCustomer().isEmpty() && marks(to)) {
      builder.onlyToCustomer(OptionalLong.of(to.as().local()));
    }
    return builder
        .asPath(path.prepend(to.as().local()))
        .linkLocalNextHop(Optional.empty())
        .multiExitDiscriminator(OptionalLong.empty())
        .localPreference(OptionalLong.empty())
        .originatorId(Optional.empty())
        .clusterList(List.of())
        .aigp(Optional.empty());
  }

  private static PathAttributes.Builder internal(
      PathAttributes.Builder builder, Path path, PathAttributes a, PeerSession to, boolean self) {
    if (self) {
      builder.linkLocalNextHop(Optional.empty());
      builder.aigp(a.aigp().map(aigp -> farther(aigp, path)));
    }
    if (!path.source.isLocal() && !path.source.session.external()) {
      builder.originatorId(originator(path)).clusterList(clusterList(path, to));
    }
    return builder.localPreference(
        a.localPreference().orElse(AttributeSet.DEFAULT_LOCAL_PREFERENCE));
  }

  private static boolean nextHopSelf(Path path, PathAttributes a, PeerSession to) {
    if (path.source.isLocal()) {
      return a.nextHop().isEmpty();
    }
    return to.nextHopSelf() || (to.external() && !to.nextHopKeep());
  }

  /** The metric from this speaker on, which is the next hop now (RFC 7311 section 3.4.2). */
  private static Aigp farther(Aigp aigp, Path path) {
    long distance = path.attributes.hop == null ? 0 : path.attributes.hop.metric;
    long sum = aigp.metric() + distance;
    return new Aigp(Long.compareUnsigned(sum, aigp.metric()) < 0 ? -1 : sum, aigp.others());
  }

  private static Optional<Ipv4Address> originator(Path path) {
    Optional<Ipv4Address> known = path.attributes.value.originatorId();
    return known.isPresent() ? known : Optional.of(path.source.session.remoteId());
  }

  private static List<Ipv4Address> clusterList(Path path, PeerSession to) {
    PeerSession from = path.source.session;
    List<Ipv4Address> clusters = new ArrayList<>();
    clusters.add(from.client() ? from.clusterId() : to.clusterId());
    clusters.addAll(path.attributes.value.clusterList());
    return clusters;
  }
}
