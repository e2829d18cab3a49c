package dev.manul.bgp.session;

import dev.manul.bgp.rib.Rib;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;

/** What a neighbour needs of the speaker it belongs to. On the core thread. */
public interface NeighborHost {

  Scheduler scheduler();

  Transport transport();

  Rib rib();

  long asNumber();

  Ipv4Address routerId();

  /** LOCAL_PREF of routes that come without one. */
  long defaultLocalPreference();

  /** The name to announce; "" for none. */
  String hostName();

  /** Whether first OPENs have the restart-state bit set now. */
  boolean restarting();

  /** Whether the kernel may still have the routes of a former process. */
  boolean forwardingKept();

  /** Whether learned routes may be announced to this neighbour. */
  boolean transit(Neighbor neighbor);

  /** The neighbour has sent all its routes, or will not say when it has. */
  void complete(Neighbor neighbor);

  /**
   * A session is up: BFD, if the configuration asks for it, is to watch the neighbour from now on.
   *
   * @param local this end of the session
   */
  void watch(Neighbor neighbor, Address local);

  /** Who hears of what sessions go through. */
  SessionMonitor monitor();

  /** A random number within 0.0 (inclusive) and 1.0 (exclusive), for jitter. */
  double random();
}
