package dev.manul.bgp.wire;

import java.util.Set;

/**
 * What a session has agreed on that changes how messages are written. Sessions with equal contexts
 * get the same bytes for the same message.
 *
 * @param fourOctetAs both sides announced 4-octet AS numbers; otherwise large numbers travel as
 *     AS_TRANS beside AS4_PATH and AS4_AGGREGATOR (RFC 6793)
 * @param addPathSend families whose prefixes go with a path identifier (RFC 7911)
 * @param extendedNextHop families whose next hop may be an IPv6 address though the prefixes are
 *     IPv4 (RFC 8950)
 * @param extendedMessages messages may have up to 65,535 octets (RFC 8654)
 */
public record EncodeContext(
    boolean fourOctetAs,
    Set<Family> addPathSend,
    Set<Family> extendedNextHop,
    boolean extendedMessages) {

  public EncodeContext {
    addPathSend = Set.copyOf(addPathSend);
    extendedNextHop = Set.copyOf(extendedNextHop);
  }

  /** Without any of what came after RFC 6793. */
  public EncodeContext(boolean fourOctetAs) {
    this(fourOctetAs, Set.of(), Set.of(), false);
  }

  /** How many octets a message other than OPEN and KEEPALIVE may have. */
  public int maxLength() {
    return extendedMessages ? MessageDecoder.MAX_EXTENDED_LENGTH : MessageDecoder.MAX_LENGTH;
  }
}
