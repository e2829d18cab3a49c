package dev.manul.bgp.bfd;

import dev.manul.bgp.BfdSettings;
import java.util.function.DoubleSupplier;

/**
 * One session, RFC 5880 section 6.8, without clock and sockets: who calls it says what time it is
 * (in nanoseconds), looks after {@link #due}, and carries what {@link Output} is told.
 */
final class BfdSession {
  /** What {@link #due} is when nothing is. */
  static final long NEVER = Long.MAX_VALUE;

  /** Section 6.8.3: a session that is not up sends no faster than this, in microseconds. */
  static final long SLOW = 1_000_000;

  private final int mine;
  private final DoubleSupplier random;
  private final Output output;
  private BfdSettings settings;

  private BfdState state = BfdState.DOWN;
  private BfdDiagnostic diagnostic = BfdDiagnostic.NONE;
  private int yours;
  private BfdState remoteState = BfdState.DOWN;
  private boolean remoteDemand;
  private int remoteMultiplier;
  private long remoteDesiredTx;
  private long remoteRequiredRx = 1;

  /** What packets say, while the intervals in use may still be the former ones. */
  private long desiredTx = SLOW;

  private long requiredRx;
  private long usedTx = SLOW;
  private long usedRx;
  private boolean polling;

  private boolean heard;
  private long heardAt;
  private boolean sentAny;
  private long sentAt;
  private long nextSend;

  /** What a session does. Called from within the session's own methods. */
  interface Output {
    void send(BfdPacket packet);

    /** The state has changed; the reason is the session's diagnostic. */
    void changed(BfdState from, BfdState to);
  }

  /**
   * A session that is down and sends its first packet when it is first asked.
   *
   * @param mine our number for it, not 0
   * @param random gives numbers within 0 (inclusive) and 1, for jitter
   */
  BfdSession(int mine, BfdSettings settings, DoubleSupplier random, Output output, long now) {
    this.mine = mine;
    this.settings = settings;
    this.random = random;
    this.output = output;
    this.nextSend = now;
    this.requiredRx = settings.minRxMillis() * 1000L;
    this.usedRx = requiredRx;
    this.desiredTx = Math.max(SLOW, wantedTx());
    this.usedTx = desiredTx;
  }

  BfdState state() {
    return state;
  }

  /** Why it last went down. */
  BfdDiagnostic diagnostic() {
    return diagnostic;
  }

  int mine() {
    return mine;
  }

  /** The neighbour's number for the session; 0 while it is not known. */
  int yours() {
    return yours;
  }

  BfdState remoteState() {
    return remoteState;
  }

  /** Microseconds between our packets, before jitter; 0 when none are sent periodically. */
  long transmitInterval() {
    return silent() ? 0 : Math.max(usedTx, remoteRequiredRx);
  }

  /** After how many microseconds of silence the neighbour is given up; 0 before it was heard. */
  long detectionTime() {
    return remoteMultiplier * Math.max(usedRx, remoteDesiredTx);
  }

  private long wantedTx() {
    return settings.minTxMillis() * 1000L;
  }

  /** Sections 6.8.7: the neighbour receives nothing, or wants to ask itself (demand mode). */
  private boolean silent() {
    boolean demanded =
        remoteDemand && state == BfdState.UP && remoteState == BfdState.UP && !polling;
    return remoteRequiredRx == 0 || demanded;
  }

  /** Takes other settings on; the intervals in use follow as section 6.8.3 allows. */
  void configure(BfdSettings changed, long now) {
    settings = changed;
    requiredRx = changed.minRxMillis() * 1000L;
    desiredTx = state == BfdState.UP ? wantedTx() : Math.max(SLOW, wantedTx());
    negotiate(now);
  }

  /** Section 6.8.16: says that the session is not wanted any more, which is no failure. */
  void leave(long now) {
    if (state != BfdState.ADMIN_DOWN) {
      diagnostic = BfdDiagnostic.ADMINISTRATIVELY_DOWN;
      change(BfdState.ADMIN_DOWN, now);
    }
  }

  /** When {@link #tick} is to be called next. */
  long due() {
    long send = silent() ? NEVER : nextSend;
    return Math.min(send, heard ? heardAt + detectionTime() * 1000 : NEVER);
  }

  /** Does what is due: gives a silent neighbour up, sends what is to be sent now. */
  void tick(long now) {
    if (heard && now - heardAt >= detectionTime() * 1000) {
      heard = false;
      yours = 0;
      remoteState = BfdState.DOWN;
      polling = false;
      // The neighbour may come back as another one, of which nothing is known.
      remoteDemand = false;
      remoteRequiredRx = 1;
      if (state == BfdState.INIT || state == BfdState.UP) {
        diagnostic = BfdDiagnostic.DETECTION_TIME_EXPIRED;
        change(BfdState.DOWN, now);
      }
    }
    if (!silent() && now - nextSend >= 0) {
      send(polling, false, now);
    }
  }

  /** A packet has come whose {@code yours} is our number, or 0. */
  void receive(BfdPacket packet, long now) {
    if (packet.yours() == 0
        && packet.state() != BfdState.DOWN
        && packet.state() != BfdState.ADMIN_DOWN) {
      return;
    }
    yours = packet.mine();
    remoteState = packet.state();
    remoteDemand = packet.demand();
    remoteMultiplier = packet.multiplier();
    remoteDesiredTx = packet.desiredMinTx();
    remoteRequiredRx = packet.requiredMinRx();
    if (polling && packet.finalBit()) {
      polling = false;
      usedTx = desiredTx;
      usedRx = requiredRx;
    }
    heard = true;
    heardAt = now;
    if (state == BfdState.ADMIN_DOWN) {
      return;
    }
    BfdState next = state.next(packet.state());
    if (next != state) {
      if (next == BfdState.DOWN) {
        diagnostic = BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN;
      } else if (next == BfdState.UP) {
        diagnostic = BfdDiagnostic.NONE;
      }
      change(next, now);
    }
    if (packet.poll()) {
      send(false, true, now);
    }
    sendNoLater(now);
  }

  private void change(BfdState next, long now) {
    BfdState before = state;
    state = next;
    desiredTx = next == BfdState.UP ? wantedTx() : Math.max(SLOW, wantedTx());
    negotiate(now);
    // Section 6.8.7: what has changed may be told at once, which brings both ends up faster.
    if (!silent()) {
      send(polling, false, now);
    }
    output.changed(before, next);
  }

  /**
   * Takes on what may be taken on now (section 6.8.3): while the session is up, slower sending and
   * faster detection wait until the neighbour has heard of them.
   */
  private void negotiate(long now) {
    if (state != BfdState.UP) {
      polling = false;
      usedTx = desiredTx;
      usedRx = requiredRx;
    } else {
      polling = true;
      usedTx = Math.min(usedTx, desiredTx);
      usedRx = Math.max(usedRx, requiredRx);
    }
    sendNoLater(now);
  }

  /** An interval that has become shorter counts from the last packet on. */
  private void sendNoLater(long now) {
    if (sentAny) {
      long latest = sentAt + Math.max(usedTx, remoteRequiredRx) * 1000;
      if (nextSend - latest > 0) {
        nextSend = Math.max(now, latest);
      }
    }
  }

  private void send(boolean poll, boolean finalBit, long now) {
    sentAny = true;
    sentAt = now;
    nextSend = now + jittered(Math.max(usedTx, remoteRequiredRx) * 1000);
    output.send(
        new BfdPacket(
            diagnostic,
            state,
            poll,
            finalBit,
            false,
            settings.multiplier(),
            mine,
            yours,
            desiredTx,
            requiredRx));
  }

  /**
   * Section 6.8.7: 75 to 100 per cent of the interval, and 90 at most when one loss is too many.
   */
  private long jittered(long nanos) {
    double most = settings.multiplier() == 1 ? 0.15 : 0.25;
    return (long) (nanos * (0.75 + most * random.getAsDouble()));
  }
}
