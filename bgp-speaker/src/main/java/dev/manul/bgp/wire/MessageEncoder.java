package dev.manul.bgp.wire;

import dev.manul.model.Prefix;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Writes BGP messages (RFC 4271 section 4), each of 4096 octets at most. */
public final class MessageEncoder {
  private MessageEncoder() {}

  /**
   * Writes a message; an UPDATE with more prefixes than fit is written as several.
   *
   * @throws IllegalArgumentException when the message cannot be written: attributes that do not
   *     {@link #fits fit}, or a next hop of another family than the prefixes
   */
  public static void encode(BgpMessage message, EncodeContext context, ByteBuf out) {
    throw new UnsupportedOperationException();
  }

  /** True when an UPDATE of these attributes has room for at least one prefix of the family. */
  public static boolean fits(PathAttributes attributes, Family family, EncodeContext context) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one UPDATE that announces as many of {@code prefixes}, beginning at {@code from}, as fit
   * into 4096 octets. All prefixes are of one family.
   *
   * @return the index of the first prefix not written
   */
  public static int announce(
      PathAttributes attributes,
      List<Prefix> prefixes,
      int from,
      EncodeContext context,
      ByteBuf out) {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes one UPDATE that withdraws as many of {@code prefixes}, beginning at {@code from}, as fit
   * into 4096 octets. All prefixes are of one family.
   *
   * @return the index of the first prefix not written
   */
  public static int withdraw(List<Prefix> prefixes, int from, ByteBuf out) {
    throw new UnsupportedOperationException();
  }
}
