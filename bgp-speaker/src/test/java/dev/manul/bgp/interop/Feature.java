package dev.manul.bgp.interop;

/** The rows of the matrix. */
enum Feature {
  SESSION_IPV4("Session over IPv4, 4-octet AS numbers"),
  ROUTES_IPV4("IPv4 routes both ways, attributes intact"),
  ROUTES_IPV6("IPv6 routes both ways, attributes intact"),
  LARGE_COMMUNITIES("Large communities both ways (RFC 8092)"),
  ROUTE_REFRESH("Route refresh: it asks, we send again (RFC 2918)"),
  ENHANCED_REFRESH("Enhanced route refresh: we mark beginning and end (RFC 7313)"),
  WITHDRAW("Withdrawals both ways, session untouched"),
  RESTART_OF_OURS("Graceful restart of ours, it keeps routes (RFC 4724)"),
  RESTART_OF_THEIRS("Graceful restart of its own, we keep routes (RFC 4724)"),
  GOODBYE("Our administrative shutdown ends it, routes go (RFC 4486)"),
  SESSION_IPV6("Session over IPv6 that carries both families"),
  MD5("MD5 signatures (RFC 2385)"),
  PATHS_OF_OURS("ADD-PATH, it shows several paths of ours (RFC 7911)"),
  PATHS_OF_THEIRS("ADD-PATH, we keep several paths of its own (RFC 7911)"),
  ROLES("Roles: marks both ways, wrong ones refused (RFC 9234)"),
  EXTENDED_NEXT_HOP("IPv4 over IPv6 next hops both ways (RFC 8950)"),
  LONG_LIVED_OF_OURS("Long-lived graceful restart of ours, it keeps routes (RFC 9494)"),
  LONG_LIVED_OF_THEIRS("Long-lived graceful restart of its own, we keep routes (RFC 9494)"),
  REFLECTED_BY_US("Route reflection, we reflect (RFC 4456)"),
  REFLECTED_BY_THEM("Route reflection, it reflects (RFC 4456)"),
  HOLD_TIME("Keepalives hold the session; hold time expires when it falls silent"),
  NO_COMMON_FAMILY("No family in common: refused, with the reason (RFC 5492)"),
  SAME_OCTETS("All it sent, read and written again: the same octets");

  private final String title;

  Feature(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
