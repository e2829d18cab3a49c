package dev.manul.bgp.rib;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.UpdateBatch;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What one neighbour has been told. That is what its group has been told, but for the prefixes that
 * wait for the neighbour alone: of those it is what the group had been told before.
 */
final class AdjRibOut {
  /** How many prefixes one round of messages covers. */
  private static final int ROUND = 1024;

  private static final int BEGIN_OF_REFRESH = 1;
  private static final int END_OF_REFRESH = 2;

  final RibPeer peer;
  final Outlet outlet;
  final ExportGroup group;
  private final Rib rib;

  /** Of how many prefixes of the group the neighbour is the only source. */
  int own;

  private final MarkedQueue waiting = new MarkedQueue();

  /** What the neighbour has been told of prefixes that wait. */
  private final PagedTable<Told> before = new PagedTable<>();

  /** What the group has been told of this neighbour's paths in place of another's. */
  private UpdateCollector ownWithdrawals;

  /** Families whose End-of-RIB is still to be sent once all has been told. */
  private final Set<Family> endOfRib = new LinkedHashSet<>(2);

  /** Families whose refresh is to be marked as ended once all has been told (RFC 7313). */
  private final Set<Family> endOfRefresh = new LinkedHashSet<>(2);

  private final BitSet resend = new BitSet(0);

  AdjRibOut(RibPeer peer, Outlet outlet, ExportGroup group, Rib rib) {
    this.peer = peer;
    this.outlet = outlet;
    this.group = group;
    this.rib = rib;
  }

  /** Whether nothing waits for this neighbour alone. */
  boolean keepsUp() {
    return waiting.isEmpty();
  }

  /** The group has been told something new of a prefix, without this neighbour. */
  void missed(int id, Told was) {
    if (waiting.add(id)) {
      rib.addUse(id);
      before.set(id, was);
    }
  }

  /** Tells of a prefix again even if nothing has changed. */
  void resend(int id) {
    missed(id, group.told(id));
    resend.set(id);
  }

  /** The path that takes the place of another one is the neighbour's own. */
  void withdrawOwn(int id, int identifier) {
    if (keepsUp()) {
      if (ownWithdrawals == null) {
        ownWithdrawals = group.collector();
      }
      ownWithdrawals.withdraw(id, identifier);
    }
  }

  void sendOwnWithdrawals() {
    if (ownWithdrawals != null) {
      outlet.send(ownWithdrawals.take().messages(peer));
      ownWithdrawals = null;
    }
  }

  /** What the neighbour has been told of a prefix, or null; with ADD-PATH, of one path. */
  AttributeSet advertised(int id) {
    Told list = waiting.contains(id) ? before.get(id) : group.told(id);
    Told told = Told.visible(list, peer);
    return told == null ? null : told.attributes;
  }

  /** Of how many prefixes the neighbour has been told. */
  int size() {
    int size = group.size() - own;
    for (int i = 0; i < waiting.size(); i++) {
      int id = waiting.get(i);
      size += Told.visible(before.get(id), peer) == null ? 0 : 1;
      size -= Told.visible(group.told(id), peer) == null ? 0 : 1;
    }
    return size;
  }

  void owesEndOfRib(Family family) {
    endOfRib.add(family);
  }

  /** Before End-of-RIB, no refresh may be marked: all is still being sent for the first time. */
  void beginRefresh(Family family) {
    if (!endOfRib.contains(family)) {
      outlet.send(List.of(new RouteRefresh(family, BEGIN_OF_REFRESH)));
      endOfRefresh.add(family);
    }
  }

  boolean idle() {
    return waiting.isEmpty() && endOfRib.isEmpty() && endOfRefresh.isEmpty();
  }

  /** Sends what waits for this neighbour alone, as far as the connection has room. */
  void catchUp() {
    while (!waiting.isEmpty() && outlet.writable()) {
      sendRound();
    }
  }

  /** The same; and once all has been told, says so where that is to be said. */
  void flush() {
    catchUp();
    if (!waiting.isEmpty() || !group.idle()) {
      return;
    }
    if (!endOfRib.isEmpty() && !rib.holdsEndOfRib(peer)) {
      List<BgpMessage> markers = new ArrayList<>();
      endOfRib.forEach(family -> markers.add(new EndOfRib(family)));
      endOfRib.clear();
      outlet.send(markers);
    }
    if (!endOfRefresh.isEmpty()) {
      List<BgpMessage> markers = new ArrayList<>();
      endOfRefresh.forEach(family -> markers.add(new RouteRefresh(family, END_OF_REFRESH)));
      endOfRefresh.clear();
      outlet.send(markers);
    }
  }

  private void sendRound() {
    UpdateCollector collector = group.collector();
    for (int i = 0; i < ROUND && !waiting.isEmpty(); i++) {
      int id = waiting.take();
      tell(id, before.get(id), group.told(id), collector);
      before.set(id, null);
      resend.clear(id);
      rib.releaseUse(id); // it waits no more
    }
    UpdateBatch batch = collector.take();
    if (!batch.isEmpty()) {
      outlet.send(batch.messages(peer));
    }
  }

  private void tell(int id, Told was, Told now, UpdateCollector collector) {
    for (Told b = was; b != null; b = b.next) {
      if (b.source != peer) {
        Told n = Told.find(now, b.identifier);
        if (n == null || n.source == peer) {
          collector.withdraw(id, b.identifier);
        }
      }
    }
    boolean again = resend.get(id);
    for (Told n = now; n != null; n = n.next) {
      if (n.source != peer) {
        Told b = Told.find(was, n.identifier);
        if (b == null || again || b.source == peer || b.attributes != n.attributes) {
          collector.announce(id, n);
        }
      }
    }
  }

  /** Takes the place of another one: the neighbour has been told what that one has told it. */
  void succeed(AdjRibOut former) {
    for (int id = 0; id < rib.limit(); id++) {
      Told was = former.waiting.contains(id) ? former.before.get(id) : former.group.told(id);
      if (Told.visible(was, peer) != null) {
        missed(id, was);
        resend.set(id, former.resend.get(id));
      }
    }
    endOfRib.addAll(former.endOfRib);
    endOfRefresh.addAll(former.endOfRefresh);
  }

  /** Gives up every number this table uses; it must not be used after that. */
  void release() {
    while (!waiting.isEmpty()) {
      rib.releaseUse(waiting.take());
    }
    group.leave(this);
  }
}
