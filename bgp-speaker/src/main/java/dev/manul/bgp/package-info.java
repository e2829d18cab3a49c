/**
 * A BGP speaker as a library: {@link dev.manul.bgp.Speaker} keeps sessions with its neighbours,
 * originates routes, and tells the best paths it learns.
 *
 * <h2>Threads</h2>
 *
 * <p>Two threads do all the work of one speaker:
 *
 * <ul>
 *   <li>{@code bgp-core} owns every session, its timers and the whole RIB. Nothing there is locked,
 *       and nothing there blocks. {@link dev.manul.bgp.BestPathListener} and {@link
 *       dev.manul.bgp.NextHopResolver} are called on it.
 *   <li>{@code bgp-io}, Netty's event loop, reads and writes bytes and runs the codec. It hands
 *       decoded messages to the core and stops reading while the core is behind.
 * </ul>
 *
 * <p>All methods of {@code Speaker} may be called from any thread. Values that cross threads are
 * immutable.
 */
package dev.manul.bgp;
