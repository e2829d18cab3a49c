package dev.manul.bgp.rib;

import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a neighbour is told of a best path (RFC 4271 section 9.1.3, RFC 4456, RFC 1997). Pure. */
final class ExportRules {
  static final int NO_EXPORT = 0xffffff01;
  static final int NO_ADVERTISE = 0xffffff02;
  static final int NO_EXPORT_SUBCONFED = 0xffffff03;

  private ExportRules() {}

  /**
   * Whether a neighbour may be told at all.
   *
   * @param target with a session
   */
  static boolean mayExport(Path path, AddressFamily family, RibPeer target) {
    PeerSession to = target.session;
    if (to.exportFilter().rejectsAll() || !to.families().contains(Family.unicast(family))) {
      return false;
    }
    if (path.source.isLocal()) {
      return true;
    }
    if (path.source == target) {
      return false;
    }
    PeerSession from = path.source.session;
    if (!from.external() && !to.external() && !from.client() && !to.client()) {
      return false;
    }
    List<Integer> communities = path.attributes.value.communities();
    if (communities.isEmpty()) {
      return true;
    }
    boolean stays = communities.contains(NO_EXPORT) || communities.contains(NO_EXPORT_SUBCONFED);
    return !communities.contains(NO_ADVERTISE) && !(stays && to.external());
  }

  /**
   * What to tell a neighbour.
   *
   * @param a the path's attributes as the neighbour's export filter has left them
   * @return null when it must not be told, or when there is no next hop of the prefix's family to
   *     tell
   */
  static PathAttributes export(Path path, PathAttributes a, AddressFamily family, RibPeer target) {
    if (!mayExport(path, family, target)) {
      return null;
    }
    PeerSession to = target.session;
    Address nextHop = nextHop(path, to);
    if (nextHop.family() != family) {
      return null;
    }
    Optional<Address> linkLocal =
        a.nextHop().isPresent() && a.nextHop().get().equals(nextHop)
            ? a.linkLocalNextHop()
            : Optional.empty();
    if (to.external()) {
      return a.toBuilder()
          .asPath(a.asPath().prepend(to.localAs()))
          .nextHop(nextHop)
          .linkLocalNextHop(Optional.empty())
          .multiExitDiscriminator(OptionalLong.empty())
          .localPreference(OptionalLong.empty())
          .originatorId(Optional.empty())
          .clusterList(List.of())
          .build();
    }
    boolean reflected = !path.source.isLocal() && !path.source.session.external();
    return a.toBuilder()
        .nextHop(nextHop)
        .linkLocalNextHop(linkLocal)
        .localPreference(a.localPreference().orElse(AttributeSet.DEFAULT_LOCAL_PREFERENCE))
        .originatorId(reflected ? originator(path) : a.originatorId())
        .clusterList(reflected ? clusterList(path, to) : a.clusterList())
        .build();
  }

  private static Address nextHop(Path path, PeerSession to) {
    Optional<Address> given = path.attributes.value.nextHop();
    if (path.source.isLocal()) {
      return given.orElse(to.localAddress());
    }
    boolean self = to.nextHopSelf() || (to.external() && !to.nextHopKeep());
    return self ? to.localAddress() : given.orElseThrow();
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
