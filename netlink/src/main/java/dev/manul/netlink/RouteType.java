package dev.manul.netlink;

/** What a route does with a packet; RTN_* of linux/rtnetlink.h. */
public enum RouteType {
  UNSPECIFIED(0, ""),
  /** Forwarded to a next hop. */
  UNICAST(1, "unicast"),
  /** Delivered on this host. */
  LOCAL(2, "local"),
  BROADCAST(3, "broadcast"),
  ANYCAST(4, "anycast"),
  MULTICAST(5, "multicast"),
  /** Dropped without a word. */
  BLACKHOLE(6, "blackhole"),
  /** Refused with ICMP host unreachable. */
  UNREACHABLE(7, "unreachable"),
  /** Refused with ICMP communication prohibited. */
  PROHIBIT(8, "prohibit"),
  /** The lookup goes on in the next table. */
  THROW(9, "throw"),
  NAT(10, "nat"),
  EXTERNAL(11, "xresolve");

  private static final RouteType[] BY_CODE = values();

  private final int code;
  private final String word;

  RouteType(int code, String word) {
    this.code = code;
    this.word = word;
  }

  /** The word {@code ip route} uses. */
  public String word() {
    return word;
  }

  /** The kernel's number, RTN_*. */
  int code() {
    return code;
  }

  static RouteType ofCode(int code) {
    return code < BY_CODE.length ? BY_CODE[code] : UNSPECIFIED;
  }

  /** True where the route ends here in an error, so that it has no next hop. */
  public boolean refuses() {
    return this == BLACKHOLE || this == UNREACHABLE || this == PROHIBIT || this == THROW;
  }
}
