package dev.manul.bgp.session;

import dev.manul.bgp.session.Scheduler.Timer;
import java.util.function.BiConsumer;

/** The timers of one session (RFC 4271 section 8.1.3, RFC 9687). */
final class SessionTimers {

  /** RFC 9687 section 4: the longer of 8 minutes and twice the hold time. */
  private static final long SEND_HOLD_MILLIS = 480_000;

  private final Scheduler scheduler;

  /** Takes events with their reasons. */
  private final BiConsumer<Event, String> happened;

  private Timer connectRetry;
  private Timer hold;
  private Timer keepalive;
  private Timer idleHold;
  private Timer sendHold;
  private long heardAt;
  private long holdMillis;

  SessionTimers(Scheduler scheduler, BiConsumer<Event, String> happened) {
    this.scheduler = scheduler;
    this.happened = happened;
  }

  void startConnectRetry(long millis, String reason) {
    stopConnectRetry();
    connectRetry =
        scheduler.schedule(millis, () -> happened.accept(new Event.ConnectRetryExpired(), reason));
  }

  void stopConnectRetry() {
    connectRetry = stop(connectRetry);
  }

  void startIdleHold(long millis, boolean passive) {
    stopIdleHold();
    idleHold =
        scheduler.schedule(millis, () -> happened.accept(new Event.IdleHoldExpired(passive), ""));
  }

  void stopIdleHold() {
    idleHold = stop(idleHold);
  }

  /** A new deadline; the timer itself moves only when it fires too early. */
  void startHold(long millis) {
    heardAt = scheduler.nanos();
    if (millis != holdMillis || hold == null) {
      hold = stop(hold);
      holdMillis = millis;
      if (millis > 0) {
        hold = scheduler.schedule(millis, this::checkHold);
      }
    }
  }

  private void checkHold() {
    long left = holdMillis - (scheduler.nanos() - heardAt) / 1_000_000;
    if (left > 0) {
      hold = scheduler.schedule(left, this::checkHold);
    } else {
      happened.accept(new Event.HoldExpired(), "hold timer expired");
    }
  }

  void startKeepalive(long millis) {
    keepalive = stop(keepalive);
    keepalive = scheduler.schedule(millis, () -> happened.accept(new Event.KeepaliveExpired(), ""));
  }

  /** Fires when what waits to be sent does not get less. */
  void startSendHold(Link link, long holdTime) {
    sendHold = stop(sendHold);
    long writtenBefore = link.written();
    boolean waiting = link.pending() > 0;
    sendHold =
        scheduler.schedule(
            Math.max(SEND_HOLD_MILLIS, holdTime * 2000L),
            () -> {
              if (waiting && link.written() == writtenBefore) {
                happened.accept(new Event.SendHoldExpired(), "neighbor has stopped reading");
              } else {
                startSendHold(link, holdTime);
              }
            });
  }

  /** Stops those of a connection. */
  void release() {
    hold = stop(hold);
    keepalive = stop(keepalive);
    sendHold = stop(sendHold);
    holdMillis = 0;
  }

  void stopAll() {
    release();
    stopConnectRetry();
    stopIdleHold();
  }

  private static Timer stop(Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
    return null;
  }
}
