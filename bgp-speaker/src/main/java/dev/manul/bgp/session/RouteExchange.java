package dev.manul.bgp.session;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.PrefixLimit;
import dev.manul.bgp.rib.RibPeer;
import dev.manul.bgp.session.Scheduler.Timer;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a neighbour's routes: while its session is up, and after that by graceful restart
 * in both roles (RFC 4724) and the long-lived one (RFC 9494).
 */
final class RouteExchange {
  private static final Logger log = LoggerFactory.getLogger(RouteExchange.class);

  /** How long stale routes may wait for End-of-RIB once the neighbour is back. */
  private static final long STALE_MILLIS = 180_000;

  /** How long a neighbour may take to send everything again. */
  private static final long REFRESH_MILLIS = 180_000;

  /** A neighbour that does not know End-of-RIB has sent all when it is quiet for so long. */
  private static final long QUIET_MILLIS = 1_000;

  private static final int BEGIN_OF_REFRESH = 1;
  private static final int END_OF_REFRESH = 2;

  private final Neighbor neighbor;
  private final NeighborHost host;
  private final Scheduler scheduler;
  private final RibPeer ribPeer;

  /** Families whose End-of-RIB has not come yet. */
  private final Set<Family> awaited = new HashSet<>();

  private boolean updatesSinceQuietCheck;
  private Timer restart;
  private Timer quiet;

  /** Families that are being sent again, each with the time it may take. */
  private final Map<Family, Timer> refreshes = new HashMap<>();

  /** Families whose routes are long-lived stale ones, each with the time that is left to them. */
  private final Map<Family, Timer> longLived = new HashMap<>();

  RouteExchange(Neighbor neighbor, NeighborHost host, RibPeer ribPeer) {
    this.neighbor = neighbor;
    this.host = host;
    this.scheduler = host.scheduler();
    this.ribPeer = ribPeer;
  }

  /** Whether End-of-RIB has come for all families. */
  boolean complete() {
    return awaited.isEmpty();
  }

  Set<Family> longLivedFamilies() {
    return longLived.keySet();
  }

  /** A session has come up. */
  void up(Session session, NeighborConfiguration configuration, boolean transit) {
    stopTimers();
    Negotiated agreed = session.negotiated();
    log.info(
        "session up peer={} as={} id={} holdTime={} families={} dialled={}",
        neighbor.address(),
        agreed.remoteAs(),
        agreed.remoteId(),
        agreed.holdTime(),
        agreed.families(),
        session.dialled());
    host.rib()
        .peerUp(
            ribPeer,
            LinkOutlet.describe(
                session, configuration, host.routerId(), host.defaultLocalPreference(), transit),
            forwarding(agreed),
            new LinkOutlet(session.link(), agreed, configuration.addPathSend(), neighbor));
    if (ribPeer.hasStale()) {
      restart = scheduler.schedule(STALE_MILLIS, () -> flushStale("no End-of-RIB"));
    } else {
      stopLongLived();
    }
    awaited.clear();
    awaited.addAll(agreed.families());
    if (!agreed.endOfRib()) {
      updatesSinceQuietCheck = false;
      quiet = scheduler.schedule(QUIET_MILLIS, this::checkQuiet);
    } else if (agreed.restarting() && host.restarting() && transit) {
      host.complete(neighbor); // both would wait for each other's End-of-RIB
    }
    host.watch(neighbor, session.link().localAddress());
    host.monitor().up(neighbor, session.link(), session.sentOpen(), session.receivedOpen());
  }

  /** The filters have changed; the session goes on. */
  void filtersChanged(Session session, NeighborConfiguration configuration, boolean transit) {
    host.rib()
        .filtersChanged(
            ribPeer,
            LinkOutlet.describe(
                session, configuration, host.routerId(), host.defaultLocalPreference(), transit));
  }

  /** Families whose stale routes may stay: by the bit of the period they are in. */
  private Set<Family> forwarding(Negotiated agreed) {
    Set<Family> forwarding = new HashSet<>(agreed.forwarding());
    for (Family family : longLived.keySet()) {
      if (agreed.longLivedForwarding().contains(family)) {
        forwarding.add(family);
      } else {
        forwarding.remove(family);
      }
    }
    return forwarding;
  }

  /**
   * A session has ended.
   *
   * @param gracefully whether routes may stay as stale ones
   */
  void down(Negotiated agreed, boolean gracefully) {
    stopTimers();
    Set<Family> keep = new HashSet<>();
    if (gracefully) {
      keep.addAll(agreed.keepable());
      keep.addAll(agreed.longLived().keySet());
    }
    Set<Family> still = new HashSet<>(longLived.keySet());
    still.retainAll(keep);
    stopLongLivedBut(still);
    host.rib().peerDown(ribPeer, keep, still);
    if (!ribPeer.hasStale()) {
      return;
    }
    restart = scheduler.schedule(agreed.restartTime() * 1000L, () -> restartTimeIsOver(agreed));
  }

  private void restartTimeIsOver(Negotiated agreed) {
    for (Family family : agreed.families()) {
      int seconds = agreed.longLived().getOrDefault(family, 0);
      if (!ribPeer.hasStale(family)) {
        continue;
      }
      if (seconds == 0) {
        host.rib().flushStale(ribPeer, family);
      } else {
        host.rib().longLivedStale(ribPeer, family);
        // A second restart does not lengthen the time (RFC 9494 section 4.2).
        longLived.computeIfAbsent(
            family, f -> scheduler.schedule(seconds * 1000L, () -> longLivedTimeIsOver(f)));
      }
    }
    restart = null;
    log.info(
        "restart time is over peer={} routes={}",
        neighbor.address(),
        longLived.isEmpty() ? "removed" : "kept as long-lived stale");
  }

  private void longLivedTimeIsOver(Family family) {
    log.info(
        "stale routes removed peer={} family={} reason=\"long-lived stale time is over\"",
        neighbor.address(),
        family);
    longLived.remove(family);
    host.rib().flushStale(ribPeer, family);
  }

  private void flushStale(String reason) {
    log.info("stale routes removed peer={} reason=\"{}\"", neighbor.address(), reason);
    restart = null;
    stopLongLived();
    for (Family family : neighbor.configuration().families()) {
      host.rib().flushStale(ribPeer, family);
    }
  }

  /** Nothing of the neighbour stays. */
  void forget() {
    stop();
    host.rib().peerDown(ribPeer, Set.of(), Set.of());
  }

  /** Stops all timers. */
  void stop() {
    stopTimers();
    stopLongLived();
  }

  private void stopTimers() {
    if (restart != null) {
      restart.cancel();
      restart = null;
    }
    if (quiet != null) {
      quiet.cancel();
      quiet = null;
    }
    refreshes.values().forEach(Timer::cancel);
    refreshes.clear();
  }

  private void stopLongLived() {
    stopLongLivedBut(Set.of());
  }

  private void stopLongLivedBut(Set<Family> kept) {
    longLived.forEach(
        (family, timer) -> {
          if (!kept.contains(family)) {
            timer.cancel();
          }
        });
    longLived.keySet().retainAll(kept);
  }

  private void checkQuiet() {
    if (updatesSinceQuietCheck) {
      updatesSinceQuietCheck = false;
      quiet = scheduler.schedule(QUIET_MILLIS, this::checkQuiet);
    } else {
      quiet = null;
      awaited.clear();
      host.complete(neighbor);
    }
  }

  /** Deals with a message of an Established session. */
  void process(BgpMessage message, Negotiated agreed) {
    host.monitor().received(neighbor, message);
    switch (message) {
      case Update update -> {
        updatesSinceQuietCheck = true;
        host.rib().update(ribPeer, update);
        checkLimit();
      }
      case EndOfRib(Family family) -> endOfRib(family);
      case RouteRefresh(Family family, int subtype) -> refresh(family, subtype, agreed);
      case BgpMessage.Open o -> {}
      case BgpMessage.Notification n -> {}
      case BgpMessage.Keepalive k -> {}
    }
  }

  /** Ends the session when the neighbour has announced more than it may. */
  void checkLimit() {
    Optional<PrefixLimit> limit = neighbor.configuration().prefixLimit();
    if (limit.isPresent() && ribPeer.received() > limit.get().max()) {
      OptionalLong rest =
          limit.get().restartMinutes().isPresent()
              ? OptionalLong.of(limit.get().restartMinutes().getAsInt() * 60_000L)
              : OptionalLong.empty();
      neighbor.rest(
          rest,
          Notifications.prefixLimit(),
          "more than " + limit.get().max() + " prefixes announced");
    }
  }

  private void endOfRib(Family family) {
    Timer timer = longLived.remove(family);
    if (timer != null) {
      timer.cancel();
    }
    host.rib().endOfRib(ribPeer, family);
    if (awaited.remove(family) && awaited.isEmpty()) {
      host.complete(neighbor);
    }
  }

  /** RFC 2918; RFC 7313 section 4 for the marks. */
  private void refresh(Family family, int subtype, Negotiated agreed) {
    if (!agreed.families().contains(family)) {
      return;
    }
    if (subtype == 0) {
      host.rib().refresh(ribPeer, family, agreed.enhancedRefresh());
    } else if (subtype == BEGIN_OF_REFRESH && agreed.enhancedRefresh()) {
      boolean first = agreed.endOfRib() && awaited.contains(family);
      if (!first) {
        host.rib().beginRefresh(ribPeer, family);
        Timer before =
            refreshes.put(family, scheduler.schedule(REFRESH_MILLIS, () -> endRefresh(family)));
        if (before != null) {
          before.cancel();
        }
      }
    } else if (subtype == END_OF_REFRESH) {
      endRefresh(family);
    }
  }

  private void endRefresh(Family family) {
    Timer timer = refreshes.remove(family);
    if (timer != null) {
      timer.cancel();
      host.rib().endRefresh(ribPeer, family);
    }
  }

  /** Asks for everything again. */
  List<BgpMessage> requests(Negotiated agreed) {
    return agreed.families().stream().map(f -> (BgpMessage) new RouteRefresh(f, 0)).toList();
  }
}
