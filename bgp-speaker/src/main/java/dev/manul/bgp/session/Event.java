package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage.Notification;

/** What happens to a session: the events of RFC 4271 section 8.1, by number. */
public sealed interface Event {

  /**
   * Events 1, 3, 4 and 5.
   *
   * @param passive true to wait for the neighbour's connection
   */
  record Start(boolean passive) implements Event {}

  /**
   * Event 2: the operator ends the session, and it stays down.
   *
   * @param notification the Cease to send
   */
  record Stop(Notification notification) implements Event {}

  /**
   * Event 8: something beside the protocol ends the session; it may start again by itself.
   *
   * @param notification the Cease to send
   */
  record AutomaticStop(Notification notification) implements Event {}

  /** Event 9. */
  record ConnectRetryExpired() implements Event {}

  /** Event 10. */
  record HoldExpired() implements Event {}

  /** Event 11. */
  record KeepaliveExpired() implements Event {}

  /**
   * Event 13.
   *
   * @param passive true to wait for the neighbour's connection
   */
  record IdleHoldExpired(boolean passive) implements Event {}

  /** Events 16 and 17: a TCP connection is there, dialled or accepted. */
  record Connected() implements Event {}

  /** Event 18: it could not be made, or it has ended. */
  record ConnectionFailed() implements Event {}

  /** Event 19: a valid OPEN has come. */
  record OpenReceived() implements Event {}

  /**
   * Event 21.
   *
   * @param notification what to answer
   */
  record HeaderError(Notification notification) implements Event {}

  /**
   * Event 22.
   *
   * @param notification what to answer
   */
  record OpenError(Notification notification) implements Event {}

  /** Event 23: this connection loses a collision. */
  record CollisionDump() implements Event {}

  /** Event 24: the neighbour refuses our version. */
  record VersionNotification() implements Event {}

  /** Event 25: any other NOTIFICATION. */
  record NotificationReceived() implements Event {}

  /** Event 26. */
  record KeepaliveReceived() implements Event {}

  /** Event 27, and ROUTE-REFRESH (RFC 2918), which is allowed where UPDATE is. */
  record UpdateReceived() implements Event {}

  /**
   * Event 28.
   *
   * @param notification what to answer
   */
  record UpdateError(Notification notification) implements Event {}

  /** Event 29 (RFC 9687): the neighbour has stopped reading. */
  record SendHoldExpired() implements Event {}
}
