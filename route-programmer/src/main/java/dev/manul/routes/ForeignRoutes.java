package dev.manul.routes;

import dev.manul.model.Prefix;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteKey;
import java.util.List;

/** Other programs' routes in one table. Not safe for several threads. */
final class ForeignRoutes {

  private PrefixTrie<List<Route>> trie = PrefixTrie.empty();
  private final RoutesByLink byLink = new RoutesByLink();
  private int count;

  /** All of them, as they are now. */
  PrefixTrie<List<Route>> all() {
    return trie;
  }

  List<Route> to(Prefix destination) {
    return trie.get(destination).orElse(List.of());
  }

  List<Route> with(RouteKey key) {
    List<Route> same = to(key.destination());
    return same.isEmpty() ? same : same.stream().filter(r -> r.key().equals(key)).toList();
  }

  boolean use(int linkIndex) {
    return byLink.use(linkIndex);
  }

  List<Route> over(int linkIndex) {
    return byLink.of(linkIndex);
  }

  boolean has(Route route) {
    return to(route.destination()).contains(route);
  }

  void add(Route route) {
    if (!has(route)) {
      trie = Underlay.withRoute(trie, route);
      byLink.add(route);
      count++;
    }
  }

  void remove(Route route) {
    if (has(route)) {
      trie = Underlay.withoutRoute(trie, route);
      byLink.remove(route);
      count--;
    }
  }

  /** Whether these and no others are all there are. */
  boolean isAll(List<Route> routes) {
    return count == routes.size() && routes.stream().allMatch(this::has);
  }
}
