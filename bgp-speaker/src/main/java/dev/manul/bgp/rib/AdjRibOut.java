package dev.manul.bgp.rib;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.RouteRefresh;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one neighbour has been told, and which prefixes it is still to be told of.
 *
 * <p>A waiting prefix is a number in a queue and nothing else: what the neighbour is told is worked
 * out when its connection has room, from the best path of that moment.
 */
final class AdjRibOut {
  /** How many prefixes one round of messages covers. */
  static final int ROUND = 1024;

  private static final int BEGIN_OF_REFRESH = 1;
  private static final int END_OF_REFRESH = 2;

  private final RibPeer peer;
  final Outlet outlet;
  private final PagedTable advertised = new PagedTable();
  private final MarkedQueue waiting = new MarkedQueue();

  /** Families whose End-of-RIB is still to be sent once the queue is empty. */
  private final Set<Family> endOfRib = new LinkedHashSet<>();

  /** Families whose refresh is to be marked as ended once the queue is empty (RFC 7313). */
  private final Set<Family> endOfRefresh = new LinkedHashSet<>();

  private final BitSet resend = new BitSet();

  /** What the last answer of the export rules was worked out from: most come in runs. */
  private PathAttributes lastAttributes;

  private PeerSession lastSession;
  private AddressFamily lastFamily;
  private AttributeSet lastExported;

  AdjRibOut(RibPeer peer, Outlet outlet) {
    this.peer = peer;
    this.outlet = outlet;
  }

  /** True when the prefix was not waiting before. */
  boolean enqueue(int id) {
    return waiting.add(id);
  }

  AttributeSet advertised(int id) {
    return advertised.get(id);
  }

  int size() {
    return advertised.size();
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

  /** Makes the next round tell a waiting prefix again even if it has not changed. */
  void resend(int id) {
    resend.set(id);
  }

  /** Sends what waits, as far as the connection has room. */
  void flush(Rib rib) {
    while (!waiting.isEmpty() && outlet.writable()) {
      sendRound(rib);
    }
    if (waiting.isEmpty() && !endOfRib.isEmpty() && !rib.holdsEndOfRib(peer)) {
      List<BgpMessage> markers = new ArrayList<>();
      endOfRib.forEach(family -> markers.add(new EndOfRib(family)));
      endOfRib.clear();
      outlet.send(markers);
    }
    if (waiting.isEmpty() && !endOfRefresh.isEmpty()) {
      List<BgpMessage> markers = new ArrayList<>();
      endOfRefresh.forEach(family -> markers.add(new RouteRefresh(family, END_OF_REFRESH)));
      endOfRefresh.clear();
      outlet.send(markers);
    }
  }

  private void sendRound(Rib rib) {
    Map<AddressFamily, List<Prefix>> withdrawn = new EnumMap<>(AddressFamily.class);
    Map<AttributeSet, List<Prefix>> announced = new LinkedHashMap<>();
    for (int i = 0; i < ROUND && !waiting.isEmpty(); i++) {
      int id = waiting.take();
      AttributeSet before = advertised.get(id);
      AttributeSet now = exported(rib, id);
      boolean again = resend.get(id);
      resend.clear(id);
      if (now != null && (now != before || again)) {
        announced.computeIfAbsent(now, a -> new ArrayList<>()).add(rib.prefix(id));
      } else if (now == null && before != null) {
        Prefix prefix = rib.prefix(id);
        withdrawn.computeIfAbsent(prefix.family(), f -> new ArrayList<>()).add(prefix);
      }
      advertised.set(id, now);
      if (before == null && now != null) {
        rib.addUse(id);
      } else if (before != null && now == null) {
        rib.releaseUse(id);
      }
      rib.releaseUse(id); // it waits no more
    }
    List<BgpMessage> messages = new ArrayList<>();
    withdrawn.forEach(
        (family, prefixes) -> messages.add(new Update(prefixes, PathAttributes.EMPTY, List.of())));
    announced.forEach(
        (attributes, prefixes) -> messages.add(new Update(List.of(), attributes.value, prefixes)));
    if (!messages.isEmpty()) {
      outlet.send(messages);
    }
  }

  @SuppressWarnings(
      "ReferenceEquality") // only a shortcut: equal but not the same is worked out again
  private AttributeSet exported(Rib rib, int id) {
    Path best = rib.best(id);
    if (best == null) {
      return null;
    }
    if (rib.deferred(best)) {
      return advertised.get(id);
    }
    AddressFamily family = rib.family(id);
    PeerSession from = best.source.session;
    if (!ExportRules.mayExport(best, rib.family(id), peer)) {
      return null;
    }
    PathAttributes passed = peer.filters.exported(id, best);
    if (passed == null) {
      return null;
    }
    if (lastAttributes != passed || lastSession != from || lastFamily != family) {
      PathAttributes attributes = ExportRules.export(best, passed, family, peer);
      boolean sendable = attributes != null && outlet.fits(attributes, Family.unicast(family));
      lastExported = sendable ? rib.intern(attributes) : null;
      lastAttributes = passed;
      lastSession = from;
      lastFamily = family;
    }
    return lastExported;
  }

  /** Gives up every number this table uses; it must not be used after that. */
  void release(Rib rib) {
    while (!waiting.isEmpty()) {
      rib.releaseUse(waiting.take());
    }
    for (int id = 0; id < rib.limit(); id++) {
      if (advertised.get(id) != null) {
        rib.releaseUse(id);
      }
    }
  }
}
