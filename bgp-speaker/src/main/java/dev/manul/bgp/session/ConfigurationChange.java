package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import java.util.ArrayList;
import java.util.List;

/** What differs between two configurations of a neighbour. Pure. */
final class ConfigurationChange {
  private ConfigurationChange() {}

  /**
   * The changed fields that only a new session can bring into effect. Port and passive are not
   * among them, since they only matter to the next connection.
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
    compare(changed, "nextHopSelf", a.nextHopSelf(), b.nextHopSelf());
    compare(changed, "nextHopKeep", a.nextHopKeep(), b.nextHopKeep());
    compare(changed, "importFilter", a.importFilter(), b.importFilter());
    compare(changed, "exportFilter", a.exportFilter(), b.exportFilter());
    return changed;
  }

  private static void compare(List<String> changed, String field, Object a, Object b) {
    if (!a.equals(b)) {
      changed.add(field);
    }
  }
}
