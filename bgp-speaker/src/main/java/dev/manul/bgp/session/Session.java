package dev.manul.bgp.session;

import dev.manul.bgp.session.Action.SendNotification;
import dev.manul.bgp.session.Transport.Dial;
import dev.manul.bgp.session.Transport.DialListener;
import dev.manul.bgp.wire.AttributeFault;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Keepalive;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.FaultAction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One state machine with its timers and its connection. */
final class Session implements DialListener, Link.Listener {
  static final String TIMED_OUT = "connection timed out";

  /** RFC 4271 section 8.2.2 suggests 4 minutes to wait for OPEN. */
  private static final long LARGE_HOLD_MILLIS = 240_000;

  /** How long one attempt to connect may take. */
  private static final long CONNECT_MILLIS = 5_000;

  private final Neighbor neighbor;
  private final Scheduler scheduler;
  private State state = State.IDLE;
  private Link link;
  private Dial dial;
  private boolean dialled;
  private Open sentOpen;
  private Open receivedOpen;
  private Negotiated negotiated;
  private long establishedAt;
  private final SessionTimers timers;

  /** The message that the current event is about. */
  private BgpMessage message;

  /** Whether the routes of a session that ends now may stay as stale ones. */
  private boolean gracefulEnd;

  /** Whether the connection waits in silence for the fate of another one. */
  private boolean held;

  /** What has come over a held connection. */
  private final List<List<DecodeOutcome>> heldBatches = new ArrayList<>();

  Session(Neighbor neighbor, Scheduler scheduler) {
    this.neighbor = neighbor;
    this.scheduler = scheduler;
    this.timers = new SessionTimers(scheduler, this::happened);
  }

  State state() {
    return state;
  }

  Link link() {
    return link;
  }

  /** Whether this end made the connection. */
  boolean dialled() {
    return dialled;
  }

  /** What has been agreed on; null before OpenConfirm. */
  Negotiated negotiated() {
    return negotiated;
  }

  /** The OPEN sent over this connection, or null. */
  Open sentOpen() {
    return sentOpen;
  }

  /** The neighbour's OPEN; null before OpenConfirm. */
  Open receivedOpen() {
    return receivedOpen;
  }

  /** Whether an Established session ends so that its routes may stay. */
  boolean endsGracefully() {
    return gracefulEnd;
  }

  /** How long the session has been Established. */
  long establishedMillis() {
    return (scheduler.nanos() - establishedAt) / 1_000_000;
  }

  boolean connected() {
    return link != null;
  }

  /**
   * Lets an event happen.
   *
   * @param reason for people; "" when it is nothing to be told
   */
  void fire(Event event, String reason) {
    StateMachine.Step step = StateMachine.step(state, event);
    State before = state;
    state = step.next();
    gracefulEnd = isGraceful(event);
    boolean ended = state == State.IDLE || state == State.ACTIVE;
    if (!reason.isEmpty() && (ended || (before == state && state == State.CONNECT))) {
      neighbor.note(reason, before == State.ESTABLISHED);
    }
    if (before != state) {
      neighbor.stateChanged(this, before, ended ? reason : "");
    }
    for (Action action : step.actions()) {
      perform(action, event);
    }
  }

  /** RFC 4724 section 4.2; with RFC 8538 every end is, but for a hard reset. */
  private boolean isGraceful(Event event) {
    boolean notified = negotiated != null && negotiated.notificationRestart();
    return switch (event) {
      case Event.ConnectionFailed e -> true;
      case Event.CollisionDump e -> true;
      case Event.Stop(Notification n) -> notified && !Notifications.endsRoutes(n);
      case Event.AutomaticStop(Notification n) -> notified && !Notifications.endsRoutes(n);
      case Event.NotificationReceived e ->
          notified && !(message instanceof Notification n && Notifications.isHardReset(n));
      default -> notified;
    };
  }

  private void perform(Action action, Event event) {
    switch (action) {
      case SendNotification(Notification notification) -> send(framed(notification));
      case Action.Simple simple -> perform(simple, event);
    }
  }

  /** What removes routes is a hard reset to a neighbour that would else keep them (RFC 8538). */
  private Notification framed(Notification notification) {
    boolean hard =
        negotiated != null
            && negotiated.notificationRestart()
            && Notifications.endsRoutes(notification)
            && !Notifications.isHardReset(notification);
    return hard ? Notifications.hardReset(notification) : notification;
  }

  private void perform(Action.Simple action, Event event) {
    switch (action) {
      case DIAL -> dial = neighbor.dial(this);
      case SEND_OPEN -> {
        sentOpen = neighbor.open();
        send(sentOpen);
      }
      case SEND_KEEPALIVE -> send(new Keepalive());
      case DROP_CONNECTION -> drop();
      case START_CONNECT_RETRY -> startConnectRetry(event);
      case STOP_CONNECT_RETRY -> timers.stopConnectRetry();
      case START_LARGE_HOLD -> timers.startHold(LARGE_HOLD_MILLIS);
      case RESTART_HOLD -> timers.startHold(negotiated.holdTime() * 1000L);
      case RESTART_KEEPALIVE -> startKeepalive();
      case RELEASE -> release();
      case INCREASE_RETRY_COUNTER -> {
        if (!(event instanceof Event.CollisionDump)) {
          neighbor.attemptFailed();
        }
      }
      case RESET_RETRY_COUNTER -> neighbor.resetAttempts();
      case START_IDLE_HOLD ->
          neighbor
              .idleHoldMillis()
              .ifPresent(millis -> timers.startIdleHold(millis, neighbor.passive()));
      case STOP_IDLE_HOLD -> timers.stopIdleHold();
      case SESSION_UP -> {
        establishedAt = scheduler.nanos();
        timers.startSendHold(link, negotiated.holdTime());
        neighbor.sessionUp(this);
      }
      case SESSION_DOWN -> {
        neighbor.sessionDown(
            this, event, message instanceof Notification n ? Optional.of(n) : Optional.empty());
        if (!(event instanceof Event.Stop)) {
          neighbor.damp();
        }
      }
      case PROCESS_MESSAGE -> neighbor.process(message, negotiated);
    }
  }

  /** An event from outside the neighbour: it may change which session is the main one. */
  private void happened(Event event, String reason) {
    fire(event, reason);
    neighbor.connections().arrange();
  }

  private void send(BgpMessage toSend) {
    if (link != null) {
      neighbor.history().countSent(List.of(toSend));
      link.send(List.of(toSend));
    }
  }

  /** Sends something beside the state machine. */
  void sendAll(List<BgpMessage> messages) {
    if (link != null) {
      neighbor.history().countSent(messages);
      link.send(messages);
    }
  }

  private void drop() {
    if (dial != null) {
      dial.cancel();
      dial = null;
    }
    if (link != null) {
      link.close();
      link = null;
    }
    held = false;
    heldBatches.clear();
  }

  private void release() {
    timers.release();
    negotiated = null;
  }

  /** Stops everything; the session must not be used after that. */
  void discard() {
    drop();
    release();
    timers.stopAll();
  }

  private void startConnectRetry(Event cause) {
    timers.stopConnectRetry();
    if (state == State.ACTIVE && neighbor.passive()) {
      return;
    }
    if (state == State.CONNECT) {
      timers.startConnectRetry(CONNECT_MILLIS, TIMED_OUT);
      return;
    }
    if (cause instanceof Event.ConnectionFailed) {
      neighbor.attemptFailed();
    }
    timers.startConnectRetry(neighbor.retryMillis(), "");
  }

  private void startKeepalive() {
    if (negotiated.holdTime() > 0) {
      long millis = neighbor.keepaliveTime(negotiated.holdTime()) * 1000L;
      timers.startKeepalive(neighbor.jittered(millis));
    }
  }

  /** Takes on a connection that the neighbour has made. */
  void accepted(Link incoming) {
    link = incoming;
    dialled = false;
    begin();
  }

  /**
   * Says OPEN, unless the other session may be Established at the neighbour already: a second OPEN
   * might then make the neighbour give up what this end is about to use. So this connection waits
   * in silence until the other one has come up or has failed.
   */
  private void begin() {
    if (neighbor.connections().mustHold(this)) {
      held = true;
    } else {
      fire(new Event.Connected(), "");
    }
  }

  boolean held() {
    return held;
  }

  /** The other connection has failed: goes on with this one. */
  void resume() {
    held = false;
    fire(new Event.Connected(), "");
    List<List<DecodeOutcome>> batches = List.copyOf(heldBatches);
    heldBatches.clear();
    Link from = link;
    batches.forEach(batch -> process(from, batch));
  }

  /** Gives the connection up for the other one. */
  void giveWay(String reason) {
    if (held) {
      send(Notifications.COLLISION);
    }
    fire(new Event.CollisionDump(), reason);
  }

  @Override
  public Link.Listener connected(Link outgoing) {
    dial = null;
    link = outgoing;
    dialled = true;
    begin();
    neighbor.connections().arrange();
    return this;
  }

  @Override
  public void failed(String reason) {
    dial = null;
    happened(new Event.ConnectionFailed(), reason);
  }

  @Override
  public void closed(Link from, String reason) {
    if (isCurrent(from)) {
      link = null;
      held = false;
      heldBatches.clear();
      happened(new Event.ConnectionFailed(), reason);
    }
  }

  @Override
  public void writable(Link from) {
    if (isCurrent(from) && state == State.ESTABLISHED) {
      neighbor.writable();
    }
  }

  @Override
  public void received(Link from, List<DecodeOutcome> batch) {
    if (held && isCurrent(from)) {
      heldBatches.add(batch);
      neighbor.connections().heldSpoke(this, batch);
    } else {
      process(from, batch);
    }
    neighbor.connections().arrange();
  }

  private void process(Link from, List<DecodeOutcome> batch) {
    for (DecodeOutcome outcome : batch) {
      if (!isCurrent(from)) {
        break;
      }
      switch (outcome) {
        case DecodeOutcome.Reset reset -> malformed(reset);
        case DecodeOutcome.Decoded decoded -> decoded(decoded);
      }
    }
    from.consumed(batch.size());
  }

  /** What still comes from a link that has been dropped is not for this session. */
  private boolean isCurrent(Link from) {
    return from.equals(link);
  }

  private void malformed(DecodeOutcome.Reset reset) {
    Notification notification = reset.notification();
    neighbor.history().malformed(notification, reset.reason(), reset.bytes());
    Event event =
        switch (notification.code()) {
          case 2 -> new Event.OpenError(notification);
          case 3 -> new Event.UpdateError(notification);
          default -> new Event.HeaderError(notification);
        };
    fire(event, reset.reason());
  }

  private void decoded(DecodeOutcome.Decoded decoded) {
    neighbor.history().countReceived(decoded.messages());
    for (AttributeFault fault : decoded.faults()) {
      neighbor.history().malformed(fault, decoded.bytes());
      if (fault.action() == FaultAction.DISABLE_FAMILY) {
        fire(new Event.UpdateError(Notifications.of(3, 9)), fault.reason());
        return;
      }
    }
    for (BgpMessage each : decoded.messages()) {
      if (link == null) {
        return;
      }
      message = each;
      fire(each);
      message = null;
    }
  }

  private void fire(BgpMessage received) {
    switch (received) {
      case Open open -> opened(open);
      case Keepalive k -> fire(new Event.KeepaliveReceived(), unexpected("KEEPALIVE"));
      case Notification n -> {
        neighbor.received(n);
        fire(
            Notifications.refusesVersion(n)
                ? new Event.VersionNotification()
                : new Event.NotificationReceived(),
            "received " + Notifications.text(n));
      }
      case BgpMessage.Update u -> fire(new Event.UpdateReceived(), unexpected("UPDATE"));
      case BgpMessage.EndOfRib e -> fire(new Event.UpdateReceived(), unexpected("UPDATE"));
      case BgpMessage.RouteRefresh r ->
          fire(new Event.UpdateReceived(), unexpected("ROUTE-REFRESH"));
    }
  }

  private String unexpected(String what) {
    return "unexpected " + what + " in " + state;
  }

  private void opened(Open open) {
    if (state != State.OPEN_SENT) {
      fire(new Event.OpenReceived(), unexpected("OPEN"));
      return;
    }
    switch (neighbor.judge(sentOpen, open)) {
      case Handshake.Verdict.Refused(Notification notification, String reason) ->
          fire(new Event.OpenError(notification), reason);
      case Handshake.Verdict.Accepted(Negotiated agreed) -> {
        negotiated = agreed;
        receivedOpen = open;
        if (neighbor.connections().survivesCollision(this)) {
          link.negotiated(agreed.decodeContext(), agreed.encodeContext());
          fire(new Event.OpenReceived(), "");
        }
      }
    }
  }

  /** Sends something, so that a connection which is dead at the other end is found out. */
  void probe() {
    send(new Keepalive());
  }
}
