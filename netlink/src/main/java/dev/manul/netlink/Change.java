package dev.manul.netlink;

/** One change to the kernel's state, a message of a batch. */
public sealed interface Change {

  /** Adds a route; EEXIST when there is one with the same {@link Route#key()}. */
  record AddRoute(Route route) implements Change {}

  /**
   * Adds a route, or puts it in the place of the first one with the same {@link Route#key()},
   * whoever installed that.
   */
  record ReplaceRoute(Route route) implements Change {}

  /**
   * Deletes a route that agrees with all that is given: key, type and scope, and where they are
   * given protocol (not 0), preferred source and next hops (not none). ESRCH when there is none.
   */
  record DeleteRoute(Route route) implements Change {}

  /** Creates a link; EEXIST when there is one of that name. */
  record CreateLink(LinkSpec spec) implements Change {}

  /** Changes a link. */
  record SetLink(int index, LinkUpdate update) implements Change {}

  /** Deletes a link. */
  record DeleteLink(int index) implements Change {}

  /** Adds an address to a link; EEXIST when it has it. */
  record AddAddress(LinkAddress address) implements Change {}

  /** Takes an address from a link. */
  record DeleteAddress(LinkAddress address) implements Change {}

  /** Sets a neighbour, new or not. */
  record ReplaceNeighbour(Neighbour neighbour) implements Change {}

  /** Deletes a neighbour. */
  record DeleteNeighbour(Neighbour neighbour) implements Change {}

  /** Sets an entry of a forwarding database, new or not. */
  record ReplaceForwarding(ForwardingEntry entry) implements Change {}

  /** Adds a further VXLAN endpoint for the same hardware address. */
  record AppendForwarding(ForwardingEntry entry) implements Change {}

  /** Deletes an entry of a forwarding database. */
  record DeleteForwarding(ForwardingEntry entry) implements Change {}

  /** Adds a rule; EEXIST when there is the very same one. */
  record AddRule(Rule rule) implements Change {}

  /** Deletes a rule. */
  record DeleteRule(Rule rule) implements Change {}
}
