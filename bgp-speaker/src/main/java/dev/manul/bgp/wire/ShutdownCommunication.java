package dev.manul.bgp.wire;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The text that goes with a Cease of administrative shutdown or reset (RFC 9003): one length octet
 * and up to 255 octets of UTF-8.
 */
public final class ShutdownCommunication {
  private static final int MAX_OCTETS = 255;

  private ShutdownCommunication() {}

  /** The data of a NOTIFICATION; text beyond 255 octets is cut at a character. */
  public static Octets encode(String text) {
    CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
    ByteBuffer bytes = ByteBuffer.allocate(1 + MAX_OCTETS);
    bytes.put((byte) 0);
    // An unpaired surrogate ends the text early, as an overflow does.
    encoder.encode(CharBuffer.wrap(text), bytes, true);
    bytes.put(0, (byte) (bytes.position() - 1));
    byte[] data = new byte[bytes.position()];
    bytes.flip().get(data);
    return Octets.of(data);
  }

  /**
   * The text in the data of a NOTIFICATION, with control characters made harmless for logs; empty
   * when there is none or the length octet does not hold.
   */
  public static Optional<String> decode(Octets data) {
    if (data.length() == 0 || data.at(0) == 0 || data.at(0) > data.length() - 1) {
      return Optional.empty();
    }
    String text = new String(data.toArray(), 1, data.at(0), StandardCharsets.UTF_8);
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
        .forEach(clean::appendCodePoint);
    return Optional.of(clean.toString());
  }
}
