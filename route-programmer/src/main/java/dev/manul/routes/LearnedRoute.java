package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;

/**
 * A route as a routing protocol knows it: where to, and by which routers.
 *
 * @param prefix the destination
 * @param nextHops the routers, one or more, all of the prefix's family; several share the traffic
 *     evenly. Their order does not matter.
 */
public record LearnedRoute(Prefix prefix, List<Address> nextHops) {

  public LearnedRoute {
    nextHops = List.copyOf(nextHops);
    if (nextHops.isEmpty()) {
      throw new IllegalArgumentException(prefix + ": a learned route has a next hop");
    }
    for (Address nextHop : nextHops) {
      if (nextHop.family() != prefix.family()) {
        throw new IllegalArgumentException(
            prefix + ": next hop " + nextHop + " is not of the prefix's family");
      }
    }
  }
}
