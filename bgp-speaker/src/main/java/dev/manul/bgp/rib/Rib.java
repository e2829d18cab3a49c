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
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final NextHopTable nextHops;
  private final AttributeTable attributeSets = new AttributeTable();
  private final PrefixTable prefixes = new PrefixTable();
  private final RibPeer local = RibPeer.local();
  private final List<RibPeer> connected = new ArrayList<>();
  private final MarkedQueue dirty = new MarkedQueue();
  private final StaleRoutes stale = new StaleRoutes(this);

  /** The paths of a prefix, as a list; in no order. */
  private Path[] heads = new Path[64];

  /** The outcome of the last decision. */
  private Path[] bests = new Path[64];

  /** How many queues and Adj-RIBs-Out refer to a prefix. */
  private int[] uses = new int[64];

  /** The next hops of best paths that have more than one. */
  private final Map<Integer, List<Address>> multipath = new HashMap<>();

  private Map<Prefix, AttributeSet> originated = Map.of();

  /** Where own routes lead to, as far as filters may ask. */
  private final Map<Prefix, String> devices = new HashMap<>();

  private Identity identity = new Identity(Ipv4Address.UNSPECIFIED, Set.of());
  private PathSelection selection = PathSelection.DEFAULT;
  private boolean deferring;
  private int pathCount;
  private int bestCount;

  /**
   * An empty RIB.
   *
   * @param deferring true to announce learned routes only after {@link #converged} (RFC 4724
   *     section 4.1)
   */
  public Rib(NextHopResolver resolver, BestPathListener listener, boolean deferring) {
    this.nextHops = new NextHopTable(resolver);
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
    for (int id = 0; !how.equals(before) && id < prefixes.limit(); id++) {
      if (heads[id] != null && heads[id].next != null) {
        dirty.add(id);
      }
    }
  }

  /** Sets all routes of this speaker's own. */
  public void originate(List<OriginatedRoute> routes) {
    Map<Prefix, AttributeSet> wanted = new HashMap<>();
    for (OriginatedRoute route : routes) {
      AttributeSet set = attributeSets.intern(route.attributes(selection.defaultLocalPreference()));
      wanted.put(route.prefix(), set);
      if (originated.get(route.prefix()) != set) {
        put(add(route.prefix()), local, set, set, Reason.BEST);
      }
    }
    for (Prefix prefix : originated.keySet()) {
      if (!wanted.containsKey(prefix)) {
        remove(prefixes.find(prefix), local);
      }
    }
    originated = wanted;
    devices.clear();
    routes.forEach(r -> r.interfaceName().ifPresent(name -> devices.put(r.prefix(), name)));
  }

  /** The device that a route of this speaker's own leads to, where known. */
  Optional<String> device(Prefix prefix) {
    return Optional.ofNullable(devices.get(prefix));
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
    peer.out = new AdjRibOut(peer, outlet);
    connected.add(peer);
    for (int id = 0; id < prefixes.limit(); id++) {
      if (bests[id] != null && ExportRules.mayExport(bests[id], prefixes.family(id), peer)) {
        enqueue(peer, id);
      }
    }
    if (session.endOfRib()) {
      session.families().forEach(peer.out::owesEndOfRib);
    }
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
      connected.remove(peer);
      peer.out.release(this);
      peer.out = null;
    }
    stale.abandonRefreshes(peer);
    stale.sessionEnds(peer, keep, longLived);
  }

  /** Routes have come from a connected neighbour. */
  public void update(RibPeer peer, Update update) {
    for (Prefix prefix : update.withdrawn()) {
      int id = prefixes.find(prefix);
      if (id >= 0) {
        remove(id, peer);
      }
    }
    if (update.announced().isEmpty()) {
      return;
    }
    Family family = Family.unicast(update.announced().getFirst().family());
    Optional<Address> nextHop = update.attributes().nextHop();
    if (!peer.session.families().contains(family)
        || nextHop.isEmpty()
        || !peer.session.suits(nextHop.get(), family)) {
      log.debug("update ignored peer={} family={} nextHop={}", peer, family, nextHop);
      return;
    }
    AttributeSet received = attributeSets.intern(update.attributes());
    peer.filters.begin(received, identity);
    for (Prefix prefix : update.announced()) {
      AttributeSet passed = peer.filters.imported(prefix);
      if (passed != null) {
        put(add(prefix), peer, received, passed, Reason.BEST);
      } else {
        put(add(prefix), peer, received, received, peer.filters.refused());
      }
    }
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
    for (int id = 0; id < prefixes.limit(); id++) {
      if (peer.out.advertised(id) != null && Family.unicast(prefixes.family(id)).equals(family)) {
        peer.out.resend(id);
        enqueue(peer, id);
      }
    }
  }

  /** The resolver may answer differently from now on. */
  public void nextHopsChanged() {
    nextHops.resolveAll(dirty::add);
  }

  /** Learned routes may be announced from now on. */
  public void converged() {
    if (!deferring) {
      return;
    }
    deferring = false;
    for (int id = 0; id < prefixes.limit(); id++) {
      if (bests[id] != null && !bests[id].source.isLocal()) {
        announce(id, bests[id]);
      }
    }
  }

  /** A neighbour's connection has room again. */
  public void writable(RibPeer peer) {
    if (peer.out != null) {
      peer.out.flush(this);
    }
  }

  /**
   * Decides about everything that has changed, tells the listener, and sends what there is room
   * for.
   */
  public void settle() {
    while (!dirty.isEmpty()) {
      List<BestPathChange> batch = new ArrayList<>();
      while (!dirty.isEmpty() && batch.size() < BATCH) {
        decide(dirty.take(), batch);
      }
      if (!batch.isEmpty()) {
        tell(batch);
      }
    }
    for (RibPeer peer : connected) {
      if (!peer.out.idle()) {
        peer.out.flush(this);
      }
    }
  }

  private void tell(List<BestPathChange> batch) {
    try {
      listener.changed(batch);
    } catch (RuntimeException e) {
      log.error("best-path listener failed changes={}", batch.size(), e);
    }
  }

  private void decide(int id, List<BestPathChange> batch) {
    Path before = bests[id];
    Path now = Decision.select(heads[id]);
    bests[id] = now;
    bestCount += (now == null ? 0 : 1) - (before == null ? 0 : 1);
    List<Address> hopsBefore = learned(before) ? nextHopsOf(id, before) : List.of();
    List<Address> hops = learned(now) ? Decision.nextHops(heads[id], now, selection) : List.of();
    if (hops.size() > 1) {
      multipath.put(id, hops);
    } else {
      multipath.remove(id);
    }
    boolean samePath =
        before == now
            || (before != null
                && now != null
                && before.attributes == now.attributes
                && before.source == now.source);
    if (learned(before) || learned(now)) {
      if (!samePath || !hops.equals(hopsBefore)) {
        Prefix prefix = prefixes.prefix(id);
        batch.add(
            new BestPathChange(
                prefix, learned(now) ? Optional.of(describe(id, now)) : Optional.empty()));
      }
    }
    if (!samePath) {
      announce(id, now);
    }
    forgetUnused(id);
  }

  private static boolean learned(Path path) {
    return path != null && !path.source.isLocal();
  }

  List<Address> nextHopsOf(int id, Path best) {
    List<Address> several = multipath.get(id);
    return several != null ? several : List.of(best.attributes.value.nextHop().orElseThrow());
  }

  private BestPath describe(int id, Path path) {
    return new BestPath(
        prefixes.prefix(id),
        nextHopsOf(id, path),
        path.attributes.value,
        path.source.address().orElseThrow(),
        path.source.session.external(),
        path.stale);
  }

  private void announce(int id, Path best) {
    AddressFamily family = prefixes.family(id);
    for (RibPeer peer : connected) {
      if (peer.out.advertised(id) != null
          || (best != null && ExportRules.mayExport(best, family, peer))) {
        enqueue(peer, id);
      }
    }
  }

  private void enqueue(RibPeer peer, int id) {
    if (peer.out.enqueue(id)) {
      uses[id]++;
    }
  }

  private int add(Prefix prefix) {
    int id = prefixes.add(prefix);
    if (id >= heads.length) {
      heads = Arrays.copyOf(heads, id * 2);
      bests = Arrays.copyOf(bests, id * 2);
      uses = Arrays.copyOf(uses, id * 2);
    }
    return id;
  }

  Path pathOf(int id, RibPeer source) {
    for (Path p = heads[id]; p != null; p = p.next) {
      if (p.source == source) {
        return p;
      }
    }
    return null;
  }

  void put(int id, RibPeer source, AttributeSet received, AttributeSet set, Reason refused) {
    Path before = null;
    Path old = heads[id];
    while (old != null && old.source != source) {
      before = old;
      old = old.next;
    }
    if (old != null
        && old.received == received
        && old.attributes == set
        && old.refused == refused) {
      old.stale = false;
      return;
    }
    nextHops.use(set, id);
    Path path = new Path(source, received, set, refused);
    path.next = old == null ? null : old.next;
    if (before == null) {
      heads[id] = path;
    } else {
      before.next = path;
    }
    source.refused += refused == Reason.BEST ? 0 : 1;
    if (old == null) {
      source.received++;
      pathCount++;
    } else {
      source.refused -= old.refused == Reason.BEST ? 0 : 1;
      nextHops.release(old.attributes, id, heads[id]);
    }
    dirty.add(id);
  }

  void remove(int id, RibPeer source) {
    Path before = null;
    for (Path p = heads[id]; p != null; p = p.next) {
      if (p.source == source) {
        if (before == null) {
          heads[id] = p.next;
        } else {
          before.next = p.next;
        }
        source.received--;
        source.refused -= p.refused == Reason.BEST ? 0 : 1;
        pathCount--;
        nextHops.release(p.attributes, id, heads[id]);
        dirty.add(id);
        return;
      }
      before = p;
    }
  }

  private void forgetUnused(int id) {
    if (heads[id] == null && bests[id] == null && uses[id] == 0 && !dirty.contains(id)) {
      prefixes.remove(id);
    }
  }

  void addUse(int id) {
    uses[id]++;
  }

  void releaseUse(int id) {
    uses[id]--;
    forgetUnused(id);
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
    return bests[id];
  }

  Path head(int id) {
    return heads[id];
  }

  Prefix prefix(int id) {
    return prefixes.prefix(id);
  }

  /** The number of a prefix; negative when nothing is known of it. */
  int find(Prefix prefix) {
    return prefixes.find(prefix);
  }

  AddressFamily family(int id) {
    return prefixes.family(id);
  }

  /** All numbers of prefixes are below this. */
  int limit() {
    return prefixes.limit();
  }

  /** Whether a number stands for a prefix. */
  boolean inUse(int id) {
    return prefixes.inUse(id);
  }

  /** How many prefixes have a best path. */
  public int prefixCount() {
    return bestCount;
  }

  /** How many paths there are. */
  public int pathCount() {
    return pathCount;
  }
}
