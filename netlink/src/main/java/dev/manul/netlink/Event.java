package dev.manul.netlink;

/** A change that the kernel tells of. */
public sealed interface Event {

  /** A link is new or something about it has changed. */
  record LinkChanged(Link link) implements Event {}

  /** A link has gone from the namespace. */
  record LinkRemoved(Link link) implements Event {}

  /** An address is new or its flags have changed. */
  record AddressAdded(LinkAddress address) implements Event {}

  record AddressRemoved(LinkAddress address) implements Event {}

  /**
   * A route is new, or has taken the place of another with the same {@link Route#key()}.
   *
   * @param replaced true when it took another one's place
   */
  record RouteAdded(Route route, boolean replaced) implements Event {}

  /**
   * A route has gone. The kernel tells nothing of the IPv4 routes that go with a link that is set
   * down or removed: list them again when a link changes.
   */
  record RouteRemoved(Route route) implements Event {}

  record NeighbourChanged(Neighbour neighbour) implements Event {}

  record NeighbourRemoved(Neighbour neighbour) implements Event {}

  record ForwardingChanged(ForwardingEntry entry) implements Event {}

  record ForwardingRemoved(ForwardingEntry entry) implements Event {}

  record RuleAdded(Rule rule) implements Event {}

  record RuleRemoved(Rule rule) implements Event {}
}
