package dev.manul.bgp.bmp;

import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.model.Address;
import java.time.Instant;

/**
 * A neighbour with a session, as stations are told of it.
 *
 * @param received the neighbour's OPEN, which has its AS number and its identifier
 * @param since when the session came up
 */
record BmpPeer(
    Address address,
    int port,
    Address localAddress,
    int localPort,
    Open sent,
    Open received,
    Instant since) {}
