package dev.manul.bgp.wire;

import java.util.Set;

/**
 * What a session has agreed on that changes how bytes are read. Replaced whole after OPEN.
 *
 * @param fourOctetAs both sides announced 4-octet AS numbers (RFC 6793)
 * @param external the peer is in another AS: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST are then
 *     discarded (RFC 7606 section 7)
 * @param families what may be announced; prefixes of other families are left out and counted as
 *     faults
 */
public record DecodeContext(boolean fourOctetAs, boolean external, Set<Family> families) {

  /** Before OPEN has been exchanged: enough for every message but UPDATE. */
  public static final DecodeContext BEFORE_OPEN =
      new DecodeContext(false, true, Set.of(Family.IPV4_UNICAST));

  public DecodeContext {
    families = Set.copyOf(families);
  }
}
