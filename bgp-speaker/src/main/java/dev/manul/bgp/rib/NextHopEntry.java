package dev.manul.bgp.rib;

import dev.manul.model.Address;

/** A next hop that paths use, with what the resolver last said of it. */
final class NextHopEntry {
  final Address address;
  boolean reachable;
  long metric;

  /** How many attribute sets that paths use have this next hop. */
  int uses;

  /** The prefixes with a path by way of it. */
  final PrefixSet prefixes = new PrefixSet();

  NextHopEntry(Address address) {
    this.address = address;
  }
}
