/**
 * Bidirectional Forwarding Detection (RFC 5880) in asynchronous mode, over one hop (RFC 5881) and
 * over several (RFC 5883), so that a dead neighbour is noticed in a fraction of a second.
 *
 * <p>{@link dev.manul.bgp.bfd.BfdSession} is the protocol: packets and times go in, packets and
 * changes come out. {@link dev.manul.bgp.bfd.BfdService} has sockets and the thread {@code
 * bgp-bfd}, which owns all sessions. There is no demand mode of our own, no echo and no
 * authentication.
 */
package dev.manul.bgp.bfd;
