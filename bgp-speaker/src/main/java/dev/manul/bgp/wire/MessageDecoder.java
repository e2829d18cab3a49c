package dev.manul.bgp.wire;

import io.netty.buffer.ByteBuf;

/** Reads BGP messages (RFC 4271 section 4). Never throws, whatever the bytes are. */
public final class MessageDecoder {
  /** Octets in a message header. */
  public static final int HEADER_LENGTH = 19;

  /** The longest message of RFC 4271. */
  public static final int MAX_LENGTH = 4096;

  private MessageDecoder() {}

  /**
   * How many octets the message at the reader index has in all.
   *
   * @return -1 while fewer than 19 octets are there; 0 when the header is wrong, so that {@link
   *     #decode} of what is there gives the NOTIFICATION to send; else 19 to 4096
   */
  public static int frameLength(ByteBuf in) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads one whole message, header included. The buffer's reference count is the caller's; its
   * reader index is left undefined.
   */
  public static DecodeOutcome decode(ByteBuf frame, DecodeContext context) {
    throw new UnsupportedOperationException();
  }
}
