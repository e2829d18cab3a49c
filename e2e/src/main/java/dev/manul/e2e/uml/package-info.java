/**
 * A user-mode Linux guest as a place to run commands in.
 *
 * <pre>
 *   Guest (any process) ──Unix socket──▶ GuestKeeper (one on the host) ──serial line──▶ GuestServer
 * </pre>
 *
 * <p>The keeper owns the guest: it starts the kernel with its first serial line on a pair of pipes
 * and passes {@link dev.manul.e2e.uml.Frame}s between the clients of its socket and the server in
 * the guest, which runs the commands. The guest's root is the host's, read-only under a RAM
 * overlay; when the keeper ends, so does the guest.
 */
package dev.manul.e2e.uml;
