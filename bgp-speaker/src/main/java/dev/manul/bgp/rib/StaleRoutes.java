package dev.manul.bgp.rib;

import dev.manul.bgp.wire.Family;
import dev.manul.bgp.wire.PathAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which of a neighbour's paths are stale: those of a session that has ended (RFC 4724, RFC 9494),
 * and those that have not come again in the course of a refresh (RFC 7313).
 */
final class StaleRoutes {
  /** RFC 9494 section 5. */
  static final int LLGR_STALE = 0xffff0006;

  static final int NO_LLGR = 0xffff0007;

  private final Rib rib;

  StaleRoutes(Rib rib) {
    this.rib = rib;
  }

  /** Visits a neighbour's paths of a family; the visitor may remove or replace the one it sees. */
  private void each(RibPeer peer, Family family, Consumer<Path> visitor) {
    for (int i = peer.paths.size() - 1; i >= 0; i--) {
      Path path = peer.paths.get(i);
      if (familyOf(path).equals(family)) {
        visitor.accept(path);
      }
    }
  }

  private Family familyOf(Path path) {
    return Family.unicast(rib.family(path.id));
  }

  /**
   * The session has ended.
   *
   * @param keep families of which the paths stay as stale ones
   * @param keepStale families of which those stay as well that have been stale before
   */
  void sessionEnds(RibPeer peer, Set<Family> keep, Set<Family> keepStale) {
    peer.staleFamilies.clear();
    peer.refreshing.clear();
    for (int i = peer.paths.size() - 1; i >= 0; i--) {
      Path path = peer.paths.get(i);
      Family family = familyOf(path);
      if (keep.contains(family) && (!path.stale || keepStale.contains(family))) {
        path.stale = true;
        peer.staleFamilies.add(family);
      } else {
        rib.routes().remove(path);
      }
    }
  }

  /** See {@link Rib#flushStale}. */
  void flush(RibPeer peer, Family family) {
    if (peer.staleFamilies.remove(family)) {
      removeStale(peer, family);
    }
  }

  private void removeStale(RibPeer peer, Family family) {
    each(
        peer,
        family,
        path -> {
          if (path.stale) {
            rib.routes().remove(path);
          }
        });
  }

  /** See {@link Rib#beginRefresh}. */
  void beginRefresh(RibPeer peer, Family family) {
    peer.refreshing.add(family);
    each(peer, family, path -> path.stale = true);
  }

  /** See {@link Rib#endRefresh}. */
  void endRefresh(RibPeer peer, Family family) {
    if (peer.refreshing.remove(family)) {
      removeStale(peer, family);
    }
  }

  /** What had not come again when a session ended is as good as what had. */
  void abandonRefreshes(RibPeer peer) {
    for (Family family : peer.refreshing) {
      each(peer, family, path -> path.stale = false);
    }
    peer.refreshing.clear();
  }

  /** See {@link Rib#longLivedStale}. */
  void longLived(RibPeer peer, Family family) {
    each(
        peer,
        family,
        path -> {
          List<Integer> communities = path.received.value.communities();
          if (path.stale && communities.contains(NO_LLGR)) {
            rib.routes().remove(path);
          } else if (path.stale && !communities.contains(LLGR_STALE)) {
            AttributeSet received = rib.intern(marked(path.received.value));
            AttributeSet passed =
                path.received == path.attributes
                    ? received
                    : rib.intern(marked(path.attributes.value));
            Path marked = new Path(path.id, peer, path.identifier, received, passed, path.refused);
            marked.stale = true;
            rib.routes().put(marked);
          }
        });
  }

  private static PathAttributes marked(PathAttributes attributes) {
    List<Integer> communities = new ArrayList<>(attributes.communities());
    communities.add(LLGR_STALE);
    return attributes.toBuilder().communities(communities).build();
  }
}
