package dev.manul.bgp.rib;

import dev.manul.bgp.wire.AsPath;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.Ipv4Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a route from a neighbour must be like to take part in the decision. Pure. */
final class ImportRules {
  private ImportRules() {}

  /** What the neighbour's attributes are taken for: none of the interior ones from outside. */
  static PathAttributes normalize(PathAttributes a, PeerSession session) {
    boolean interior =
        a.localPreference().isPresent()
            || a.originatorId().isPresent()
            || !a.clusterList().isEmpty();
    if (!session.external() || !interior) {
      return a;
    }
    return a.toBuilder()
        .localPreference(OptionalLong.empty())
        .originatorId(Optional.empty())
        .clusterList(List.of())
        .build();
  }

  /** {@link Reason#BEST} when the path may become best, or why it may not. */
  static Reason check(PathAttributes a, PeerSession session, Identity identity) {
    if (a.originatorId().isPresent() && a.originatorId().get().equals(identity.routerId())) {
      return Reason.ORIGINATOR_LOOP;
    }
    for (Ipv4Address cluster : a.clusterList()) {
      if (identity.clusterIds().contains(cluster)) {
        return Reason.CLUSTER_LOOP;
      }
    }
    for (AsPath.Segment segment : a.asPath().segments()) {
      if (segment.asNumbers().contains(session.localAs())) {
        return Reason.AS_LOOP;
      }
    }
    if (a.nextHop().isPresent() && a.nextHop().get().equals(session.localAddress())) {
      return Reason.OWN_NEXT_HOP;
    }
    return Reason.BEST;
  }
}
