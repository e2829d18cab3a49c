package dev.manul.netlink;

/**
 * How far away a destination or how wide known an address is (RT_SCOPE_*, linux/rtnetlink.h).
 *
 * @param code 0 to 255
 */
public record Scope(int code) {

  /** RT_SCOPE_UNIVERSE: beyond a gateway; an address known everywhere. */
  public static final Scope GLOBAL = new Scope(0);

  public static final Scope SITE = new Scope(200);

  /** On a link of this host. */
  public static final Scope LINK = new Scope(253);

  /** On this host. */
  public static final Scope HOST = new Scope(254);

  /** No destination; in a deletion, any scope. */
  public static final Scope NOWHERE = new Scope(255);

  public Scope {
    if (code < 0 || code > 255) {
      throw new IllegalArgumentException("a scope of " + code + " is not within 0 to 255");
    }
  }

  static Scope ofCode(int code) {
    return switch (code) {
      case 0 -> GLOBAL;
      case 200 -> SITE;
      case 253 -> LINK;
      case 254 -> HOST;
      case 255 -> NOWHERE;
      default -> new Scope(code);
    };
  }

  /** As {@code ip} writes it. */
  @Override
  public String toString() {
    return switch (code) {
      case 0 -> "global";
      case 200 -> "site";
      case 253 -> "link";
      case 254 -> "host";
      case 255 -> "nowhere";
      default -> Integer.toString(code);
    };
  }
}
