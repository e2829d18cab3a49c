package dev.manul.bgp;

import dev.manul.bgp.session.State;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot of one neighbour.
 *
 * @param state the state of RFC 4271 section 8.2.2
 * @param since when it came into that state
 * @param lastError why the last session or attempt ended, as a sentence; "" when none has
 * @param lastErrorAt when that was
 * @param localAsNumber the AS number shown to the neighbour
 * @param localAddress this end of the session, while there is a connection
 * @param remoteId the neighbour's BGP identifier, once it has sent an OPEN
 * @param holdTime the negotiated hold time in seconds; 0 when timers are off or there is no session
 * @param keepaliveTime seconds between our keepalives, likewise
 * @param sent the capabilities we announced last
 * @param received the capabilities the neighbour announced last
 * @param families those in use on the session; empty when it is down
 * @param gracefulRestart whether the neighbour's routes would be kept if it restarted now
 * @param restarting whether its routes are kept right now as stale
 * @param endOfRib whether it has sent End-of-RIB for all families of this session
 * @param prefixesReceived in its Adj-RIB-In
 * @param prefixesAccepted those of them that may become best paths
 * @param prefixesAdvertised in its Adj-RIB-Out
 * @param flaps how often an Established session has ended
 * @param messagesIn messages received since the speaker knows the neighbour
 * @param messagesOut messages sent, likewise
 * @param updatesIn those received that are UPDATEs, End-of-RIB among them
 * @param updatesOut those sent that are UPDATEs, likewise
 * @param malformed messages or attributes that broke a rule of RFC 7606, likewise
 * @param detail more of it
 */
public record NeighborStatus(
    Address address,
    int port,
    String description,
    long asNumber,
    long localAsNumber,
    State state,
    Instant since,
    String lastError,
    Optional<Instant> lastErrorAt,
    Optional<Address> localAddress,
    Optional<Ipv4Address> remoteId,
    int holdTime,
    int keepaliveTime,
    List<Capability> sent,
    List<Capability> received,
    List<Family> families,
    boolean gracefulRestart,
    boolean restarting,
    boolean endOfRib,
    int prefixesReceived,
    int prefixesAccepted,
    int prefixesAdvertised,
    int flaps,
    long messagesIn,
    long messagesOut,
    long updatesIn,
    long updatesOut,
    long malformed,
    NeighborDetail detail) {

  public NeighborStatus {
    sent = List.copyOf(sent);
    received = List.copyOf(received);
    families = List.copyOf(families);
  }

  public boolean established() {
    return state == State.ESTABLISHED;
  }
}
