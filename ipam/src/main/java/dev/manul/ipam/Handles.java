package dev.manul.ipam;

import java.util.Locale;

/** Names of handles. */
final class Handles {
  private Handles() {}

  /** The id as stored: what follows a carriage return is dropped. */
  static String cleanId(String id) {
    int cut = id.indexOf('\r');
    String clean = cut < 0 ? id : id.substring(0, cut);
    if (clean.isEmpty()) {
      throw new IllegalArgumentException("a handle id must not be empty");
    }
    return clean;
  }

  /** The name of the object that holds a handle. */
  static String name(String id) {
    return id.toLowerCase(Locale.ROOT);
  }

  /** Whether two ids name the same handle. */
  static boolean same(String a, String b) {
    return name(a).equals(name(b));
  }
}
