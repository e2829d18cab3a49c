package dev.manul.bgp.bfd;

import dev.manul.bgp.BfdSettings;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session with its timer and its sockets. On the service's thread, but for {@link #status}. */
final class WatchedPeer implements BfdSession.Output {
  private static final Logger log = LoggerFactory.getLogger(WatchedPeer.class);

  private final BfdService service;
  private BfdPeer peer;
  private final int port;
  private final BfdSession session;
  private BfdSockets.Sender sender;
  private ScheduledFuture<?> timer;
  private long timerDue = BfdSession.NEVER;
  private long watch;

  /** Whether a failure is news: the neighbour has been heard since it is watched for the caller. */
  private boolean armed;

  private Instant since = Instant.now();
  private long packetsIn;
  private long packetsOut;
  private int flaps;
  private volatile BfdStatus status;

  WatchedPeer(BfdService service, BfdPeer peer, int discriminator, long watch) {
    this.service = service;
    this.peer = peer;
    this.port = peer.port();
    this.watch = watch;
    this.session =
        new BfdSession(discriminator, peer.settings(), service::random, this, System.nanoTime());
    publish();
  }

  BfdPeer peer() {
    return peer;
  }

  int port() {
    return port;
  }

  BfdSession session() {
    return session;
  }

  BfdStatus status() {
    return status;
  }

  void start(BfdSockets sockets) {
    sender = sockets.open(peer, port);
    tick();
  }

  void watch(BfdSettings settings, long number) {
    watch = number;
    armed = false;
    if (!settings.equals(peer.settings())) {
      peer = new BfdPeer(peer.remote(), peer.local(), settings);
      session.configure(settings, System.nanoTime());
      plan();
    }
  }

  void leave() {
    armed = false;
    session.leave(System.nanoTime());
  }

  void end(BfdSockets sockets) {
    if (timer != null) {
      timer.cancel(false);
    }
    sockets.release(sender);
    sender = null;
  }

  void received(BfdPacket packet) {
    packetsIn++;
    session.receive(packet, System.nanoTime());
    if (session.state() == BfdState.UP && packet.state() == BfdState.UP) {
      armed = true;
    }
    plan();
    publish();
  }

  private void tick() {
    timerDue = BfdSession.NEVER;
    session.tick(System.nanoTime());
    plan();
    publish();
  }

  /** A timer that is set stays, unless it is late: it finds out by itself that nothing is due. */
  private void plan() {
    long due = session.due();
    if (sender == null || due >= timerDue) {
      return;
    }
    if (timer != null) {
      timer.cancel(false);
    }
    timerDue = due;
    long wait = Math.max(0, due - System.nanoTime());
    timer = service.loop().schedule(this::tick, wait, TimeUnit.NANOSECONDS);
  }

  @Override
  public void send(BfdPacket packet) {
    if (sender != null) {
      packetsOut++;
      sender.send(packet);
    }
  }

  @Override
  public void changed(BfdState from, BfdState to) {
    since = Instant.now();
    log.info(
        "bfd session peer={} from={} to={} reason=\"{}\" detectionMicros={}",
        peer.remote(),
        from,
        to,
        session.diagnostic(),
        session.detectionTime());
    if (from == BfdState.UP) {
      flaps++;
      // A neighbour that takes its session away on purpose forwards as before (RFC 5882 section
      // 3.2).
      if (to == BfdState.DOWN && armed && session.remoteState() != BfdState.ADMIN_DOWN) {
        service.tellDown(peer.remote(), watch, session.diagnostic());
      }
      armed = false;
    }
    publish();
  }

  private void publish() {
    status =
        new BfdStatus(
            session.state(),
            session.remoteState(),
            session.diagnostic(),
            since,
            port == BfdPeer.MULTIHOP_PORT,
            session.mine(),
            session.yours(),
            session.transmitInterval(),
            session.detectionTime(),
            packetsIn,
            packetsOut,
            flaps,
            sender == null ? "" : sender.problem());
  }
}
