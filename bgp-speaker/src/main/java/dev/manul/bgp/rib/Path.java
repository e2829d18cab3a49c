package dev.manul.bgp.rib;

/**
 * A path to a prefix from one source. There is one object for each route in each Adj-RIB-In, so it
 * is kept small; the prefix is known from where it hangs.
 */
final class Path {
  final RibPeer source;
  final AttributeSet attributes;

  /** What the neighbour sent, before the import filter changed it. */
  final AttributeSet received;

  /** Why import rules keep it out of the decision, or {@link Reason#BEST} when they do not. */
  final Reason refused;

  /** What the last decision said of it. */
  Reason reason = Reason.UNDECIDED;

  boolean stale;

  /** The next path of the same prefix. */
  Path next;

  Path(RibPeer source, AttributeSet received, AttributeSet attributes, Reason refused) {
    this.source = source;
    this.received = received;
    this.attributes = attributes;
    this.refused = refused;
  }

  boolean eligible() {
    return refused == Reason.BEST
        && (source.isLocal() || (attributes.hop != null && attributes.hop.reachable));
  }
}
