package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import java.util.Optional;

/** Hears what sessions go through, to tell others of it. On the core thread. */
public interface SessionMonitor {

  /** Nobody is interested. */
  SessionMonitor NONE =
      new SessionMonitor() {
        @Override
        public void up(Neighbor neighbor, Link link, Open sent, Open received) {}

        @Override
        public void received(Neighbor neighbor, BgpMessage message) {}

        @Override
        public void down(Neighbor neighbor, Event cause, Optional<Notification> heard) {}
      };

  /** A session is Established. */
  void up(Neighbor neighbor, Link link, Open sent, Open received);

  /** A message of an Established session has come; before it is dealt with. */
  void received(Neighbor neighbor, BgpMessage message);

  /**
   * An Established session has ended.
   *
   * @param heard the neighbour's NOTIFICATION, when that is the cause
   */
  void down(Neighbor neighbor, Event cause, Optional<Notification> heard);
}
