package dev.manul.bgp.rib;

import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.UpdateBatch;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Neighbours that are told the same: what that is, is worked out and encoded once for all of them,
 * but that none is told of a path of its own.
 *
 * <p>A changed prefix is a number in a queue and nothing else: what the neighbours are told is
 * worked out when a connection has room, from the paths of that moment. The members that keep up
 * are sent it together; who has fallen behind is told later, by its {@link AdjRibOut} alone.
 */
final class ExportGroup {
  /** How many prefixes one round of messages covers. */
  static final int ROUND = 4096;

  private static final Address NOBODY = Ipv4Address.UNSPECIFIED;

  /**
   * The order in which paths go to who takes several: that of the decision process, MEDs compared
   * whatever the neighbouring AS.
   */
  private static final Comparator<Path> BEST_FIRST =
      Comparator.comparing((Path p) -> p.reason != Reason.BEST)
          .thenComparing(p -> p.attributes.longLivedStale)
          .thenComparing(p -> !p.source.isLocal())
          .thenComparingLong(p -> -p.attributes.localPreference)
          .thenComparingLong(Decision::aigp)
          .thenComparingInt(p -> p.attributes.asPathLength)
          .thenComparing(p -> p.attributes.value.origin())
          .thenComparingLong(p -> p.attributes.multiExitDiscriminator)
          .thenComparing(p -> !p.source.isLocal() && !p.source.session.external())
          .thenComparingLong(p -> p.attributes.hop == null ? 0 : p.attributes.hop.metric)
          .thenComparing(p -> p.source.address().orElse(NOBODY))
          .thenComparingInt(p -> p.identifier);

  /** What must be equal for two neighbours to be told the same. */
  record Key(PeerSession session, Object encoding, int paths4, int paths6) {
    static Key of(PeerSession s, Outlet outlet) {
      return new Key(
          s.forExport(),
          outlet.encoding(),
          outlet.paths(Family.IPV4_UNICAST),
          outlet.paths(Family.IPV6_UNICAST));
    }
  }

  final Key key;
  private final Rib rib;

  /** Stands for any member, and is never the source of a path. */
  private final RibPeer view = RibPeer.neighbor(NOBODY);

  private final List<AdjRibOut> members = new ArrayList<>();
  private final PagedTable<Told> told = new PagedTable<>();
  private final MarkedQueue changed = new MarkedQueue();

  /** What the last answer of the export rules was worked out from: most come in runs. */
  private PathAttributes lastAttributes;

  private PeerSession lastSession;
  private AddressFamily lastFamily;
  private AttributeSet lastExported;
  private Told lastTold;

  ExportGroup(Key key, Rib rib) {
    this.key = key;
    this.rib = rib;
    view.session = key.session();
    view.filters = new PeerFilters(key.session(), rib);
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  boolean idle() {
    return changed.isEmpty();
  }

  Told told(int id) {
    return told.get(id);
  }

  /** How many prefixes the members have been told, each but its own. */
  int size() {
    return told.size();
  }

  UpdateCollector collector() {
    return new UpdateCollector(rib, key.paths4() > 0, key.paths6() > 0);
  }

  /** Takes in a neighbour; what the others have been told already waits for it. */
  void join(AdjRibOut member) {
    if (members.isEmpty()) {
      for (int id = 0; id < rib.limit(); id++) {
        changed(id, rib.best(id));
      }
    } else if (told.size() > 0) {
      for (int id = 0; id < rib.limit(); id++) {
        Told list = told.get(id);
        if (list != null && Told.visible(list, member.peer) != null) {
          member.missed(id, null);
        } else if (list != null) {
          member.own++;
        }
      }
    }
    members.add(member);
  }

  /** The last one to leave takes all that is known of the group with it. */
  void leave(AdjRibOut member) {
    members.remove(member);
    if (!members.isEmpty()) {
      return;
    }
    while (!changed.isEmpty()) {
      rib.releaseUse(changed.take());
    }
    for (int id = 0; told.size() > 0 && id < rib.limit(); id++) {
      if (told.get(id) != null) {
        told.set(id, null);
        rib.releaseUse(id);
      }
    }
  }

  /** There is a new decision about a prefix. */
  void changed(int id, Path best) {
    boolean concerned =
        told.get(id) != null
            || (best != null && (paths(id) > 0 || mayExport(best, rib.family(id))));
    if (concerned && changed.add(id)) {
      rib.addUse(id);
    }
  }

  /** Whether members get more than the best path of a prefix. */
  boolean severalPaths(int id) {
    return paths(id) > 1;
  }

  private int paths(int id) {
    return rib.family(id) == AddressFamily.IPV4 ? key.paths4() : key.paths6();
  }

  private boolean mayExport(Path path, AddressFamily family) {
    return ExportRules.mayExport(path, family, view);
  }

  /** Tells the members what has changed, for as long as one of those that keep up has room. */
  void flush() {
    while (!changed.isEmpty() && someoneHasRoom()) {
      round();
    }
  }

  private boolean someoneHasRoom() {
    boolean nobodyKeepsUp = true;
    for (AdjRibOut member : members) {
      if (member.keepsUp()) {
        if (member.outlet.writable()) {
          return true;
        }
        nobodyKeepsUp = false;
      }
    }
    return nobodyKeepsUp;
  }

  private void round() {
    List<AdjRibOut> targets = new ArrayList<>(members.size());
    List<AdjRibOut> behind = new ArrayList<>();
    for (AdjRibOut member : members) {
      (member.keepsUp() && !member.outlet.overfull() ? targets : behind).add(member);
    }
    UpdateCollector shared = collector();
    for (int i = 0; i < ROUND && !changed.isEmpty(); i++) {
      int id = changed.take();
      Told before = told.get(id);
      Told now = exported(id);
      if (!Told.equal(before, now)) {
        behind.forEach(member -> member.missed(id, before));
        if (!targets.isEmpty()) {
          tell(id, before, now, shared);
        }
        set(id, before, now);
      }
      rib.releaseUse(id); // it waits no more
    }
    UpdateBatch batch = shared.take();
    if (!batch.isEmpty()) {
      send(batch, targets);
    }
    targets.forEach(AdjRibOut::sendOwnWithdrawals);
  }

  private static void send(UpdateBatch batch, List<AdjRibOut> targets) {
    if (targets.size() == 1) {
      AdjRibOut only = targets.getFirst();
      only.outlet.send(batch.messages(only.peer));
    } else {
      batch.expect(targets.size());
      targets.forEach(member -> member.outlet.send(batch, member.peer));
    }
  }

  private void set(int id, Told before, Told now) {
    told.set(id, now);
    if (before == null) {
      rib.addUse(id);
    } else if (now == null) {
      rib.releaseUse(id);
    }
    countOwn(Told.onlySource(before), -1);
    countOwn(Told.onlySource(now), 1);
  }

  private void countOwn(RibPeer source, int change) {
    if (isMember(source)) {
      source.out.own += change;
    }
  }

  private boolean isMember(RibPeer peer) {
    return peer != null && peer.out != null && peer.out.group == this;
  }

  private void tell(int id, Told before, Told now, UpdateCollector shared) {
    for (Told b = before; b != null; b = b.next) {
      if (Told.find(now, b.identifier) == null) {
        shared.withdraw(id, b.identifier);
      }
    }
    for (Told n = now; n != null; n = n.next) {
      Told b = Told.find(before, n.identifier);
      if (b == null || !b.same(n)) {
        shared.announce(id, n);
        if (b != null && b.source != n.source && isMember(n.source)) {
          n.source.out.withdrawOwn(id, n.identifier);
        }
      }
    }
  }

  private Told exported(int id) {
    Path best = rib.best(id);
    if (best == null) {
      return null;
    }
    int paths = paths(id);
    if (paths == 0) {
      return rib.deferred(best) ? told.get(id) : told(id, best, 0, null);
    }
    List<Path> candidates = new ArrayList<>();
    for (Path p = rib.head(id); p != null; p = p.next) {
      if (p.eligible() && !rib.deferred(p)) {
        candidates.add(p);
      }
    }
    candidates.sort(BEST_FIRST);
    Told list = null;
    for (int i = Math.min(paths, candidates.size()) - 1; i >= 0; i--) {
      Path p = candidates.get(i);
      Told entry = told(id, p, p.ownIdentifier & 0xffff, list);
      list = entry == null ? list : entry;
    }
    return list;
  }

  private Told told(int id, Path path, int identifier, Told next) {
    AttributeSet attributes = attributes(id, path);
    if (attributes == null) {
      return null;
    }
    if (identifier != 0) {
      return new Told(attributes, path.source, identifier, next);
    }
    if (lastTold == null || lastTold.attributes != attributes || lastTold.source != path.source) {
      lastTold = new Told(attributes, path.source, 0, null);
    }
    return lastTold;
  }

  @SuppressWarnings(
      "ReferenceEquality") // only a shortcut: equal but not the same is worked out again
  private AttributeSet attributes(int id, Path path) {
    AddressFamily family = rib.family(id);
    if (!mayExport(path, family)) {
      return null;
    }
    PathAttributes passed = view.filters.exported(id, path);
    if (passed == null) {
      return null;
    }
    PeerSession from = path.source.session;
    if (lastAttributes != passed || lastSession != from || lastFamily != family) {
      PathAttributes attributes = ExportRules.export(path, passed, family, view);
      boolean sendable =
          attributes != null && members.getFirst().outlet.fits(attributes, Family.unicast(family));
      lastExported = sendable ? rib.intern(attributes) : null;
      lastAttributes = passed;
      lastSession = from;
      lastFamily = family;
    }
    return lastExported;
  }
}
