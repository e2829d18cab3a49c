package dev.manul.bgp.rib;

import dev.manul.bgp.NextHopResolver;
import dev.manul.bgp.wire.PrefixList;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.Arrays;

/** All prefixes with their paths, and which of them are to be decided about. */
final class RouteTable {
  private static final int MOST_IDENTIFIERS = 0xffff;

  private final PrefixTable prefixes = new PrefixTable();
  private final NextHopTable nextHops;
  private final MarkedQueue dirty = new MarkedQueue();

  /** The paths of a prefix, as a list; in no order. */
  private Path[] heads = new Path[64];

  /** The outcome of the last decision. */
  private Path[] bests = new Path[64];

  /** How many queues and Adj-RIBs-Out refer to a prefix. */
  private int[] uses = new int[64];

  private int pathCount;
  private int bestCount;

  RouteTable(NextHopResolver resolver) {
    this.nextHops = new NextHopTable(resolver);
  }

  PrefixTable prefixes() {
    return prefixes;
  }

  MarkedQueue dirty() {
    return dirty;
  }

  Path head(int id) {
    return heads[id];
  }

  Path best(int id) {
    return bests[id];
  }

  void setBest(int id, Path path) {
    bestCount += (path == null ? 0 : 1) - (bests[id] == null ? 0 : 1);
    bests[id] = path;
  }

  int bestCount() {
    return bestCount;
  }

  int pathCount() {
    return pathCount;
  }

  int add(Prefix prefix) {
    return sized(prefixes.add(prefix));
  }

  int add(PrefixList.Cursor at, AddressFamily family) {
    return sized(prefixes.add(at.high(), at.low(), at.length(), family));
  }

  int find(PrefixList.Cursor at, AddressFamily family) {
    return prefixes.find(at.high(), at.low(), at.length(), family);
  }

  private int sized(int id) {
    if (id >= heads.length) {
      heads = Arrays.copyOf(heads, id * 2);
      bests = Arrays.copyOf(bests, id * 2);
      uses = Arrays.copyOf(uses, id * 2);
    }
    return id;
  }

  /** Files a path in the place of the one that its source had with that identifier. */
  void put(Path path) {
    RibPeer source = path.source;
    Path before = null;
    Path old = heads[path.id];
    int highest = 0;
    while (old != null && (old.source != source || old.identifier != path.identifier)) {
      highest = Math.max(highest, old.ownIdentifier & MOST_IDENTIFIERS);
      before = old;
      old = old.next;
    }
    if (old != null
        && old.received == path.received
        && old.attributes == path.attributes
        && old.refused == path.refused) {
      old.stale = false;
      return;
    }
    nextHops.use(path.attributes, path.id);
    path.next = old == null ? null : old.next;
    if (before == null) {
      heads[path.id] = path;
    } else {
      before.next = path;
    }
    source.refused += path.refused == Reason.BEST ? 0 : 1;
    if (old == null) {
      source.paths.add(path);
      path.ownIdentifier = freeIdentifier(path, highest);
      pathCount++;
    } else {
      source.paths.replace(old, path);
      path.ownIdentifier = old.ownIdentifier;
      source.refused -= old.refused == Reason.BEST ? 0 : 1;
      nextHops.release(old.attributes, path.id, heads[path.id]);
    }
    dirty.add(path.id);
  }

  /** One that no other path of the prefix has. */
  private short freeIdentifier(Path path, int highest) {
    if (highest < MOST_IDENTIFIERS) {
      return (short) (highest + 1);
    }
    int free = 0;
    boolean taken = true;
    while (taken) {
      free++;
      taken = false;
      for (Path p = heads[path.id]; p != null && !taken; p = p.next) {
        taken = p != path && (p.ownIdentifier & MOST_IDENTIFIERS) == free;
      }
    }
    return (short) free;
  }

  /** Removes a source's path with an identifier, if there is one. */
  void remove(int id, RibPeer source, int identifier) {
    Path before = null;
    for (Path p = heads[id]; p != null; p = p.next) {
      if (p.source == source && p.identifier == identifier) {
        remove(p, before);
        return;
      }
      before = p;
    }
  }

  void remove(Path path) {
    remove(path.id, path.source, path.identifier);
  }

  private void remove(Path path, Path before) {
    if (before == null) {
      heads[path.id] = path.next;
    } else {
      before.next = path.next;
    }
    path.source.paths.remove(path);
    path.source.refused -= path.refused == Reason.BEST ? 0 : 1;
    pathCount--;
    nextHops.release(path.attributes, path.id, heads[path.id]);
    dirty.add(path.id);
  }

  void forgetUnused(int id) {
    if (uses[id] == 0 && heads[id] == null && bests[id] == null && !dirty.contains(id)) {
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

  /** Marks what has paths by next hops of which the resolver now says something else. */
  void resolveNextHops() {
    nextHops.resolveAll(dirty::add);
  }
}
