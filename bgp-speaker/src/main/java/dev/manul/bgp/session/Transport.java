package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;

/** Makes TCP connections. Called on the core thread; answers as tasks of the core thread. */
public interface Transport {

  /** Starts to connect to a neighbour. */
  Dial dial(NeighborConfiguration neighbor, DialListener listener);

  /** A connection that is being made. */
  interface Dial {
    /** Gives up. The listener hears nothing more. */
    void cancel();
  }

  /** Hears how a dial ends: one call to one of the methods. */
  interface DialListener {
    /**
     * The connection is there.
     *
     * @return who hears of what comes over it
     */
    Link.Listener connected(Link link);

    /** It could not be made; {@code reason} is for people, such as {@code connection refused}. */
    void failed(String reason);
  }
}
