package dev.manul.bgp.rib;

import dev.manul.bgp.RibEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Shows a {@link Rib}, prefix by prefix in ascending order. On the core thread. */
public final class RibView {
  private static final Comparator<RibEntry> ORDER =
      Comparator.comparing(RibEntry::prefix)
          .thenComparing(RibEntry::best, Comparator.reverseOrder())
          .thenComparing(entry -> entry.peer().map(Object::toString).orElse(""));

  private RibView() {}

  /** Every path, the best of a prefix first. */
  public static List<RibEntry> all(Rib rib) {
    return paths(rib, null);
  }

  /** What one neighbour has announced. */
  public static List<RibEntry> in(Rib rib, RibPeer peer) {
    return paths(rib, peer);
  }

  /** What one neighbour has been told. */
  public static List<RibEntry> out(Rib rib, RibPeer peer) {
    List<RibEntry> entries = new ArrayList<>();
    for (int id = 0; peer.out != null && id < rib.limit(); id++) {
      AttributeSet told = peer.out.advertised(id);
      if (told != null) {
        entries.add(new RibEntry(rib.prefix(id), told.value, peer.address(), true, false, ""));
      }
    }
    entries.sort(ORDER);
    return List.copyOf(entries);
  }

  private static List<RibEntry> paths(Rib rib, RibPeer source) {
    List<RibEntry> entries = new ArrayList<>();
    for (int id = 0; id < rib.limit(); id++) {
      for (Path p = rib.head(id); p != null; p = p.next) {
        if (source == null || p.source == source) {
          entries.add(entry(rib, id, p, source == null ? p.attributes : p.received));
        }
      }
    }
    entries.sort(ORDER);
    return List.copyOf(entries);
  }

  private static RibEntry entry(Rib rib, int id, Path p, AttributeSet shown) {
    return new RibEntry(
        rib.prefix(id),
        shown.value,
        p.source.address(),
        rib.best(id) == p,
        p.stale,
        Explanations.reason(rib, id, p));
  }
}
