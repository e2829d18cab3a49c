package dev.manul.netlink;

import java.nio.charset.StandardCharsets;

/** The kernel's rule for names of links (dev_valid_name, net/core/dev.c). */
final class LinkNames {

  /** IFNAMSIZ less the closing zero. */
  static final int LONGEST = 15;

  private LinkNames() {}

  static void check(String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    boolean valid =
        length >= 1
            && length <= LONGEST
            && !name.equals(".")
            && !name.equals("..")
            && name.chars().noneMatch(c -> c == '/' || c == ':' || Character.isWhitespace(c));
    if (!valid) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is not a link name: 1 to 15 bytes without '/', ':' and blanks");
    }
  }
}
