package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage;
import dev.manul.bgp.wire.BgpMessage.Notification;

/** What the codec makes of bytes from a neighbour. */
public sealed interface Incoming {

  /**
   * A message.
   *
   * @param faults how many rules it broke that RFC 7606 lets pass, by dropping an attribute or by
   *     treating its prefixes as withdrawn
   */
  record Message(BgpMessage message, int faults) implements Incoming {}

  /**
   * Bytes that end the session.
   *
   * @param notification what to answer
   * @param reason one line for people
   */
  record Fatal(Notification notification, String reason) implements Incoming {}
}
