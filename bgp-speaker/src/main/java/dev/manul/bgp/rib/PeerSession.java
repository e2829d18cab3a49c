package dev.manul.bgp.rib;

import dev.manul.bgp.filter.RouteFilter;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.Set;

/**
 * What import, decision and export need to know of an Established session.
 *
 * @param localAddress this end of it
 * @param remoteId the neighbour's BGP identifier
 * @param localAs the AS number shown to the neighbour
 * @param external whether the neighbour is in another AS
 * @param client whether it is a client of this route reflector
 * @param clusterId the cluster that client is in
 * @param families negotiated
 * @param nextHopSelf announce learned routes with {@code localAddress} as next hop
 * @param nextHopKeep leave next hops alone towards an external neighbour
 * @param importFilter for what the neighbour announces
 * @param exportFilter for what it is told
 * @param endOfRib whether the neighbour understands End-of-RIB
 * @param transit whether learned routes may be announced to it
 */
public record PeerSession(
    Address localAddress,
    Ipv4Address remoteId,
    long localAs,
    boolean external,
    boolean client,
    Ipv4Address clusterId,
    Set<Family> families,
    boolean nextHopSelf,
    boolean nextHopKeep,
    RouteFilter importFilter,
    RouteFilter exportFilter,
    boolean endOfRib,
    boolean transit) {

  public PeerSession {
    families = Set.copyOf(families);
  }
}
