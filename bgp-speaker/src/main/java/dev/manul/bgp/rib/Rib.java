package dev.manul.bgp.rib;

import dev.manul.bgp.BestPath;
import dev.manul.bgp.BestPathChange;
import dev.manul.bgp.BestPathListener;
import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.OriginatedRoute;
import dev.manul.bgp.PathSelection;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PrefixList;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All routing information bases of a speaker. Changes take effect with {@link #settle}. */
public final class Rib {
  private static final Logger log = LoggerFactory.getLogger(Rib.class);

  /** How many changes a listener gets at once at most. */
  private static final int BATCH = 4096;

  private final BestPathListener listener;
  private final AttributeTable attributeSets = new AttributeTable();
  private final RouteTable routes;
  private final OwnRoutes own;
  private final AdjRibsOut out = new AdjRibsOut(this);
  private final StaleRoutes stale = new StaleRoutes(this);

  /** The next hops of best paths that have more than one. */
  private final Map<Integer, List<Address>> multipath = new HashMap<>();

  private Identity identity = new Identity(Ipv4Address.UNSPECIFIED, Set.of());
  private PathSelection selection = PathSelection.DEFAULT;
  private boolean deferring;

  /**
   * An empty RIB.
   *
   * @param deferring true to announce learned routes only after {@link #converged} (RFC 4724
   *     section 4.1)
   */
  public Rib(NextHopResolver resolver, BestPathListener listener, boolean deferring) {
    this.routes = new RouteTable(resolver);
    this.own = new OwnRoutes(attributeSets, routes);
    this.listener = listener;
    this.deferring = deferring;
  }

  /** Sets what loop checks compare with; for paths that come from now on. */
  public void identify(Identity who) {
    identity = who;
  }

  /** Sets how paths are chosen. */
  public void select(PathSelection how) {
    PathSelection before = selection;
    selection = how;
    for (int id = 0; !how.equals(before) && id < limit(); id++) {
      if (routes.head(id) != null && routes.head(id).next != null) {
        routes.dirty().add(id);
      }
    }
  }

  /** Sets all routes of this speaker's own. */
  public void originate(List<OriginatedRoute> wanted) {
    own.originate(wanted, selection);
  }

  /** The device that a route of this speaker's own leads to, where known. */
  Optional<String> device(Prefix prefix) {
    return own.device(prefix);
  }

  /**
   * A session has come up: everything that may be announced is queued for it.
   *
   * @param keepStale families of which stale paths stay until End-of-RIB; of others they go
   */
  public void peerUp(RibPeer peer, PeerSession session, Set<Family> keepStale, Outlet outlet) {
    PeerSession before = peer.session;
    boolean same =
        before != null
            && before.remoteId().equals(session.remoteId())
            && before.external() == session.external();
    for (Family family : List.copyOf(peer.staleFamilies)) {
      if (!same || !keepStale.contains(family)) {
        flushStale(peer, family);
      }
    }
    peer.session = session;
    peer.filters = new PeerFilters(session, this);
    out.open(peer, outlet);
  }

  /**
   * A session has ended. Paths that have gone stale in an earlier restart and were not announced
   * again go in any case (RFC 4724 section 4.2), unless they are long-lived ones.
   *
   * @param keep families of which the paths stay as stale ones
   * @param longLived families of which those stay as well that have been stale before
   */
  public void peerDown(RibPeer peer, Set<Family> keep, Set<Family> longLived) {
    if (peer.out != null) {
      out.close(peer);
    }
    stale.abandonRefreshes(peer);
    stale.sessionEnds(peer, keep, longLived);
  }

  /** Routes have come from a connected neighbour. */
  public void update(RibPeer peer, Update update) {
    PrefixList withdrawn = update.withdrawn();
    for (PrefixList.Cursor at = withdrawn.cursor(); at.next(); ) {
      int id = routes.find(at, withdrawn.family());
      if (id >= 0) {
        routes.remove(id, peer, at.identifier());
      }
    }
    PrefixList announced = update.announced();
    if (announced.isEmpty()) {
      return;
    }
    Family family = Family.unicast(announced.family());
    Optional<Address> nextHop = update.attributes().nextHop();
    if (!peer.session.families().contains(family)
        || nextHop.isEmpty()
        || !peer.session.suits(nextHop.get(), family)) {
      log.debug("update ignored peer={} family={} nextHop={}", peer, family, nextHop);
      return;
    }
    AttributeSet received = attributeSets.intern(update.attributes());
    peer.filters.begin(received, identity);
    AttributeSet passed = null;
    boolean asked = false;
    for (PrefixList.Cursor at = announced.cursor(); at.next(); ) {
      if (!asked || peer.filters.importsByPrefix()) {
        passed = peer.filters.imported(at.prefix());
        asked = true;
      }
      int id = routes.add(at, announced.family());
      routes.put(filtered(id, peer, at.identifier(), received, passed));
    }
  }

  /**
   * The filters of a session that is up have changed. What the neighbour has announced is filtered
   * anew, and it is told what differs; nothing else is said to it.
   */
  public void filtersChanged(RibPeer peer, PeerSession session) {
    peer.session = session;
    peer.filters = new PeerFilters(session, this);
    for (int i = peer.paths.size() - 1; i >= 0; i--) {
      filterAgain(peer, peer.paths.get(i));
    }
    out.regroup(peer);
  }

  /**
   * A path as the filters leave it.
   *
   * @param passed what they have made of it; null where they refuse it
   */
  private static Path filtered(
      int id, RibPeer peer, int identifier, AttributeSet received, AttributeSet passed) {
    return passed != null
        ? new Path(id, peer, identifier, received, passed, Reason.BEST)
        : new Path(id, peer, identifier, received, received, peer.filters.refused());
  }

  private void filterAgain(RibPeer peer, Path path) {
    peer.filters.begin(path.received, identity);
    AttributeSet passed = peer.filters.imported(prefix(path.id));
    Path again = filtered(path.id, peer, path.identifier, path.received, passed);
    boolean stale = path.stale;
    routes.put(again);
    again.stale = stale;
    path.stale = stale; // it stays when nothing has changed
  }

  /** A neighbour has sent all its routes of a family: stale ones are gone for good. */
  public void endOfRib(RibPeer peer, Family family) {
    flushStale(peer, family);
  }

  /** Removes a neighbour's stale paths of a family. */
  public void flushStale(RibPeer peer, Family family) {
    stale.flush(peer, family);
  }

  /**
   * Turns a neighbour's stale paths of a family into long-lived stale ones: they get the community
   * LLGR_STALE, or go where the community NO_LLGR asks for that (RFC 9494 section 4.3).
   */
  public void longLivedStale(RibPeer peer, Family family) {
    stale.longLived(peer, family);
  }

  /** A neighbour begins to send everything of a family again (RFC 7313 section 4). */
  public void beginRefresh(RibPeer peer, Family family) {
    stale.beginRefresh(peer, family);
  }

  /** The neighbour has done so: what has not come again goes. */
  public void endRefresh(RibPeer peer, Family family) {
    stale.endRefresh(peer, family);
  }

  /**
   * Announces everything of a family to a neighbour again (RFC 2918).
   *
   * @param marked whether to mark beginning and end (RFC 7313)
   */
  public void refresh(RibPeer peer, Family family, boolean marked) {
    if (marked) {
      peer.out.beginRefresh(family);
    }
    for (int id = 0; id < limit(); id++) {
      if (peer.out.advertised(id) != null && Family.unicast(family(id)).equals(family)) {
        peer.out.resend(id);
      }
    }
  }

  /** The resolver may answer differently from now on. */
  public void nextHopsChanged() {
    routes.resolveNextHops();
  }

  /** Learned routes may be announced from now on. */
  public void converged() {
    if (!deferring) {
      return;
    }
    deferring = false;
    for (int id = 0; id < limit(); id++) {
      Path best = routes.best(id);
      if (best != null && !best.source.isLocal()) {
        out.changed(id, best);
      }
    }
  }

  /** A neighbour's connection has room again. */
  public void writable(RibPeer peer) {
    if (peer.out != null) {
      out.writable(peer);
    }
  }

  /**
   * Decides about everything that has changed, tells the listener, and sends what there is room
   * for.
   */
  public void settle() {
    MarkedQueue dirty = routes.dirty();
    while (!dirty.isEmpty()) {
      List<BestPathChange> batch = new ArrayList<>();
      while (!dirty.isEmpty() && batch.size() < BATCH) {
        decide(dirty.take(), batch);
      }
      if (!batch.isEmpty()) {
        tell(batch);
      }
    }
    out.flush();
  }

  private void tell(List<BestPathChange> batch) {
    try {
      listener.changed(batch);
    } catch (RuntimeException e) {
      log.error("best-path listener failed changes={}", batch.size(), e);
    }
  }

  private void decide(int id, List<BestPathChange> batch) {
    Path before = routes.best(id);
    Path now = Decision.select(routes.head(id));
    routes.setBest(id, now);
    boolean samePath =
        before == now
            || (before != null
                && now != null
                && before.attributes == now.attributes
                && before.source == now.source);
    if (listener.wantsChanges() && (learned(before) || learned(now))) {
      report(id, before, now, samePath, batch);
    }
    if (samePath) {
      out.othersChanged(id, now);
    } else {
      out.changed(id, now);
    }
    routes.forgetUnused(id);
  }

  private void report(int id, Path before, Path now, boolean samePath, List<BestPathChange> batch) {
    List<Address> hopsBefore = learned(before) ? nextHopsOf(id, before) : List.of();
    List<Address> hops =
        learned(now) ? Decision.nextHops(routes.head(id), now, selection) : List.of();
    if (hops.size() > 1) {
      multipath.put(id, hops);
    } else if (!multipath.isEmpty()) {
      multipath.remove(id);
    }
    if (!samePath || !hops.equals(hopsBefore)) {
      batch.add(
          new BestPathChange(
              prefix(id), learned(now) ? Optional.of(describe(id, now)) : Optional.empty()));
    }
  }

  private static boolean learned(Path path) {
    return path != null && !path.source.isLocal();
  }

  private List<Address> nextHopsOf(int id, Path best) {
    List<Address> several = multipath.get(id);
    return several != null ? several : List.of(best.attributes.value.nextHop().orElseThrow());
  }

  /** The next hops by which packets to a prefix go; empty for one of this speaker's own. */
  List<Address> nextHops(int id) {
    Path best = best(id);
    return learned(best) ? Decision.nextHops(head(id), best, selection) : List.of();
  }

  private BestPath describe(int id, Path path) {
    return new BestPath(
        prefix(id),
        nextHopsOf(id, path),
        path.attributes.value,
        path.source.address().orElseThrow(),
        path.source.session.external(),
        path.stale);
  }

  RouteTable routes() {
    return routes;
  }

  void addUse(int id) {
    routes.addUse(id);
  }

  void releaseUse(int id) {
    routes.releaseUse(id);
  }

  AttributeSet intern(PathAttributes attributes) {
    return attributeSets.intern(attributes);
  }

  /** Whether a best path must not be announced yet, nor what was announced before be withdrawn. */
  boolean deferred(Path best) {
    return deferring && !best.source.isLocal();
  }

  /** Whether End-of-RIB to a neighbour waits for convergence. */
  boolean holdsEndOfRib(RibPeer peer) {
    return deferring && peer.session.transit();
  }

  Path best(int id) {
    return routes.best(id);
  }

  Path head(int id) {
    return routes.head(id);
  }

  Prefix prefix(int id) {
    return routes.prefixes().prefix(id);
  }

  /** Writes a prefix into a list of its family. */
  void append(int id, PrefixList.Builder to, int identifier) {
    routes.prefixes().append(id, to, identifier);
  }

  /** The number of a prefix; negative when nothing is known of it. */
  int find(Prefix prefix) {
    return routes.prefixes().find(prefix);
  }

  AddressFamily family(int id) {
    return routes.prefixes().family(id);
  }

  /** All numbers of prefixes are below this. */
  int limit() {
    return routes.prefixes().limit();
  }

  /** Whether a number stands for a prefix. */
  boolean inUse(int id) {
    return routes.prefixes().inUse(id);
  }

  /** How many prefixes have a best path. */
  public int prefixCount() {
    return routes.bestCount();
  }

  /** How many paths there are. */
  public int pathCount() {
    return routes.pathCount();
  }
}
