package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage.Notification;

/** What a transition of {@link StateMachine} asks for. */
public sealed interface Action {

  /** Sends a NOTIFICATION. */
  record SendNotification(Notification notification) implements Action {}

  /** Actions without parameters. */
  enum Simple implements Action {
    /** Starts a TCP connection. */
    DIAL,
    SEND_OPEN,
    SEND_KEEPALIVE,
    /** Ends the TCP connection, or the attempt, after what has been sent. */
    DROP_CONNECTION,
    /** Starts or restarts the connect-retry timer. */
    START_CONNECT_RETRY,
    STOP_CONNECT_RETRY,
    /** Sets the hold timer to the large value that guards the wait for OPEN. */
    START_LARGE_HOLD,
    /** Starts or restarts the hold timer with the negotiated time; nothing when that is 0. */
    RESTART_HOLD,
    /** Starts or restarts the keepalive timer; nothing when the negotiated hold time is 0. */
    RESTART_KEEPALIVE,
    /** Stops hold, keepalive and send-hold timers and forgets what was negotiated. */
    RELEASE,
    /** Counts a failed session or attempt, which lengthens the next idle hold. */
    INCREASE_RETRY_COUNTER,
    RESET_RETRY_COUNTER,
    /** Starts the timer after which an Idle session starts again by itself. */
    START_IDLE_HOLD,
    STOP_IDLE_HOLD,
    /** The session has come up: routes may flow. */
    SESSION_UP,
    /** An Established session has ended: its routes go, or go stale. */
    SESSION_DOWN,
    /** The message that caused the event is to be processed. */
    PROCESS_MESSAGE
  }
}
