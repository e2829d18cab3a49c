package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.NeighborDetail;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.rib.RibPeer;
import dev.manul.bgp.session.Scheduler.Timer;
import dev.manul.bgp.session.Transport.Dial;
import dev.manul.bgp.session.Transport.DialListener;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.bgp.wire.Family;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A configured neighbour: its sessions, what has become of them, and graceful restart in both roles
 * (RFC 4724).
 */
public final class Neighbor {
  private static final Logger log = LoggerFactory.getLogger(Neighbor.class);

  /** How long stale routes may wait for End-of-RIB once the neighbour is back. */
  private static final long STALE_MILLIS = 180_000;

  /**
   * Within this time after a session has come up, a second connection is one that was under way
   * already; after it, the neighbour has started anew.
   */
  private static final long COLLISION_MILLIS = 2_000;

  /** A neighbour that does not know End-of-RIB has sent all when it is quiet for so long. */
  private static final long QUIET_MILLIS = 1_000;

  /** A session that has lasted so long shows that the next attempt may come at once. */
  private static final long STEADY_MILLIS = 10_000;

  private final NeighborHost host;
  private final Scheduler scheduler;
  private final RibPeer ribPeer;
  private NeighborConfiguration configuration;
  private Session main;

  /** A second connection, while it is not decided which one stays; else null. */
  private Session second;

  private boolean hasBeenUp;
  private final BackOff backOff;
  private final Set<Family> awaited = new HashSet<>();
  private boolean updatesSinceQuietCheck;
  private Timer restart;
  private Timer quiet;

  private Instant since;
  private String lastError = "";
  private Optional<Instant> lastErrorAt = Optional.empty();
  private Optional<Ipv4Address> remoteId = Optional.empty();
  private List<Capability> sent = List.of();
  private List<Capability> received = List.of();
  private int flaps;
  private long messagesIn;
  private long messagesOut;
  private long malformed;

  public Neighbor(NeighborHost host, NeighborConfiguration configuration) {
    this.host = host;
    this.scheduler = host.scheduler();
    this.configuration = configuration;
    this.ribPeer = RibPeer.neighbor(configuration.address());
    this.backOff = new BackOff(host::random);
    this.main = new Session(this, scheduler);
    this.since = scheduler.now();
  }

  public NeighborConfiguration configuration() {
    return configuration;
  }

  public RibPeer ribPeer() {
    return ribPeer;
  }

  Address address() {
    return configuration.address();
  }

  boolean passive() {
    return configuration.passive();
  }

  /** Whether a session is Established. */
  public boolean established() {
    return main.state() == State.ESTABLISHED;
  }

  /** Starts to connect, or to wait for the neighbour. */
  public void start() {
    main.fire(new Event.Start(passive()), "");
  }

  /** Ends the session with a Cease; routes go, and the neighbour must not be used after that. */
  public void stop(Notification notification) {
    if (second != null) {
      second.fire(new Event.Stop(notification), "");
      second.discard();
      second = null;
    }
    main.fire(new Event.Stop(notification), "");
    forget();
  }

  /** Drops the connection without a word, so that the neighbour keeps our routes. */
  public void abandon() {
    if (second != null) {
      second.discard();
      second = null;
    }
    main.discard();
    cancelTimers();
  }

  private void forget() {
    main.discard();
    cancelTimers();
    host.rib().peerDown(ribPeer, Set.of());
  }

  private void cancelTimers() {
    if (restart != null) {
      restart.cancel();
      restart = null;
    }
    if (quiet != null) {
      quiet.cancel();
      quiet = null;
    }
  }

  /** Takes on a changed configuration of the same address; ends the session if it must. */
  public void reconfigure(NeighborConfiguration changed) {
    NeighborConfiguration before = configuration;
    configuration = changed;
    List<String> reasons = ConfigurationChange.needingReset(before, changed);
    if (reasons.isEmpty()) {
      if (before.passive() != changed.passive() && !established()) {
        restartSession("passive changed");
      }
      return;
    }
    log.info("session reset peer={} changed={}", address(), reasons);
    restartSession("configuration changed: " + String.join(", ", reasons));
  }

  /** With graceful restart on both sides, the routes stay while the session comes up anew. */
  private void restartSession(String reason) {
    boolean keep = established() && !main.negotiated().keepable().isEmpty();
    if (second != null) {
      second.fire(new Event.Stop(Notifications.CONFIGURATION_CHANGE), reason);
      second.discard();
      second = null;
    }
    if (keep) {
      main.fire(new Event.ConnectionFailed(), reason);
    } else {
      main.fire(new Event.Stop(Notifications.CONFIGURATION_CHANGE), reason);
    }
    main.discard();
    main = new Session(this, scheduler);
    backOff.reset();
    main.fire(new Event.Start(passive()), "");
  }

  /**
   * Takes a connection that the neighbour has made.
   *
   * @return who hears of it
   */
  public Link.Listener accept(Link link) {
    if (main.state() == State.IDLE) {
      main.fire(new Event.IdleHoldExpired(true), "");
    }
    Session session = main;
    if (main.state() != State.ACTIVE) {
      if (second != null) {
        second.giveWay("");
        second.discard();
      }
      second = new Session(this, scheduler);
      second.fire(new Event.Start(true), "");
      session = second;
    }
    session.accepted(link);
    return session;
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
        stateChanged(main, State.IDLE, "");
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

  private Session other(Session session) {
    return session == main ? second : main;
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
            && batch.stream().anyMatch(this::isGoodOpen);
    if (restarted) {
      log.info("neighbor has restarted peer={}", address());
      other.fire(new Event.ConnectionFailed(), "neighbor has restarted");
    } else {
      other.probe(); // if nobody is there any more, the answer is a reset
      session.giveWay("");
    }
  }

  private boolean isGoodOpen(DecodeOutcome outcome) {
    return outcome instanceof DecodeOutcome.Decoded decoded
        && !decoded.messages().isEmpty()
        && decoded.messages().getFirst() instanceof Open theirs
        && Handshake.judge(configuration, open(), theirs) instanceof Handshake.Verdict.Accepted;
  }

  /**
   * Decides, when a session has got its OPEN, which of two connections stays (RFC 4271 section
   * 6.8); the other one is ended. The identifier of the neighbour is known from this OPEN, so that
   * a connection which still waits for its own takes part, too: both ends decide before either has
   * sent a KEEPALIVE.
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
    boolean stays = Collision.stays(session, other, host.routerId());
    (stays ? other : session).giveWay("");
    return stays;
  }

  Dial dial(DialListener listener) {
    return host.transport().dial(configuration, listener);
  }

  Open open() {
    Open open =
        Handshake.open(
            configuration,
            host.asNumber(),
            host.routerId(),
            host.restarting() && !hasBeenUp,
            host.forwardingKept() || hasBeenUp);
    sent = open.capabilities();
    return open;
  }

  Handshake.Verdict judge(Open ours, Open theirs) {
    remoteId = Optional.of(theirs.routerId());
    received = theirs.capabilities();
    return Handshake.judge(configuration, ours, theirs);
  }

  void sessionUp(Session session) {
    Negotiated agreed = session.negotiated();
    Session other = other(session);
    if (other != null) {
      other.giveWay("");
    }
    hasBeenUp = true;
    cancelTimers();
    host.rib()
        .peerUp(
            ribPeer,
            LinkOutlet.describe(session, configuration, host.routerId(), host.transit(this)),
            agreed.forwarding(),
            new LinkOutlet(session.link(), agreed, this::countSent));
    if (ribPeer.hasStale()) {
      restart = scheduler.schedule(STALE_MILLIS, () -> flushStale("no End-of-RIB"));
    }
    awaited.clear();
    awaited.addAll(agreed.families());
    if (!agreed.endOfRib()) {
      updatesSinceQuietCheck = false;
      quiet = scheduler.schedule(QUIET_MILLIS, this::checkQuiet);
    } else if (agreed.restarting() && host.restarting() && host.transit(this)) {
      host.complete(this); // both would wait for each other's End-of-RIB
    }
    log.info(
        "session up peer={} as={} id={} holdTime={} families={} dialled={}",
        address(),
        agreed.remoteAs(),
        agreed.remoteId(),
        agreed.holdTime(),
        agreed.families(),
        session.dialled());
  }

  void sessionDown(Session session) {
    cancelTimers();
    Negotiated agreed = session.negotiated();
    Set<Family> keep = session.endsGracefully() ? agreed.keepable() : Set.of();
    host.rib().peerDown(ribPeer, keep);
    if (ribPeer.hasStale()) {
      restart =
          scheduler.schedule(
              agreed.restartTime() * 1000L, () -> flushStale("restart time is over"));
    }
    flaps++;
    if (session.establishedMillis() >= STEADY_MILLIS) {
      backOff.reset();
    }
    log.info(
        "session down peer={} reason=\"{}\" routes={}",
        address(),
        lastError,
        ribPeer.hasStale() ? "kept as stale" : "removed");
  }

  private void flushStale(String reason) {
    log.info("stale routes removed peer={} reason=\"{}\"", address(), reason);
    restart = null;
    for (Family family : configuration.families()) {
      host.rib().flushStale(ribPeer, family);
    }
  }

  private void checkQuiet() {
    if (updatesSinceQuietCheck) {
      updatesSinceQuietCheck = false;
      quiet = scheduler.schedule(QUIET_MILLIS, this::checkQuiet);
    } else {
      quiet = null;
      awaited.clear();
      host.complete(this);
    }
  }

  /** Deals with a message of an Established session. */
  void process(BgpMessage message) {
    switch (message) {
      case Update update -> {
        updatesSinceQuietCheck = true;
        host.rib().update(ribPeer, update);
      }
      case EndOfRib(Family family) -> {
        host.rib().endOfRib(ribPeer, family);
        if (awaited.remove(family) && awaited.isEmpty()) {
          host.complete(this);
        }
      }
      case RouteRefresh(Family family, int subtype) -> {
        if (subtype == 0) {
          host.rib().refresh(ribPeer, family);
        }
      }
      case BgpMessage.Open o -> {}
      case BgpMessage.Notification n -> {}
      case BgpMessage.Keepalive k -> {}
    }
  }

  void writable() {
    host.rib().writable(ribPeer);
  }

  void stateChanged(Session session, State before, String reason) {
    if (session == main) {
      since = scheduler.now();
    }
    log.debug(
        "session state peer={} from={} to={} reason=\"{}\"",
        address(),
        before,
        session.state(),
        reason);
  }

  void note(String reason) {
    lastError = reason;
    lastErrorAt = Optional.of(scheduler.now());
  }

  void attemptFailed() {
    backOff.failed();
  }

  void resetAttempts() {
    backOff.reset();
  }

  long backOffMillis() {
    return backOff.millis();
  }

  /** RFC 4271 section 10: between three quarters and the whole. */
  long jittered(long millis) {
    return BackOff.jittered(millis, host.random());
  }

  void countSent(int messages) {
    messagesOut += messages;
  }

  void countReceived(int messages) {
    messagesIn += messages;
  }

  void countMalformed(int faults) {
    malformed += faults;
  }

  /** A snapshot. */
  public NeighborStatus status() {
    Negotiated agreed = main.negotiated();
    boolean up = established();
    return new NeighborStatus(
        address(),
        configuration.port(),
        configuration.description(),
        configuration.asNumber(),
        configuration.localAsNumber().orElse(host.asNumber()),
        main.state(),
        since,
        lastError,
        lastErrorAt,
        Optional.ofNullable(main.link()).map(Link::localAddress),
        remoteId,
        up ? agreed.holdTime() : 0,
        up ? agreed.holdTime() / 3 : 0,
        sent,
        received,
        up ? agreed.families() : List.of(),
        up && !agreed.keepable().isEmpty(),
        ribPeer.hasStale(),
        up && awaited.isEmpty(),
        ribPeer.received(),
        ribPeer.accepted(),
        ribPeer.advertised(),
        flaps,
        messagesIn,
        messagesOut,
        malformed,
        NeighborDetail.NONE);
  }
}
