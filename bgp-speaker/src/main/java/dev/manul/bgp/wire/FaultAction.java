package dev.manul.bgp.wire;

/** What RFC 7606 section 2 does about a fault in an UPDATE, the mildest first. */
public enum FaultAction {
  /** The attribute is left out. */
  DISCARD,
  /** The announced prefixes are treated as withdrawn. */
  WITHDRAW,
  /**
   * The family can no longer be trusted on this session: its routes are to be dropped and whatever
   * else arrives of it ignored.
   */
  DISABLE_FAMILY
}
