package dev.manul.agent;

import dev.manul.model.Ipv4Address;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** BGP identifiers for nodes that have no IPv4 address to take one from. */
final class RouterId {

  private RouterId() {}

  /**
   * An identifier derived from a node's name; never 0.0.0.0, which RFC 4271 section 4.2 forbids.
   */
  static Ipv4Address ofName(String nodeName) {
    CRC32 checksum = new CRC32();
    checksum.update(nodeName.getBytes(StandardCharsets.UTF_8));
    int value = (int) checksum.getValue();
    return new Ipv4Address(value == 0 ? 1 : value);
  }
}
