package dev.manul.bgp.rib;

import dev.manul.bgp.BestPath;
import dev.manul.bgp.BestPathChange;
import dev.manul.bgp.BestPathListener;
import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.EndOfRib;
import dev.manul.bgp.wire.BgpMessage.Update;
import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import dev.manul.bgp.wire.PrefixList;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A RIB without sessions: neighbours are what they would have been told. */
final class TestRib implements BestPathListener {
  static final Ipv4Address ROUTER_ID = Ipv4Address.parse("10.0.0.1");
  static final long AS = 64512;

  final Rib rib;
  final Map<Prefix, BestPath> best = new HashMap<>();
  final List<BestPathChange> changes = new ArrayList<>();
  final Map<Address, NextHopResolver.Resolution> resolutions = new HashMap<>();

  TestRib(boolean deferring) {
    rib =
        new Rib(
            hop -> resolutions.getOrDefault(hop, NextHopResolver.Resolution.DIRECT),
            this,
            deferring);
    rib.identify(new Identity(ROUTER_ID, Set.of(ROUTER_ID)));
  }

  @Override
  public void changed(List<BestPathChange> batch) {
    for (BestPathChange change : batch) {
      changes.add(change);
      change
          .best()
          .ifPresentOrElse(
              path -> best.put(change.prefix(), path), () -> best.remove(change.prefix()));
    }
  }

  @Override
  public void converged() {}

  /** A neighbour: its RIB entry and everything it has heard. */
  static final class Peer implements Outlet {
    final RibPeer rib;
    final Address address;
    final Map<Prefix, PathAttributes> heard = new HashMap<>();
    final List<BgpMessage> messages = new ArrayList<>();

    /** With ADD-PATH: by prefix and identifier. */
    final Map<String, PathAttributes> paths = new HashMap<>();

    /** How many paths of a prefix it takes; 0 without ADD-PATH. */
    int takes;

    PeerSession session;
    boolean writable = true;
    int updates;

    Peer(String address) {
      this.address = Address.parse(address);
      this.rib = RibPeer.neighbor(this.address);
      this.session = session(this.address, false, false);
    }

    @Override
    public boolean writable() {
      return writable;
    }

    @Override
    public boolean fits(PathAttributes attributes, Family family) {
      return true;
    }

    private void hearPaths(Update update) {
      for (PrefixList.Cursor at = update.withdrawn().cursor(); at.next(); ) {
        paths.remove(at.prefix() + " " + at.identifier());
      }
      for (PrefixList.Cursor at = update.announced().cursor(); at.next(); ) {
        paths.put(at.prefix() + " " + at.identifier(), update.attributes());
      }
    }

    /** The identifier under which it knows a path by a next hop. */
    int identifierOf(Prefix prefix, String nextHop) {
      for (Map.Entry<String, PathAttributes> path : paths.entrySet()) {
        String[] key = path.getKey().split(" ", 2);
        if (key[0].equals(prefix.toString())
            && path.getValue().nextHop().orElseThrow().text().equals(nextHop)) {
          return Integer.parseInt(key[1]);
        }
      }
      throw new AssertionError(nextHop + " is not among " + paths);
    }

    @Override
    public int paths(Family family) {
      return takes;
    }

    /** Neighbours of a kind are told together. */
    @Override
    public Object encoding() {
      return "";
    }

    @Override
    public void send(List<BgpMessage> sent) {
      for (BgpMessage message : sent) {
        messages.add(message);
        if (message instanceof Update update) {
          updates++;
          hearPaths(update);
          update.withdrawn().forEach(heard::remove);
          update.announced().forEach(prefix -> heard.put(prefix, update.attributes()));
        }
      }
    }

    boolean heardEndOfRib() {
      return messages.contains(new EndOfRib(Family.IPV4_UNICAST));
    }
  }

  static PeerSession session(Address address, boolean external, boolean client) {
    Sessions sessions = external ? Sessions.external(65001) : Sessions.internal();
    return (client ? sessions.client() : sessions).remoteId((Ipv4Address) address).get();
  }

  Peer internal(String address) {
    return up(new Peer(address));
  }

  Peer external(String address) {
    Peer peer = new Peer(address);
    peer.session = session(peer.address, true, false);
    return up(peer);
  }

  Peer client(String address) {
    Peer peer = new Peer(address);
    peer.session = session(peer.address, false, true);
    return up(peer);
  }

  /** A client that takes several paths of a prefix. */
  Peer client(String address, int takes) {
    Peer peer = new Peer(address);
    peer.session = session(peer.address, false, true);
    peer.takes = takes;
    return up(peer);
  }

  Peer up(Peer peer) {
    rib.peerUp(peer.rib, peer.session, Set.of(Family.IPV4_UNICAST), peer);
    rib.settle();
    return peer;
  }

  void down(Peer peer, boolean keep) {
    rib.peerDown(peer.rib, keep ? Set.of(Family.IPV4_UNICAST) : Set.of(), Set.of());
    peer.heard.clear();
    peer.messages.clear();
    rib.settle();
  }

  void announce(Peer peer, PathAttributes attributes, String... prefixes) {
    List<Prefix> parsed = new ArrayList<>();
    for (String prefix : prefixes) {
      parsed.add(Prefix.parse(prefix));
    }
    rib.update(peer.rib, new Update(List.of(), attributes, parsed));
    rib.settle();
  }

  void withdraw(Peer peer, String prefix) {
    rib.update(
        peer.rib, new Update(List.of(Prefix.parse(prefix)), PathAttributes.EMPTY, List.of()));
    rib.settle();
  }
}
