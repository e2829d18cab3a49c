package dev.manul.bgp.session;

import dev.manul.bgp.NeighborDetail;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.Role;
import dev.manul.model.Ipv4Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * @param addPathReceive families whose prefixes come with a path identifier (RFC 7911)
 * @param addPathSend families whose prefixes go with a path identifier
 * @param extendedNextHop families of IPv4 prefixes that may have IPv6 next hops (RFC 8950)
 * @param extendedMessages messages may have up to 65,535 octets (RFC 8654)
 * @param routeRefresh the neighbour answers requests (RFC 2918)
 * @param enhancedRefresh both sides mark beginning and end of what they send again (RFC 7313)
 * @param notificationRestart routes are kept after a NOTIFICATION, too (RFC 8538)
 * @param longLived how long to keep a family's routes once the restart time is over, in seconds
 *     (RFC 9494)
 * @param longLivedForwarding families of those with the forwarding-state bit of RFC 9494 set
 * @param takesLongLived the neighbour has announced long-lived graceful restart, be it for no
 *     family, and so may be told long-lived stale routes (RFC 9494 section 4.6)
 * @param localRole what this end is to an external neighbour (RFC 9234)
 * @param remoteRole what the neighbour says it is
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
    List<Capability> capabilities,
    Set<Family> addPathReceive,
    Set<Family> addPathSend,
    Set<Family> extendedNextHop,
    boolean extendedMessages,
    boolean routeRefresh,
    boolean enhancedRefresh,
    boolean notificationRestart,
    Map<Family, Integer> longLived,
    Set<Family> longLivedForwarding,
    boolean takesLongLived,
    Optional<Role> localRole,
    Optional<Role> remoteRole) {

  Negotiated {
    families = List.copyOf(families);
    keepable = Set.copyOf(keepable);
    forwarding = Set.copyOf(forwarding);
    capabilities = List.copyOf(capabilities);
    addPathReceive = Set.copyOf(addPathReceive);
    addPathSend = Set.copyOf(addPathSend);
    extendedNextHop = Set.copyOf(extendedNextHop);
    longLived = Map.copyOf(longLived);
    longLivedForwarding = Set.copyOf(longLivedForwarding);
  }

  DecodeContext decodeContext() {
    return new DecodeContext(
        fourOctetAs,
        external(),
        Set.copyOf(families),
        addPathReceive,
        extendedNextHop,
        extendedMessages);
  }

  EncodeContext encodeContext() {
    return new EncodeContext(fourOctetAs, addPathSend, extendedNextHop, extendedMessages);
  }

  NeighborDetail.Features features() {
    return new NeighborDetail.Features(
        fourOctetAs,
        routeRefresh,
        enhancedRefresh,
        extendedMessages,
        extendedNextHop,
        addPathReceive,
        addPathSend,
        notificationRestart,
        longLived,
        localRole,
        remoteRole);
  }

  boolean external() {
    return localAs != remoteAs;
  }
}
