package dev.manul.routes;

import dev.manul.netlink.NextHop;
import dev.manul.netlink.Route;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which routes go out by which link, so that a link's end costs as much as it has routes. */
final class RoutesByLink {

  private final Map<Integer, Set<Route>> byLink = new HashMap<>();

  void add(Route route) {
    for (NextHop hop : route.nextHops()) {
      byLink.computeIfAbsent(hop.linkIndex(), _ -> new HashSet<>()).add(route);
    }
  }

  void remove(Route route) {
    for (NextHop hop : route.nextHops()) {
      byLink.computeIfPresent(
          hop.linkIndex(),
          (_, routes) -> {
            routes.remove(route);
            return routes.isEmpty() ? null : routes;
          });
    }
  }

  /** Whether any route goes out by a link. */
  boolean use(int linkIndex) {
    return byLink.containsKey(linkIndex);
  }

  /** The routes that go out by a link, as they are now. */
  List<Route> of(int linkIndex) {
    return List.copyOf(byLink.getOrDefault(linkIndex, Set.of()));
  }
}
