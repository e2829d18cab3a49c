/**
 * The program {@code manul-bgp}: a speaker told by a file what to do, with a control socket.
 *
 * <p>{@link dev.manul.bgp.daemon.JsonServer} stands on its own: the agent serves its control socket
 * and its probes with it too.
 */
package dev.manul.bgp.daemon;
