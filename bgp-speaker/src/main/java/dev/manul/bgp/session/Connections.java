package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.DecodeOutcome;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of one neighbour, each with a connection: one, or two while it is not decided which
 * of them stays (RFC 4271 section 6.8).
 */
final class Connections {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);

  /**
   * Within this time after a session has come up, a second connection is one that was under way
   * already; after it, the neighbour has started anew.
   */
  private static final long COLLISION_MILLIS = 2_000;

  private final Neighbor neighbor;
  private final Scheduler scheduler;
  private Session main;

  /** A second connection, while it is not decided which one stays; else null. */
  private Session second;

  Connections(Neighbor neighbor, Scheduler scheduler) {
    this.neighbor = neighbor;
    this.scheduler = scheduler;
    this.main = new Session(neighbor, scheduler);
  }

  /** The one that lives, or is to. */
  Session main() {
    return main;
  }

  private Session other(Session session) {
    return session == main ? second : main;
  }

  /** Ends both by an event; the second one is then no more. */
  void end(Event event, String reason) {
    if (second != null) {
      second.fire(event, "");
      second.discard();
      second = null;
    }
    main.fire(event, reason);
  }

  /** Ends the session that is up, which may be the second for a moment, and the other one first. */
  void stop(Notification notification, String reason) {
    boolean secondUp = second != null && second.state() == State.ESTABLISHED;
    Session up = secondUp ? second : main;
    yieldTo(up);
    up.fire(new Event.AutomaticStop(notification), reason);
  }

  /** Drops all connections without a word. */
  void drop() {
    if (second != null) {
      second.discard();
      second = null;
    }
    main.discard();
  }

  /** Drops the connection there is without a word, and begins with a new session. */
  void anew() {
    main.discard();
    main = new Session(neighbor, scheduler);
  }

  /** The other connection, if there is one, goes. */
  void yieldTo(Session session) {
    Session other = other(session);
    if (other != null) {
      other.giveWay("");
    }
  }

  /** A session that takes a connection which the neighbour has made. */
  Session free() {
    if (main.state() == State.IDLE) {
      main.fire(new Event.IdleHoldExpired(true), "");
    }
    if (main.state() == State.ACTIVE) {
      return main;
    }
    if (second != null) {
      second.giveWay("");
      second.discard();
    }
    second = new Session(neighbor, scheduler);
    second.fire(new Event.Start(true), "");
    return second;
  }

  /** After an event, sees to it that the main session is the one that lives. */
  void arrange() {
    if (second != null) {
      if (lost(second)) {
        second.discard();
        second = null;
      } else if (lost(main) || second.state() == State.ESTABLISHED) {
        main.discard();
        main = second;
        second = null;
        neighbor.stateChanged(main, State.IDLE, "");
      }
    }
    if (second == null && main.held()) {
      main.resume();
    }
  }

  private static boolean lost(Session session) {
    return !session.connected()
        && (session.state() == State.IDLE || session.state() == State.ACTIVE);
  }

  /** Whether a new connection is to wait for what becomes of the other one. */
  boolean mustHold(Session session) {
    Session other = other(session);
    return other != null
        && (other.state() == State.OPEN_CONFIRM || other.state() == State.ESTABLISHED);
  }

  /**
   * A held connection has brought something. An OPEN beside a session that has been up for a while,
   * it is that of a neighbour which has started anew (RFC 4724 section 4.2); otherwise it loses.
   */
  void heldSpoke(Session session, List<DecodeOutcome> batch) {
    Session other = other(session);
    if (other == null || other.state() != State.ESTABLISHED) {
      return;
    }
    boolean restarted =
        other.establishedMillis() >= COLLISION_MILLIS
            && !other.negotiated().keepable().isEmpty()
            && batch.stream().anyMatch(neighbor::isGoodOpen);
    if (restarted) {
      log.info("neighbor has restarted peer={}", neighbor.address());
      other.fire(new Event.ConnectionFailed(), "neighbor has restarted");
    } else {
      other.probe(); // if nobody is there any more, the answer is a reset
      session.giveWay("");
    }
  }

  /**
   * Decides, when a session has got its OPEN, which of two connections stays; the other one is
   * ended. The identifier of the neighbour is known from this OPEN, so that a connection which
   * still waits for its own takes part, too: both ends decide before either has sent a KEEPALIVE.
   *
   * @return whether this one stays
   */
  boolean survivesCollision(Session session) {
    Session other = other(session);
    if (other == null
        || other.held()
        || (other.state() != State.OPEN_SENT && other.state() != State.OPEN_CONFIRM)) {
      return true;
    }
    boolean stays = Collision.stays(session, other, neighbor.routerId());
    (stays ? other : session).giveWay("");
    return stays;
  }
}
