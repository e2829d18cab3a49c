package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * A change to what is learned: the best route to a prefix from now on.
 *
 * @param prefix the destination
 * @param route its route; empty: there is none any more
 */
public record LearnedChange(Prefix prefix, Optional<LearnedRoute> route) {

  public LearnedChange {
    if (route.isPresent() && !route.get().prefix().equals(prefix)) {
      throw new IllegalArgumentException(
          prefix + ": the route is one to " + route.get().prefix() + " instead");
    }
  }

  /** From now on {@code prefix} is reached through {@code nextHops}. */
  public static LearnedChange learned(Prefix prefix, List<Address> nextHops) {
    return new LearnedChange(prefix, Optional.of(new LearnedRoute(prefix, nextHops)));
  }

  /** From now on nobody offers {@code prefix}. */
  public static LearnedChange withdrawn(Prefix prefix) {
    return new LearnedChange(prefix, Optional.empty());
  }
}
