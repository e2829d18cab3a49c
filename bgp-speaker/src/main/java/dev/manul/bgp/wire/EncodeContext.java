package dev.manul.bgp.wire;

/**
 * What a session has agreed on that changes how messages are written.
 *
 * @param fourOctetAs both sides announced 4-octet AS numbers; otherwise large numbers travel as
 *     AS_TRANS beside AS4_PATH and AS4_AGGREGATOR (RFC 6793)
 */
public record EncodeContext(boolean fourOctetAs) {}
