package dev.manul.bgp;

import dev.manul.model.Address;

/** A table of routes to look at. */
public sealed interface RibTable {

  /** Loc-RIB with all candidates: every path known. */
  record Local() implements RibTable {}

  /** What a neighbour has announced, before import policy. */
  record In(Address peer) implements RibTable {}

  /** What a neighbour has been told. */
  record Out(Address peer) implements RibTable {}
}
