package dev.manul.bgp.rib;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The Adj-RIBs-Out of all neighbours that are connected, and the groups that are told the same. */
final class AdjRibsOut {
  private final Rib rib;
  private final List<RibPeer> connected = new ArrayList<>();

  /** In the order in which they came. */
  private final Map<ExportGroup.Key, ExportGroup> groups = new LinkedHashMap<>();

  AdjRibsOut(Rib rib) {
    this.rib = rib;
  }

  private ExportGroup group(PeerSession session, Outlet outlet) {
    return groups.computeIfAbsent(
        ExportGroup.Key.of(session, outlet), key -> new ExportGroup(key, rib));
  }

  private void leave(AdjRibOut out) {
    out.release();
    if (out.group.isEmpty()) {
      groups.remove(out.group.key);
    }
  }

  /** A neighbour has connected: everything that may be announced is queued for it. */
  void open(RibPeer peer, Outlet outlet) {
    ExportGroup group = group(peer.session, outlet);
    peer.out = new AdjRibOut(peer, outlet, group, rib);
    connected.add(peer);
    group.join(peer.out);
    if (peer.session.endOfRib()) {
      peer.session.families().forEach(peer.out::owesEndOfRib);
    }
  }

  /** A neighbour's connection has ended. */
  void close(RibPeer peer) {
    connected.remove(peer);
    AdjRibOut out = peer.out;
    peer.out = null;
    leave(out);
  }

  /** The filters towards a neighbour have changed: it is told what differs, if anything does. */
  void regroup(RibPeer peer) {
    AdjRibOut former = peer.out;
    if (ExportGroup.Key.of(peer.session, former.outlet).equals(former.group.key)) {
      return;
    }
    ExportGroup group = group(peer.session, former.outlet);
    AdjRibOut out = new AdjRibOut(peer, former.outlet, group, rib);
    out.succeed(former);
    peer.out = out;
    leave(former);
    group.join(out);
    group.flush(); // so that only what differs is told, and not all withdrawn before
  }

  /** A prefix has another best path. */
  void changed(int id, Path best) {
    for (ExportGroup group : groups.values()) {
      group.changed(id, best);
    }
  }

  /** A prefix has the best path that it had, and others may be new. */
  void othersChanged(int id, Path best) {
    for (ExportGroup group : groups.values()) {
      if (group.severalPaths(id)) {
        group.changed(id, best);
      }
    }
  }

  /** Sends what there is room for. */
  void flush() {
    // Who catches up now is told the rest together with the others.
    for (RibPeer peer : connected) {
      if (!peer.out.keepsUp()) {
        peer.out.catchUp();
      }
    }
    for (ExportGroup group : groups.values()) {
      group.flush();
    }
    for (RibPeer peer : connected) {
      if (!peer.out.idle()) {
        peer.out.flush();
      }
    }
  }

  /** A neighbour's connection has room again. */
  void writable(RibPeer peer) {
    peer.out.catchUp();
    peer.out.group.flush();
    peer.out.flush();
  }
}
