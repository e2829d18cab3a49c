package dev.manul.bgp.session;

import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Ipv4Address;
import java.util.List;
import java.util.Set;

/**
 * What two OPENs have agreed on.
 *
 * @param remoteId the neighbour's BGP identifier
 * @param localAs the AS number we showed
 * @param remoteAs the neighbour's
 * @param families what both exchange, in ascending order of AFI
 * @param holdTime seconds; 0 for no timers
 * @param fourOctetAs RFC 6793
 * @param endOfRib the neighbour announced graceful restart, and so understands End-of-RIB
 * @param restarting its restart-state bit
 * @param restartTime how long to keep its routes after it has gone, in seconds
 * @param keepable families whose routes stay as stale ones when the connection breaks; empty
 *     without graceful restart on both sides
 * @param forwarding families with the forwarding-state bit set: stale routes stay until End-of-RIB
 * @param capabilities as received
 */
record Negotiated(
    Ipv4Address remoteId,
    long localAs,
    long remoteAs,
    List<Family> families,
    int holdTime,
    boolean fourOctetAs,
    boolean endOfRib,
    boolean restarting,
    int restartTime,
    Set<Family> keepable,
    Set<Family> forwarding,
    List<Capability> capabilities) {

  Negotiated {
    families = List.copyOf(families);
    keepable = Set.copyOf(keepable);
    forwarding = Set.copyOf(forwarding);
    capabilities = List.copyOf(capabilities);
  }

  boolean external() {
    return localAs != remoteAs;
  }
}
