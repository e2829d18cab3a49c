package dev.manul.bgp.session;

import static dev.manul.bgp.session.Action.Simple.DIAL;
import static dev.manul.bgp.session.Action.Simple.DROP_CONNECTION;
import static dev.manul.bgp.session.Action.Simple.INCREASE_RETRY_COUNTER;
import static dev.manul.bgp.session.Action.Simple.PROCESS_MESSAGE;
import static dev.manul.bgp.session.Action.Simple.RELEASE;
import static dev.manul.bgp.session.Action.Simple.RESET_RETRY_COUNTER;
import static dev.manul.bgp.session.Action.Simple.RESTART_HOLD;
import static dev.manul.bgp.session.Action.Simple.RESTART_KEEPALIVE;
import static dev.manul.bgp.session.Action.Simple.SEND_KEEPALIVE;
import static dev.manul.bgp.session.Action.Simple.SEND_OPEN;
import static dev.manul.bgp.session.Action.Simple.SESSION_DOWN;
import static dev.manul.bgp.session.Action.Simple.SESSION_UP;
import static dev.manul.bgp.session.Action.Simple.START_CONNECT_RETRY;
import static dev.manul.bgp.session.Action.Simple.START_IDLE_HOLD;
import static dev.manul.bgp.session.Action.Simple.START_LARGE_HOLD;
import static dev.manul.bgp.session.Action.Simple.STOP_CONNECT_RETRY;
import static dev.manul.bgp.session.Action.Simple.STOP_IDLE_HOLD;
import static dev.manul.bgp.session.State.ACTIVE;
import static dev.manul.bgp.session.State.CONNECT;
import static dev.manul.bgp.session.State.ESTABLISHED;
import static dev.manul.bgp.session.State.IDLE;
import static dev.manul.bgp.session.State.OPEN_CONFIRM;
import static dev.manul.bgp.session.State.OPEN_SENT;

import dev.manul.bgp.session.Action.SendNotification;
import dev.manul.bgp.wire.BgpMessage.Notification;
import java.util.ArrayList;
import java.util.List;

/**
 * The state machine of RFC 4271 section 8.2.2, as a pure function.
 *
 * <p>DelayOpen is left out. DampPeerOscillations is always on: whatever ends a session, except an
 * operator, starts the idle-hold timer. One departure from the text: a NOTIFICATION in OpenSent is
 * not answered with another one, since section 6.4 has no answer to NOTIFICATION at all.
 */
public final class StateMachine {

  private StateMachine() {}

  /**
   * A transition.
   *
   * @param actions what to do, in this order, after {@code next} has been taken on
   */
  public record Step(State next, List<Action> actions) {
    public Step {
      actions = List.copyOf(actions);
    }

    private static Step to(State next, Action... actions) {
      return new Step(next, List.of(actions));
    }
  }

  /** The transition for {@code event} in {@code state}. */
  public static Step step(State state, Event event) {
    return switch (state) {
      case IDLE -> idle(event);
      case CONNECT -> connect(event);
      case ACTIVE -> active(event);
      case OPEN_SENT -> openSent(event);
      case OPEN_CONFIRM -> openConfirm(event);
      case ESTABLISHED -> established(event);
    };
  }

  private static Step idle(Event event) {
    return switch (event) {
      case Event.Start(boolean passive) -> start(passive, RESET_RETRY_COUNTER);
      case Event.IdleHoldExpired(boolean passive) -> start(passive, STOP_IDLE_HOLD);
      case Event.Stop stop -> Step.to(IDLE, STOP_IDLE_HOLD, RESET_RETRY_COUNTER);
      default -> Step.to(IDLE);
    };
  }

  private static Step start(boolean passive, Action first) {
    return passive
        ? Step.to(ACTIVE, first, STOP_IDLE_HOLD, START_CONNECT_RETRY)
        : Step.to(CONNECT, first, STOP_IDLE_HOLD, START_CONNECT_RETRY, DIAL);
  }

  private static Step connect(Event event) {
    return switch (event) {
      case Event.Start start -> Step.to(CONNECT);
      case Event.Stop stop -> stopped();
      case Event.ConnectRetryExpired e ->
          Step.to(CONNECT, DROP_CONNECTION, START_CONNECT_RETRY, DIAL);
      case Event.Connected e -> Step.to(OPEN_SENT, STOP_CONNECT_RETRY, SEND_OPEN, START_LARGE_HOLD);
      default -> failed();
    };
  }

  private static Step active(Event event) {
    return switch (event) {
      case Event.Start start -> Step.to(ACTIVE);
      case Event.Stop stop -> stopped();
      case Event.ConnectRetryExpired e -> Step.to(CONNECT, START_CONNECT_RETRY, DIAL);
      case Event.Connected e -> Step.to(OPEN_SENT, STOP_CONNECT_RETRY, SEND_OPEN, START_LARGE_HOLD);
      default -> failed();
    };
  }

  private static Step openSent(Event event) {
    return switch (event) {
      case Event.Start start -> Step.to(OPEN_SENT);
      case Event.Connected e -> Step.to(OPEN_SENT);
      case Event.Stop(Notification notification) -> stopped(notification);
      case Event.HoldExpired e -> failed(Notifications.HOLD_TIMER_EXPIRED);
      case Event.ConnectionFailed e ->
          Step.to(ACTIVE, DROP_CONNECTION, RELEASE, START_CONNECT_RETRY);
      case Event.OpenReceived e ->
          Step.to(
              OPEN_CONFIRM, STOP_CONNECT_RETRY, SEND_KEEPALIVE, RESTART_KEEPALIVE, RESTART_HOLD);
      case Event.HeaderError(Notification notification) -> failed(notification);
      case Event.OpenError(Notification notification) -> failed(notification);
      case Event.AutomaticStop(Notification notification) -> failed(notification);
      case Event.CollisionDump e -> failed(Notifications.COLLISION);
      case Event.VersionNotification e -> failed();
      case Event.NotificationReceived e -> failed();
      case Event.SendHoldExpired e -> failed();
      default -> failed(Notifications.unexpectedIn(OPEN_SENT));
    };
  }

  private static Step openConfirm(Event event) {
    return switch (event) {
      case Event.Start start -> Step.to(OPEN_CONFIRM);
      case Event.Connected e -> Step.to(OPEN_CONFIRM);
      case Event.Stop(Notification notification) -> stopped(notification);
      case Event.HoldExpired e -> failed(Notifications.HOLD_TIMER_EXPIRED);
      case Event.KeepaliveExpired e -> Step.to(OPEN_CONFIRM, SEND_KEEPALIVE, RESTART_KEEPALIVE);
      case Event.KeepaliveReceived e -> Step.to(ESTABLISHED, RESTART_HOLD, SESSION_UP);
      case Event.HeaderError(Notification notification) -> failed(notification);
      case Event.OpenError(Notification notification) -> failed(notification);
      case Event.AutomaticStop(Notification notification) -> failed(notification);
      case Event.CollisionDump e -> failed(Notifications.COLLISION);
      case Event.ConnectionFailed e -> failed();
      case Event.VersionNotification e -> failed();
      case Event.NotificationReceived e -> failed();
      case Event.SendHoldExpired e -> failed();
      default -> failed(Notifications.unexpectedIn(OPEN_CONFIRM));
    };
  }

  private static Step established(Event event) {
    return switch (event) {
      case Event.Start start -> Step.to(ESTABLISHED);
      case Event.Connected e -> Step.to(ESTABLISHED);
      case Event.KeepaliveExpired e -> Step.to(ESTABLISHED, SEND_KEEPALIVE, RESTART_KEEPALIVE);
      case Event.KeepaliveReceived e -> Step.to(ESTABLISHED, RESTART_HOLD);
      case Event.UpdateReceived e -> Step.to(ESTABLISHED, RESTART_HOLD, PROCESS_MESSAGE);
      case Event.Stop(Notification notification) -> down(stopped(notification));
      case Event.HoldExpired e -> down(failed(Notifications.HOLD_TIMER_EXPIRED));
      case Event.HeaderError(Notification notification) -> down(failed(notification));
      case Event.OpenError(Notification notification) -> down(failed(notification));
      case Event.UpdateError(Notification notification) -> down(failed(notification));
      case Event.AutomaticStop(Notification notification) -> down(failed(notification));
      case Event.CollisionDump e -> down(failed(Notifications.COLLISION));
      case Event.ConnectionFailed e -> down(failed());
      case Event.VersionNotification e -> down(failed());
      case Event.NotificationReceived e -> down(failed());
      case Event.SendHoldExpired e -> down(failed());
      default -> down(failed(Notifications.unexpectedIn(ESTABLISHED)));
    };
  }

  /** An operator has ended it before there was anybody to tell. */
  private static Step stopped() {
    return Step.to(IDLE, STOP_CONNECT_RETRY, DROP_CONNECTION, RELEASE, RESET_RETRY_COUNTER);
  }

  private static Step stopped(Notification notification) {
    return Step.to(
        IDLE,
        new SendNotification(notification),
        STOP_CONNECT_RETRY,
        DROP_CONNECTION,
        RELEASE,
        RESET_RETRY_COUNTER);
  }

  private static Step failed() {
    return Step.to(
        IDLE,
        STOP_CONNECT_RETRY,
        DROP_CONNECTION,
        RELEASE,
        INCREASE_RETRY_COUNTER,
        START_IDLE_HOLD);
  }

  private static Step failed(Notification notification) {
    return with(new SendNotification(notification), failed());
  }

  /** Routes go before the session's parameters are forgotten. */
  private static Step down(Step step) {
    return with(SESSION_DOWN, step);
  }

  private static Step with(Action first, Step step) {
    List<Action> actions = new ArrayList<>();
    actions.add(first);
    actions.addAll(step.actions());
    return new Step(step.next(), actions);
  }
}
