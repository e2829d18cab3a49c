package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.NeighborStatus;
import dev.manul.bgp.rib.RibPeer;
import dev.manul.bgp.session.Transport.Dial;
import dev.manul.bgp.session.Transport.DialListener;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.BgpMessage.Open;
import dev.manul.bgp.wire.DecodeOutcome;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A configured neighbour and its sessions. */
public final class Neighbor {
  private static final Logger log = LoggerFactory.getLogger(Neighbor.class);

  /** A session that has lasted so long shows that the next attempt may come at once. */
  private static final long STEADY_MILLIS = 10_000;

  private final NeighborHost host;
  private final Scheduler scheduler;
  private final RibPeer ribPeer;
  private NeighborConfiguration configuration;
  private final Connections connections;
  private final Introduction introduction;
  private final BackOff backOff;
  private final Damping damping = new Damping();
  private final Rest rest;
  private final RouteExchange routes;
  private final History history;

  public Neighbor(NeighborHost host, NeighborConfiguration configuration) {
    this.host = host;
    this.scheduler = host.scheduler();
    this.configuration = configuration;
    this.ribPeer = RibPeer.neighbor(configuration.address());
    this.backOff = new BackOff(host::random);
    this.introduction = new Introduction(host);
    this.rest = new Rest(scheduler);
    this.history = new History(configuration.address(), scheduler);
    this.routes = new RouteExchange(this, host, ribPeer);
    this.connections = new Connections(this, scheduler);
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
    return configuration.passive() || configuration.localWorkload();
  }

  /** Whether a session is Established. */
  public boolean established() {
    return main().state() == State.ESTABLISHED;
  }

  /** Whether there is a connection to it, with a session on it that is up or coming up. */
  public boolean connected() {
    return main().state().compareTo(State.OPEN_SENT) >= 0;
  }

  private Session main() {
    return connections.main();
  }

  Connections connections() {
    return connections;
  }

  /** Starts to connect, or to wait for the neighbour; unless it is to stay down. */
  public void start() {
    if (configuration.shutdown().isEmpty()) {
      main().fire(new Event.Start(passive()), "");
    } else {
      history.note("administratively down", true);
    }
  }

  /** Ends the session with a Cease; routes go, and the neighbour must not be used after that. */
  public void stop(Notification notification) {
    connections.end(new Event.Stop(notification), "");
    connections.drop();
    routes.forget();
  }

  /** Drops the connection without a word, so that the neighbour keeps our routes. */
  public void abandon() {
    connections.drop();
    routes.stop();
  }

  /** Takes on a changed configuration of the same address; ends the session if it must. */
  public void reconfigure(NeighborConfiguration changed) {
    NeighborConfiguration before = configuration;
    configuration = changed;
    boolean limitChanged = !before.prefixLimit().equals(changed.prefixLimit());
    if (!before.shutdown().equals(changed.shutdown())) {
      shutDownOrStart(changed);
      return;
    }
    List<String> reasons = ConfigurationChange.needingReset(before, changed);
    boolean restRemoved = limitChanged || !before.idleHoldTime().equals(changed.idleHoldTime());
    if (!reasons.isEmpty()) {
      log.info("session reset peer={} changed={}", address(), reasons);
      restartSession("configuration changed: " + String.join(", ", reasons));
    } else if (established()) {
      goOn(before, changed);
    } else if (rest.now() ? restRemoved : ConfigurationChange.dialsOtherwise(before, changed)) {
      restartSession("configuration changed");
    }
  }

  /** What a session that is up lives through. */
  private void goOn(NeighborConfiguration before, NeighborConfiguration changed) {
    if (ConfigurationChange.filtersDiffer(before, changed)) {
      log.info("filters changed peer={}", address());
      routes.filtersChanged(main(), changed, host.transit(this));
    }
    if (!before.bfd().equals(changed.bfd())) {
      host.watch(this, main().link().localAddress());
    }
    routes.checkLimit();
    connections.arrange();
  }

  /** RFC 4486 and RFC 9003: the text goes with the Cease. */
  private void shutDownOrStart(NeighborConfiguration changed) {
    rest.end();
    if (changed.shutdown().isPresent()) {
      log.info("session shut down peer={}", address());
      connections.end(
          new Event.Stop(Notifications.shutdown(changed.shutdown().get())),
          "administratively down");
      connections.anew();
      routes.forget();
      host.complete(this); // nobody is to wait for it
    } else {
      backOff.reset();
      main().fire(new Event.Start(passive()), "");
    }
  }

  /** With graceful restart on both sides, the routes stay while the session comes up anew. */
  private void restartSession(String reason) {
    boolean keep = established() && !main().negotiated().keepable().isEmpty();
    boolean silent = keep && !main().negotiated().notificationRestart();
    connections.end(
        silent ? new Event.ConnectionFailed() : new Event.Stop(Notifications.CONFIGURATION_CHANGE),
        reason);
    startAnew();
  }

  private void startAnew() {
    introduction.beginAnew();
    connections.anew();
    rest.end();
    backOff.reset();
    start();
  }

  /**
   * Ends the session on an operator's word, and starts it again.
   *
   * @param hard whether routes go even where graceful restart would keep them (RFC 8538)
   * @param text for the neighbour; may be ""
   */
  public void reset(boolean hard, String text) {
    Notification notification = Notifications.reset(text);
    boolean wrapped = hard && established() && main().negotiated().notificationRestart();
    connections.end(
        new Event.Stop(wrapped ? Notifications.hardReset(notification) : notification),
        "administrative reset");
    startAnew();
  }

  /**
   * Asks the neighbour to send all its routes again (RFC 2918).
   *
   * @return false when it would not understand, or there is no session
   */
  public boolean requestRefresh() {
    if (!established() || !main().negotiated().routeRefresh()) {
      return false;
    }
    main().sendAll(routes.requests(main().negotiated()));
    return true;
  }

  /** BFD has lost the neighbour: its routes go at once, for a dead path forwards nothing. */
  public void bfdDown(String reason) {
    if (established()) {
      connections.stop(Notifications.BFD_DOWN, "BFD down: " + reason);
      connections.arrange();
    }
  }

  /**
   * Ends the session and keeps it down.
   *
   * @param millis for how long; empty until the configuration changes
   */
  void rest(OptionalLong millis, Notification notification, String reason) {
    log.warn(
        "session held down peer={} reason=\"{}\" seconds={}",
        address(),
        reason,
        millis.isPresent() ? millis.getAsLong() / 1000 : "-");
    rest.begin(millis, notification);
    connections.stop(notification, reason);
    host.complete(this);
  }

  /**
   * Takes a connection that the neighbour has made.
   *
   * @return who hears of it; null when the neighbour is not welcome now and has been told so
   */
  public Link.Listener accept(Link link) {
    Optional<Notification> refusal = refusal();
    if (refusal.isPresent()) {
      link.send(List.of(refusal.get()));
      link.close();
      return null;
    }
    Session session = connections.free();
    session.accepted(link);
    return session;
  }

  private Optional<Notification> refusal() {
    return configuration.shutdown().map(Notifications::shutdown).or(rest::answer);
  }

  /** Whether it is an OPEN with which a session would come about. */
  boolean isGoodOpen(DecodeOutcome outcome) {
    return outcome instanceof DecodeOutcome.Decoded decoded
        && !decoded.messages().isEmpty()
        && decoded.messages().getFirst() instanceof Open theirs
        && Handshake.judge(configuration, open(), theirs) instanceof Handshake.Verdict.Accepted;
  }

  /** This speaker's own identifier. */
  Ipv4Address routerId() {
    return host.routerId();
  }

  Dial dial(DialListener listener) {
    return host.transport().dial(configuration, listener);
  }

  Open open() {
    Open open = introduction.open(configuration);
    history.sent = open.capabilities();
    return open;
  }

  Handshake.Verdict judge(Open ours, Open theirs) {
    history.remoteId = Optional.of(theirs.routerId());
    history.noteCapabilities(theirs.capabilities());
    return Handshake.judge(configuration, ours, theirs);
  }

  void sessionUp(Session session) {
    connections.yieldTo(session);
    introduction.sessionUp();
    history.noteEstablished();
    routes.up(session, configuration, host.transit(this));
  }

  void sessionDown(Session session, Event cause, Optional<Notification> heard) {
    host.monitor().down(this, cause, heard);
    routes.down(session.negotiated(), session.endsGracefully());
    history.flaps++;
    if (session.establishedMillis() >= STEADY_MILLIS) {
      backOff.reset();
    }
    log.info(
        "session down peer={} reason=\"{}\" routes={}",
        address(),
        history.lastError,
        ribPeer.hasStale() ? "kept as stale" : "removed");
  }

  /** An Established session has failed of itself. */
  void damp() {
    damping.flapped(scheduler.nanos());
    if (configuration.idleHoldTime().isPresent() && !rest.now()) {
      long millis = damping.millis(scheduler.nanos(), configuration.idleHoldTime().getAsInt());
      if (millis > 0) {
        rest.begin(OptionalLong.of(millis), Notifications.REJECTED);
        log.warn("session damped peer={} seconds={}", address(), millis / 1000);
      }
    }
  }

  /** Deals with a message of an Established session. */
  void process(BgpMessage message, Negotiated agreed) {
    routes.process(message, agreed);
  }

  void writable() {
    host.rib().writable(ribPeer);
  }

  void stateChanged(Session session, State before, String reason) {
    if (session == main()) {
      history.since = scheduler.now();
    }
    log.debug(
        "session state peer={} from={} to={} reason=\"{}\"",
        address(),
        before,
        session.state(),
        reason);
  }

  void note(String reason, boolean wasUp) {
    boolean maybePassword =
        reason.equals(Session.TIMED_OUT) && configuration.password().isPresent();
    history.note(
        maybePassword ? reason + " (no answer, or the neighbor has another password)" : reason,
        wasUp);
  }

  /** The kernel has dropped segments for their signature, maybe this neighbour's. */
  public void noteSignatures(String trouble) {
    history.noteSignatures(trouble);
  }

  void received(Notification notification) {
    history.noteReceived(notification);
    introduction.received(notification, configuration);
  }

  History history() {
    return history;
  }

  void attemptFailed() {
    backOff.failed();
  }

  void resetAttempts() {
    backOff.reset();
  }

  /** The wait before the next attempt to connect. */
  long retryMillis() {
    return backOff.millis(configuration.connectRetryTime().orElse(BackOff.USUAL_LIMIT_SECONDS));
  }

  /** How long an Idle session stays so; empty until it is told otherwise. */
  OptionalLong idleHoldMillis() {
    return rest.now() ? rest.left() : OptionalLong.of(retryMillis());
  }

  /** RFC 4271 section 10: between three quarters and the whole. */
  long jittered(long millis) {
    return BackOff.jittered(millis, host.random());
  }

  /** Seconds between our keepalives. */
  int keepaliveTime(int holdTime) {
    return History.keepaliveTime(configuration, holdTime);
  }

  /** A snapshot. */
  public NeighborStatus status() {
    return history.status(configuration, host.asNumber(), main(), ribPeer, routes, rest);
  }
}
