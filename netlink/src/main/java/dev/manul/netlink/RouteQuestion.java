package dev.manul.netlink;

import dev.manul.model.Address;
import java.util.Optional;

/**
 * A packet about which the kernel is asked what it would do with it, as {@code ip route get} asks.
 *
 * @param destination where the packet goes
 * @param source where it comes from, of the destination's family; empty leaves it to the kernel
 * @param arrivesBy the index of the link it comes in by, so that the kernel also judges whether it
 *     may (forwarding, reverse path filtering); 0 for a packet of this host
 */
public record RouteQuestion(Address destination, Optional<Address> source, int arrivesBy) {

  public RouteQuestion {
    if (source.isPresent() && source.get().family() != destination.family()) {
      throw new IllegalArgumentException(
          "source " + source.get() + " is not of the family of destination " + destination);
    }
    if (arrivesBy < 0) {
      throw new IllegalArgumentException("a link index is not negative: " + arrivesBy);
    }
  }

  /** A packet that this host sends. */
  public static RouteQuestion sent(Address destination) {
    return new RouteQuestion(destination, Optional.empty(), 0);
  }

  /** A packet that comes in by a link. */
  public static RouteQuestion arriving(Address source, Address destination, int linkIndex) {
    return new RouteQuestion(destination, Optional.of(source), linkIndex);
  }
}
