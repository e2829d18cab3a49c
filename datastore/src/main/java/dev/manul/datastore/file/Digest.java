package dev.manul.datastore.file;

/**
 * A 64-bit digest of content: FNV-1a with a final mix. It tells apart what editors make of a file;
 * it is no defence against somebody who computes collisions and may write to the directory anyway.
 */
final class Digest {
  private Digest() {}

  static long of(byte[] content) {
    long hash = 0xcbf29ce484222325L;
    for (byte octet : content) {
      hash = (hash ^ (octet & 0xff)) * 0x100000001b3L;
    }
    // the last step of MurmurHash3, so that every bit of the result depends on every one before
    hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }

  /** 16 hexadecimal digits. */
  static String text(long digest) {
    String digits = Long.toHexString(digest);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
