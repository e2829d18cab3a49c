package dev.manul.netlink;

/** The multicast groups of rtnetlink that a monitor can listen to; RTNLGRP_* of rtnetlink.h. */
public enum Group {
  LINK(1),
  NEIGHBOUR(3),
  IPV4_ADDRESS(5),
  IPV4_ROUTE(7),
  IPV4_RULE(8),
  IPV6_ADDRESS(9),
  IPV6_ROUTE(11),
  IPV6_RULE(19);

  private final int number;

  Group(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
