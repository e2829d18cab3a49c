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
 * @param as AS numbers and what goes by them
 * @param client whether it is a client of this route reflector
 * @param clusterId the cluster that client is in
 * @param families negotiated
 * @param extendedNextHop families of IPv4 prefixes that may have IPv6 next hops (RFC 8950)
 * @param longLived families of which the neighbour takes long-lived stale routes (RFC 9494)
 * @param nextHopSelf announce learned routes with {@code localAddress} as next hop
 * @param nextHopKeep leave next hops alone towards an external neighbour
 * @param defaultLocalPreference what an external neighbour's routes have for LOCAL_PREF
 * @param importFilter for what the neighbour announces
 * @param exportFilter for what it is told
 * @param endOfRib whether the neighbour understands End-of-RIB
 * @param transit whether learned routes may be announced to it
 */
public record PeerSession(
    Address localAddress,
    Ipv4Address remoteId,
    AsNumbers as,
    boolean client,
    Ipv4Address clusterId,
    Set<Family> families,
    Set<Family> extendedNextHop,
    Set<Family> longLived,
    boolean nextHopSelf,
    boolean nextHopKeep,
    long defaultLocalPreference,
    RouteFilter importFilter,
    RouteFilter exportFilter,
    boolean endOfRib,
    boolean transit) {

  public PeerSession {
    families = Set.copyOf(families);
    extendedNextHop = Set.copyOf(extendedNextHop);
    longLived = Set.copyOf(longLived);
  }

  /** Whether the neighbour is in another AS. */
  public boolean external() {
    return as.external();
  }

  /** Whether a next hop may go with prefixes of a family. */
  boolean suits(Address nextHop, Family family) {
    return Family.unicast(nextHop.family()).equals(family) || extendedNextHop.contains(family);
  }

  /** The same without what only import asks for: sessions that are told the same are equal. */
  PeerSession forExport() {
    return new PeerSession(
        localAddress,
        Ipv4Address.UNSPECIFIED,
        as,
        client,
        clusterId,
        families,
        extendedNextHop,
        longLived,
        nextHopSelf,
        nextHopKeep,
        0,
        exportFilter,
        exportFilter,
        false,
        transit);
  }
}
