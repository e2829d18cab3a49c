package dev.manul.bgp.rib;

/**
 * What neighbours have been told of a prefix by one path: all of an {@link ExportGroup} but the
 * source itself. Immutable.
 */
final class Told {
  final AttributeSet attributes;
  final RibPeer source;

  /** The path identifier they know it by; 0 without ADD-PATH. */
  final int identifier;

  /** By another path of the same prefix; null without ADD-PATH. */
  final Told next;

  Told(AttributeSet attributes, RibPeer source, int identifier, Told next) {
    this.attributes = attributes;
    this.source = source;
    this.identifier = identifier;
    this.next = next;
  }

  /** The entry of a list with an identifier, or null. */
  static Told find(Told list, int identifier) {
    for (Told t = list; t != null; t = t.next) {
      if (t.identifier == identifier) {
        return t;
      }
    }
    return null;
  }

  /** The first entry of a list that a neighbour gets, or null. */
  static Told visible(Told list, RibPeer to) {
    for (Told t = list; t != null; t = t.next) {
      if (t.source != to) {
        return t;
      }
    }
    return null;
  }

  boolean same(Told other) {
    return attributes == other.attributes && source == other.source;
  }

  static boolean equal(Told a, Told b) {
    Told left = a;
    Told right = b;
    while (left != null && right != null && left != right) {
      if (left.identifier != right.identifier || !left.same(right)) {
        return false;
      }
      left = left.next;
      right = right.next;
    }
    return left == right;
  }

  /** The only source of a list, whom nothing of it is told; null when there are several. */
  static RibPeer onlySource(Told list) {
    for (Told t = list; t != null; t = t.next) {
      if (t.source != list.source) {
        return null;
      }
    }
    return list == null ? null : list.source;
  }
}
