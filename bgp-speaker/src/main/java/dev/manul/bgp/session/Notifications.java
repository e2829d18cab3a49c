package dev.manul.bgp.session;

import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.bgp.wire.Capability;
import dev.manul.bgp.wire.Octets;
import dev.manul.bgp.wire.ShutdownCommunication;
import java.util.Arrays;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * NOTIFICATIONs this speaker sends, and the names of all (RFC 4271 section 4.5, RFC 4486, 6608,
 * 8538, 9003, 9687).
 */
public final class Notifications {
  public static final Notification HOLD_TIMER_EXPIRED = of(4, 0);
  public static final Notification COLLISION = of(6, 7);
  public static final Notification PEER_DECONFIGURED = of(6, 3);
  public static final Notification CONFIGURATION_CHANGE = of(6, 6);
  static final Notification REJECTED = of(6, 5);
  public static final Notification BFD_DOWN = of(6, 10);

  private static final int OPEN_ERROR = 2;
  private static final int CEASE_CODE = 6;
  private static final int PREFIX_LIMIT = 1;
  private static final int SHUTDOWN = 2;
  private static final int DECONFIGURED = 3;
  private static final int RESET = 4;
  private static final int HARD_RESET = 9;
  private static final int BFD = 10;
  private static final int VERSION = 1;
  private static final int UNSUPPORTED_PARAMETER = 4;
  private static final int UNSUPPORTED_CAPABILITY = 7;
  private static final int ROLE_MISMATCH = 11;

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
    "unsupported capability",
    "subcode 8",
    "subcode 9",
    "subcode 10",
    "role mismatch"
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

  /** Cease, administrative shutdown, with a text for the neighbour unless it is "" (RFC 9003). */
  public static Notification shutdown(String text) {
    return new Notification(CEASE_CODE, SHUTDOWN, communication(text));
  }

  /** Cease, administrative reset, with a text for the neighbour unless it is "". */
  public static Notification reset(String text) {
    return new Notification(CEASE_CODE, RESET, communication(text));
  }

  private static Octets communication(String text) {
    return text.isEmpty() ? Octets.EMPTY : ShutdownCommunication.encode(text);
  }

  /** Cease, maximum number of prefixes reached, without the optional data. */
  static Notification prefixLimit() {
    return of(CEASE_CODE, PREFIX_LIMIT);
  }

  /** OPEN error, role mismatch (RFC 9234 section 4.2). */
  static Notification roleMismatch() {
    return of(OPEN_ERROR, ROLE_MISMATCH);
  }

  static boolean refusesVersion(Notification notification) {
    return notification.code() == OPEN_ERROR && notification.subcode() == VERSION;
  }

  static boolean refusesParameters(Notification notification) {
    return notification.code() == OPEN_ERROR && notification.subcode() == UNSUPPORTED_PARAMETER;
  }

  /**
   * Whether the routes of a session must go with it, even where notifications are part of graceful
   * restart (RFC 8538 section 3.1, RFC 9384 section 3).
   */
  static boolean endsRoutes(Notification notification) {
    return notification.code() == CEASE_CODE
        && switch (notification.subcode()) {
          case PREFIX_LIMIT, SHUTDOWN, DECONFIGURED, HARD_RESET, BFD -> true;
          default -> false;
        };
  }

  /** Cease, hard reset, about another notification (RFC 8538 section 3). */
  public static Notification hardReset(Notification about) {
    byte[] inner = about.data().toArray();
    byte[] data = new byte[inner.length + 2];
    data[0] = (byte) about.code();
    data[1] = (byte) about.subcode();
    System.arraycopy(inner, 0, data, 2, inner.length);
    return new Notification(CEASE_CODE, HARD_RESET, Octets.of(data));
  }

  static boolean isHardReset(Notification notification) {
    return notification.code() == CEASE_CODE && notification.subcode() == HARD_RESET;
  }

  /** What a hard reset is about; anything else is about itself. */
  static Notification subject(Notification notification) {
    Octets data = notification.data();
    return isHardReset(notification) && data.length() >= 2
        ? new Notification(
            data.at(0), data.at(1), Octets.of(Arrays.copyOfRange(data.toArray(), 2, data.length())))
        : notification;
  }

  /** The text of a shutdown or reset, by way of a hard reset or not. */
  static Optional<String> message(Notification notification) {
    Notification subject = subject(notification);
    return subject.code() == CEASE_CODE
            && (subject.subcode() == SHUTDOWN || subject.subcode() == RESET)
        ? ShutdownCommunication.decode(subject.data())
        : Optional.empty();
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
          case 2 -> "OPEN error: " + name(OPEN, subcode) + missing(notification);
          case 3 -> "UPDATE error: " + name(UPDATE, subcode);
          case 4 -> "hold timer expired";
          case 5 -> "state machine error: " + name(MACHINE, subcode);
          case 6 -> "Cease: " + name(CEASE, subcode) + remark(notification);
          case 7 -> "ROUTE-REFRESH error: subcode " + subcode;
          case 8 -> "send hold timer expired";
          default -> "code " + notification.code() + " subcode " + subcode;
        };
    return name;
  }

  /**
   * The capabilities that the neighbour asks for and we have not announced (RFC 5492 section 5).
   */
  private static String missing(Notification notification) {
    Octets data = notification.data();
    if (notification.subcode() != UNSUPPORTED_CAPABILITY || data.length() < 2) {
      return "";
    }
    StringJoiner names = new StringJoiner(", ", " (", ")");
    for (int at = 0; at + 1 < data.length(); at += 2 + data.at(at + 1)) {
      names.add(Capability.name(data.at(at)));
    }
    return names.toString();
  }

  private static String name(String[] names, int subcode) {
    return subcode < names.length ? names[subcode] : "subcode " + subcode;
  }

  private static String remark(Notification notification) {
    Notification subject = subject(notification);
    // A hard reset about a hard reset says nothing more.
    return isHardReset(notification) && !isHardReset(subject)
        ? " (" + text(subject) + ")"
        : message(notification).map(text -> " (\"" + text + "\")").orElse("");
  }
}
