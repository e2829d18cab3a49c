package dev.manul.bgp;

/** What to do with routes that come from, or go to, a neighbour. */
public enum Policy {
  ACCEPT,
  REJECT
}
