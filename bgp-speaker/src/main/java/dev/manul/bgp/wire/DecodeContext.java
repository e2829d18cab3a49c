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
 * @param addPathReceive families whose prefixes come with a path identifier (RFC 7911)
 * @param extendedNextHop families whose next hop may be an IPv6 address though the prefixes are
 *     IPv4 (RFC 8950)
 * @param extendedMessages messages may have up to 65,535 octets (RFC 8654)
 */
public record DecodeContext(
    boolean fourOctetAs,
    boolean external,
    Set<Family> families,
    Set<Family> addPathReceive,
    Set<Family> extendedNextHop,
    boolean extendedMessages) {

  /** Before OPEN has been exchanged: enough for every message but UPDATE. */
  public static final DecodeContext BEFORE_OPEN =
      new DecodeContext(false, true, Set.of(Family.IPV4_UNICAST));

  public DecodeContext {
    families = Set.copyOf(families);
    addPathReceive = Set.copyOf(addPathReceive);
    extendedNextHop = Set.copyOf(extendedNextHop);
  }

  /** Without any of what came after RFC 6793. */
  public DecodeContext(boolean fourOctetAs, boolean external, Set<Family> families) {
    this(fourOctetAs, external, families, Set.of(), Set.of(), false);
  }

  /** How many octets a message other than OPEN and KEEPALIVE may have. */
  public int maxLength() {
    return extendedMessages ? MessageDecoder.MAX_EXTENDED_LENGTH : MessageDecoder.MAX_LENGTH;
  }
}
