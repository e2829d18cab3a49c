package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import java.util.ArrayList;
import java.util.List;

/** What differs between two configurations of a neighbour. Pure. */
final class ConfigurationChange {
  private ConfigurationChange() {}

  /**
   * The changed fields that only a new session can bring into effect. Those are not among them that
   * matter to the next connection alone, to BFD, or to the keepalives to come.
   */
  static List<String> needingReset(NeighborConfiguration a, NeighborConfiguration b) {
    List<String> changed = new ArrayList<>();
    compare(changed, "asNumber", a.asNumber(), b.asNumber());
    compare(changed, "localAddress", a.localAddress(), b.localAddress());
    compare(changed, "localAsNumber", a.localAsNumber(), b.localAsNumber());
    compare(changed, "password", a.password(), b.password());
    compare(changed, "multihop", a.multihop(), b.multihop());
    compare(changed, "ttlSecurity", a.ttlSecurity(), b.ttlSecurity());
    compare(changed, "holdTime", a.holdTime(), b.holdTime());
    compare(changed, "routeReflectorClient", a.routeReflectorClient(), b.routeReflectorClient());
    compare(changed, "clusterId", a.clusterId(), b.clusterId());
    compare(changed, "gracefulRestartTime", a.gracefulRestartTime(), b.gracefulRestartTime());
    compare(changed, "families", a.families(), b.families());
    compare(changed, "role", a.role(), b.role());
    compare(changed, "strictRole", a.strictRole(), b.strictRole());
    compare(changed, "addPathReceive", a.addPathReceive(), b.addPathReceive());
    compare(changed, "addPathSend", a.addPathSend(), b.addPathSend());
    compare(changed, "longLivedStaleTime", a.longLivedStaleTime(), b.longLivedStaleTime());
    compare(changed, "extendedMessages", a.extendedMessages(), b.extendedMessages());
    compare(changed, "extendedNextHop", a.extendedNextHop(), b.extendedNextHop());
    return changed;
  }

  /** Whether routes now count otherwise, by filters or by the other rules for them. */
  static boolean filtersDiffer(NeighborConfiguration a, NeighborConfiguration b) {
    return !a.importFilter().equals(b.importFilter())
        || !a.exportFilter().equals(b.exportFilter())
        || a.nextHopSelf() != b.nextHopSelf()
        || a.nextHopKeep() != b.nextHopKeep()
        || a.allowAsIn() != b.allowAsIn()
        || a.asOverride() != b.asOverride();
  }

  /** Whether a connection would now be sought in another way. */
  static boolean dialsOtherwise(NeighborConfiguration a, NeighborConfiguration b) {
    return a.passive() != b.passive()
        || a.localWorkload() != b.localWorkload()
        || a.port() != b.port()
        || !a.connectRetryTime().equals(b.connectRetryTime());
  }

  private static void compare(List<String> changed, String field, Object a, Object b) {
    if (!a.equals(b)) {
      changed.add(field);
    }
  }
}
