package dev.manul.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a BGP peer listens, as {@code BGPPeer.spec.peerIP} writes it: {@code 10.0.0.1}, {@code
 * 10.0.0.1:1179}, {@code fd00::1} or {@code [fd00::1]:1179}.
 *
 * @param givenPort 1 to 65535; empty when the text has none
 */
public record PeerAddress(Address address, OptionalInt givenPort) {

  /** The port given, or 179. */
  public int port() {
    return givenPort.orElse(BGPConfiguration.DEFAULT_LISTEN_PORT);
  }

  /**
   * Reads the text.
   *
   * @throws IllegalArgumentException with a one-line reason
   */
  public static PeerAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      if (end < 0 || colon != end + 1) {
        throw new IllegalArgumentException("\"" + text + "\" is not [ADDRESS]:PORT");
      }
      return new PeerAddress(
          Ipv6Address.parse(text.substring(1, end)), OptionalInt.of(port(text, colon)));
    }
    if (colon >= 0 && text.indexOf(':') == colon) {
      return new PeerAddress(
          Ipv4Address.parse(text.substring(0, colon)), OptionalInt.of(port(text, colon)));
    }
    return new PeerAddress(Address.parse(text), OptionalInt.empty());
  }

  static Optional<PeerAddress> find(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static int port(String text, int colon) {
    String digits = text.substring(colon + 1);
    if (!digits.matches("[0-9]{1,5}")
        || Integer.parseInt(digits) < 1
        || Integer.parseInt(digits) > 65535) {
      throw new IllegalArgumentException("\"" + text + "\" has no port from 1 to 65535");
    }
    return Integer.parseInt(digits);
  }

  AddressFamily family() {
    return address.family();
  }
}
