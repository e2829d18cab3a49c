package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.DecodeContext;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.EncodeContext;
import dev.manul.bgp.wire.UpdateBatch;
import dev.manul.model.Address;
import java.util.List;

/** A TCP connection as the core thread sees it. No method blocks. */
public interface Link {

  /** The neighbour's end. */
  Address remoteAddress();

  /** This end. */
  Address localAddress();

  /** The neighbour's TCP port. */
  int remotePort();

  /** Our TCP port. */
  int localPort();

  /** Sends messages in order. Ignored once the link is closed. */
  void send(List<BgpMessage> messages);

  /**
   * Sends a neighbour's part of what several get, all of them by links with equal contexts.
   *
   * @param neighbor as the batch knows it
   */
  default void send(UpdateBatch batch, Object neighbor) {
    send(batch.messages(neighbor));
  }

  /** Whether more may be sent without piling up; {@link Listener#writable} follows a false. */
  boolean writable();

  /** Whether even what others get as well must not be sent any more. */
  default boolean overfull() {
    return !writable();
  }

  /** How many messages have reached the socket; grows as long as the neighbour reads. */
  long written();

  /** How many messages are on their way to the socket. */
  int pending();

  /** Sets how messages are read and written from now on. */
  void negotiated(DecodeContext decode, EncodeContext encode);

  /** Says that a batch got by {@link Listener#received} has been dealt with. */
  void consumed(int outcomes);

  /** Ends the connection after what has been sent. No further calls to the listener. */
  void close();

  /** Hears of one link, on the core thread. */
  interface Listener {
    /** Messages have come. Calls {@link Link#consumed} when done. */
    void received(Link link, List<DecodeOutcome> batch);

    /** There is room again after {@link Link#writable} said no. */
    void writable(Link link);

    /** The connection has ended; {@code reason} is for people. */
    void closed(Link link, String reason);
  }
}
