package dev.manul.netlink;

import java.util.Optional;

/** Hardware addresses of 6 octets, written as {@code 02:42:0a:01:05:0a}. */
final class Mac {

  static final int OCTETS = 6;

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Mac() {}

  /** The octets as a number of 48 bits. */
  static long parse(String text) {
    boolean valid = text.length() == 17;
    long value = 0;
    for (int i = 0; valid && i < 17; i++) {
      char c = text.charAt(i);
      if (i % 3 == 2) {
        valid = c == ':';
      } else {
        int digit = c < 128 ? Character.digit(c, 16) : -1;
        valid = digit >= 0;
        value = value << 4 | digit;
      }
    }
    if (!valid) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a hardware address; one looks like 02:42:0a:01:05:0a");
    }
    return value;
  }

  static void check(Optional<String> text) {
    if (text.isPresent()) {
      long _ = parse(text.get());
    }
  }

  static String format(long value) {
    char[] text = new char[17];
    for (int i = 0; i < OCTETS; i++) {
      int octet = (int) (value >>> (40 - 8 * i)) & 0xff;
      text[3 * i] = HEX[octet >> 4];
      text[3 * i + 1] = HEX[octet & 15];
      if (i < OCTETS - 1) {
        text[3 * i + 2] = ':';
      }
    }
    return new String(text);
  }
}
