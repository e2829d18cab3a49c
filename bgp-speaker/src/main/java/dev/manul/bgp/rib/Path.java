package dev.manul.bgp.rib;

/**
 * A path to a prefix from one source. There is one object for each route in each Adj-RIB-In, so it
 * is kept small.
 */
final class Path {
  final RibPeer source;
  final AttributeSet attributes;

  /** What the neighbour sent, before the import filter changed it. */
  final AttributeSet received;

  /** Why import rules keep it out of the decision, or {@link Reason#BEST} when they do not. */
  final Reason refused;

  /** The prefix's number. */
  final int id;

  /** What tells it from other paths of the same source; 0 without ADD-PATH (RFC 7911). */
  final int identifier;

  /** Its place among all paths of its source. */
  int place;

  /** What tells it from all other paths of the prefix, towards neighbours that get several. */
  short ownIdentifier;

  /** What the last decision said of it. */
  Reason reason = Reason.UNDECIDED;

  boolean stale;

  /** The next path of the same prefix. */
  Path next;

  Path(
      int id,
      RibPeer source,
      int identifier,
      AttributeSet received,
      AttributeSet attributes,
      Reason refused) {
    this.id = id;
    this.source = source;
    this.identifier = identifier;
    this.received = received;
    this.attributes = attributes;
    this.refused = refused;
  }

  /** A path that stands for itself, outside of any table. */
  Path(RibPeer source, AttributeSet received, AttributeSet attributes, Reason refused) {
    this(0, source, 0, received, attributes, refused);
  }

  boolean eligible() {
    return refused == Reason.BEST
        && (source.isLocal() || (attributes.hop != null && attributes.hop.reachable));
  }
}
