/**
 * Sessions with neighbours: the state machine of RFC 4271 section 8 and what drives it.
 *
 * <p>{@link dev.manul.bgp.session.StateMachine} is a pure function from a state and an event to a
 * state and actions. A {@code Session} is one such machine with its timers and its connection; a
 * {@link dev.manul.bgp.session.Neighbor} has one session, or two while connections collide ({@code
 * Connections}, section 6.8), and speaks with the RIB for whichever is Established.
 *
 * <p>Two ends that dial at once must not disagree on which connection stays. The decision is made
 * on the first OPEN, before a KEEPALIVE has been sent on either connection. A connection that comes
 * after that is held: nothing is said on it until the other one has come up, and it is closed, or
 * has failed, and it goes on. Beside a session that has been Established for two seconds, an OPEN
 * on a held connection is that of a neighbour which has started anew without a word.
 *
 * <p>Everything here belongs to the core thread and runs only on it. The transport is reached
 * through {@link dev.manul.bgp.session.Transport} and {@link dev.manul.bgp.session.Link}, whose
 * methods may be called from the core thread and never block; its answers come back as tasks of the
 * core thread. Time comes from {@link dev.manul.bgp.session.Scheduler} alone.
 */
package dev.manul.bgp.session;
