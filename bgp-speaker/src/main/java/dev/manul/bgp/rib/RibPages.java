package dev.manul.bgp.rib;

import dev.manul.bgp.RibEntry;
import dev.manul.bgp.RibPage;
import dev.manul.model.Prefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Shows a {@link Rib} in pieces, so that looking at a large one holds nothing up for long. Routes
 * that come and go between two pieces may be missed or not; those that stay are in exactly one. On
 * the core thread.
 */
public final class RibPages {
  private static final Comparator<RibEntry> ORDER =
      Comparator.comparing(RibEntry::prefix)
          .thenComparing(RibEntry::best, Comparator.reverseOrder())
          .thenComparing(entry -> entry.peer().map(Object::toString).orElse(""));

  private RibPages() {}

  /** Which paths of a prefix to show. */
  private interface Selection {
    void add(Rib rib, int id, List<RibEntry> to);
  }

  /**
   * A piece of everything known.
   *
   * @param from 0, or where the piece before ended
   * @param count how many prefixes to look at
   */
  public static RibPage local(Rib rib, int from, int count) {
    return page(rib, from, count, (r, id, to) -> paths(r, id, null, to));
  }

  /** A piece of what a neighbour has announced. */
  public static RibPage in(Rib rib, RibPeer peer, int from, int count) {
    return page(rib, from, count, (r, id, to) -> paths(r, id, peer, to));
  }

  /** A piece of what a neighbour has been told. */
  public static RibPage out(Rib rib, RibPeer peer, int from, int count) {
    return page(rib, from, count, (r, id, to) -> told(r, id, peer, to));
  }

  /** All that is known of one prefix. */
  public static List<RibEntry> local(Rib rib, Prefix prefix) {
    return one(rib, prefix, (r, id, to) -> paths(r, id, null, to));
  }

  /** What a neighbour has announced of one prefix. */
  public static List<RibEntry> in(Rib rib, RibPeer peer, Prefix prefix) {
    return one(rib, prefix, (r, id, to) -> paths(r, id, peer, to));
  }

  /** What a neighbour has been told of one prefix. */
  public static List<RibEntry> out(Rib rib, RibPeer peer, Prefix prefix) {
    return one(rib, prefix, (r, id, to) -> told(r, id, peer, to));
  }

  private static RibPage page(Rib rib, int from, int count, Selection selection) {
    List<RibEntry> entries = new ArrayList<>();
    int end = (int) Math.min(rib.limit(), (long) from + count);
    for (int id = from; id < end; id++) {
      if (rib.inUse(id)) {
        selection.add(rib, id, entries);
      }
    }
    entries.sort(ORDER);
    return new RibPage(entries, end < rib.limit() ? end : RibPage.END);
  }

  private static List<RibEntry> one(Rib rib, Prefix prefix, Selection selection) {
    List<RibEntry> entries = new ArrayList<>();
    int id = rib.find(prefix);
    if (id >= 0) {
      selection.add(rib, id, entries);
    }
    entries.sort(ORDER);
    return entries;
  }

  /** All paths of a prefix; or those of one source, as it has sent them. */
  private static void paths(Rib rib, int id, RibPeer source, List<RibEntry> to) {
    for (Path p = rib.head(id); p != null; p = p.next) {
      if (source == null || p.source == source) {
        to.add(
            new RibEntry(
                rib.prefix(id),
                source == null ? p.attributes.value : p.received.value,
                p.source.address(),
                rib.best(id) == p,
                p.stale,
                Explanations.reason(rib, id, p)));
      }
    }
  }

  private static void told(Rib rib, int id, RibPeer peer, List<RibEntry> to) {
    AttributeSet told = peer.out == null ? null : peer.out.advertised(id);
    if (told != null) {
      to.add(new RibEntry(rib.prefix(id), told.value, peer.address(), true, false, ""));
    }
  }
}
