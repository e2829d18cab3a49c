package dev.manul.netlink;

import dev.manul.model.AddressFamily;

/** The kernel's numbers for address families (AF_*, bits/socket.h). */
final class Family {

  static final int INET = 2;
  static final int BRIDGE = 7;
  static final int INET6 = 10;

  private Family() {}

  static int of(AddressFamily family) {
    return family == AddressFamily.IPV4 ? INET : INET6;
  }
}
