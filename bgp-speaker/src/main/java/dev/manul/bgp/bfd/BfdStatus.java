package dev.manul.bgp.bfd;

import java.time.Instant;

/**
 * A snapshot of one session.
 *
 * @param remoteState what the neighbour last said of itself
 * @param diagnostic why the session last went down
 * @param since when it came into its state
 * @param multihop whether it is one over several hops
 * @param localDiscriminator our number for it
 * @param remoteDiscriminator the neighbour's; 0 while it is not known
 * @param transmitMicros between our packets, before jitter
 * @param detectionMicros after how much silence the neighbour is given up
 * @param packetsIn valid packets received
 * @param flaps how often the session has gone from up to down
 * @param problem why it cannot work, such as a port that is taken; else ""
 */
public record BfdStatus(
    BfdState state,
    BfdState remoteState,
    BfdDiagnostic diagnostic,
    Instant since,
    boolean multihop,
    int localDiscriminator,
    int remoteDiscriminator,
    long transmitMicros,
    long detectionMicros,
    long packetsIn,
    long packetsOut,
    int flaps,
    String problem) {}
