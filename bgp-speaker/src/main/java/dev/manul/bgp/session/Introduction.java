package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this speaker introduces itself to a neighbour, after what has been between them so far. */
final class Introduction {
  private static final Logger log = LoggerFactory.getLogger(Introduction.class);

  private final NeighborHost host;
  private boolean hasBeenUp;

  /** Whether the neighbour does not even know that there are capabilities. */
  private boolean withoutCapabilities;

  Introduction(NeighborHost host) {
    this.host = host;
  }

  /** Our OPEN; the restart-state bit is set until a session has come up (RFC 4724 section 4.1). */
  Open open(NeighborConfiguration configuration) {
    Open open =
        Handshake.open(
            configuration,
            host.asNumber(),
            host.routerId(),
            host.hostName(),
            host.restarting() && !hasBeenUp,
            host.forwardingKept() || hasBeenUp);
    return withoutCapabilities ? Handshake.withoutCapabilities(open) : open;
  }

  void sessionUp() {
    hasBeenUp = true;
  }

  /**
   * A NOTIFICATION has come. Who refuses optional parameters is next offered none (RFC 5492 section
   * 3): IPv4 and AS numbers of two octets.
   */
  void received(Notification notification, NeighborConfiguration configuration) {
    if (Notifications.refusesParameters(notification) && !withoutCapabilities) {
      log.info("capabilities left out from now on peer={}", configuration.address());
      withoutCapabilities = true;
    }
  }

  /** The neighbour may be another one now. */
  void beginAnew() {
    withoutCapabilities = false;
  }
}
