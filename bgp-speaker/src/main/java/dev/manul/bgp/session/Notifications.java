package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.Octets;
import java.nio.charset.StandardCharsets;

/**
 * NOTIFICATIONs this speaker sends, and the names of all (RFC 4271 section 4.5, RFC 4486, 6608,
 * 8538, 9003, 9687).
 */
public final class Notifications {
  public static final Notification HOLD_TIMER_EXPIRED = of(4, 0);
  public static final Notification COLLISION = of(6, 7);
  public static final Notification ADMINISTRATIVE_SHUTDOWN = of(6, 2);
  public static final Notification PEER_DECONFIGURED = of(6, 3);
  public static final Notification CONFIGURATION_CHANGE = of(6, 6);

  /** RFC 9384. */
  public static final Notification BFD_DOWN = of(6, 10);

  private static final String[] HEADER = {
    "unspecific", "connection not synchronized", "bad message length", "bad message type"
  };
  private static final String[] OPEN = {
    "unspecific",
    "unsupported version number",
    "bad peer AS",
    "bad BGP identifier",
    "unsupported optional parameter",
    "authentication failure",
    "unacceptable hold time",
    "unsupported capability"
  };
  private static final String[] UPDATE = {
    "unspecific",
    "malformed attribute list",
    "unrecognized well-known attribute",
    "missing well-known attribute",
    "attribute flags error",
    "attribute length error",
    "invalid ORIGIN attribute",
    "AS routing loop",
    "invalid NEXT_HOP attribute",
    "optional attribute error",
    "invalid network field",
    "malformed AS_PATH"
  };
  private static final String[] MACHINE = {
    "unspecific",
    "unexpected message in OpenSent",
    "unexpected message in OpenConfirm",
    "unexpected message in Established"
  };
  private static final String[] CEASE = {
    "unspecific",
    "maximum number of prefixes reached",
    "administrative shutdown",
    "peer de-configured",
    "administrative reset",
    "connection rejected",
    "other configuration change",
    "connection collision resolution",
    "out of resources",
    "hard reset",
    "BFD down"
  };

  private Notifications() {}

  static Notification of(int code, int subcode) {
    return new Notification(code, subcode, Octets.EMPTY);
  }

  /** The finite state machine error for a message that has no place in {@code state}. */
  static Notification unexpectedIn(State state) {
    return of(
        5,
        switch (state) {
          case OPEN_SENT -> 1;
          case OPEN_CONFIRM -> 2;
          case ESTABLISHED -> 3;
          case IDLE, CONNECT, ACTIVE -> 0;
        });
  }

  /** Its name with the shutdown message of RFC 9003, such as {@code Cease: peer de-configured}. */
  public static String text(Notification notification) {
    int subcode = notification.subcode();
    String name =
        switch (notification.code()) {
          case 1 -> "message header error: " + name(HEADER, subcode);
          case 2 -> "OPEN error: " + name(OPEN, subcode);
          case 3 -> "UPDATE error: " + name(UPDATE, subcode);
          case 4 -> "hold timer expired";
          case 5 -> "state machine error: " + name(MACHINE, subcode);
          case 6 -> "Cease: " + name(CEASE, subcode) + shutdownMessage(notification);
          case 7 -> "ROUTE-REFRESH error: subcode " + subcode;
          case 8 -> "send hold timer expired";
          default -> "code " + notification.code() + " subcode " + subcode;
        };
    return name;
  }

  private static String name(String[] names, int subcode) {
    return subcode < names.length ? names[subcode] : "subcode " + subcode;
  }

  private static String shutdownMessage(Notification notification) {
    byte[] data = notification.data().toArray();
    boolean hasText = notification.subcode() == 2 || notification.subcode() == 4;
    if (!hasText || data.length < 2 || data.length < 1 + (data[0] & 0xff)) {
      return "";
    }
    String text = new String(data, 1, data[0] & 0xff, StandardCharsets.UTF_8);
    return " (\"" + text.replaceAll("\\p{Cntrl}", " ") + "\")";
  }
}
