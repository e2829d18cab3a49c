package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.NextHop;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this host is connected to without our doing: its links, its addresses, and the routes of
 * other programs and of the kernel in our table.
 *
 * <p>An immutable snapshot, safe for any thread. A look-up costs at most one step for each bit of
 * the address.
 */
public final class Underlay {

  /** A host without links. */
  public static final Underlay EMPTY =
      new Underlay(Map.of(), Map.of(), List.of(), Map.of(), PrefixTrie.empty());

  private static final Comparator<Route> BY_METRIC = Comparator.comparingLong(Route::metric);

  private final Map<Integer, Link> links;
  private final Map<String, Link> linksByName;
  private final List<LinkAddress> addresses;
  private final Map<Address, Integer> linkOfAddress;
  private final PrefixTrie<List<Route>> routes;

  private Underlay(
      Map<Integer, Link> links,
      Map<String, Link> linksByName,
      List<LinkAddress> addresses,
      Map<Address, Integer> linkOfAddress,
      PrefixTrie<List<Route>> routes) {
    this.links = links;
    this.linksByName = linksByName;
    this.addresses = addresses;
    this.linkOfAddress = linkOfAddress;
    this.routes = routes;
  }

  /** A snapshot of the given links, addresses and routes; of one prefix, the lowest metric wins. */
  public static Underlay of(
      Collection<Link> links, List<LinkAddress> addresses, Collection<Route> foreignRoutes) {
    PrefixTrie<List<Route>> trie = PrefixTrie.empty();
    for (Route route : foreignRoutes) {
      trie = withRoute(trie, route);
    }
    return EMPTY.withLinks(links).withAddresses(addresses).withRoutes(trie);
  }

  Underlay withLinks(Collection<Link> newLinks) {
    Map<Integer, Link> byIndex = HashMap.newHashMap(newLinks.size());
    Map<String, Link> byName = HashMap.newHashMap(newLinks.size());
    for (Link link : newLinks) {
      byIndex.put(link.index(), link);
      byName.put(link.name(), link);
    }
    return byIndex.equals(links)
        ? this
        : new Underlay(byIndex, byName, addresses, linkOfAddress, routes);
  }

  Underlay withAddresses(List<LinkAddress> newAddresses) {
    if (newAddresses.equals(addresses)) {
      return this;
    }
    Map<Address, Integer> byAddress = HashMap.newHashMap(newAddresses.size());
    for (LinkAddress address : newAddresses) {
      byAddress.putIfAbsent(address.address().address(), address.linkIndex());
    }
    return new Underlay(links, linksByName, List.copyOf(newAddresses), byAddress, routes);
  }

  Underlay withRoutes(PrefixTrie<List<Route>> newRoutes) {
    return newRoutes == routes
        ? this
        : new Underlay(links, linksByName, addresses, linkOfAddress, newRoutes);
  }

  PrefixTrie<List<Route>> routes() {
    return routes;
  }

  /** The routes with one more; of the same prefix, the lower metric comes first. */
  static PrefixTrie<List<Route>> withRoute(PrefixTrie<List<Route>> routes, Route route) {
    List<Route> same = routes.get(route.destination()).orElse(List.of());
    if (same.contains(route)) {
      return routes;
    }
    List<Route> more = new ArrayList<>(same);
    more.add(route);
    more.sort(BY_METRIC);
    return routes.with(route.destination(), List.copyOf(more));
  }

  /** The routes less one, if it is there. */
  static PrefixTrie<List<Route>> withoutRoute(PrefixTrie<List<Route>> routes, Route route) {
    List<Route> same = routes.get(route.destination()).orElse(List.of());
    if (!same.contains(route)) {
      return routes;
    }
    List<Route> less = new ArrayList<>(same);
    less.remove(route);
    return less.isEmpty()
        ? routes.without(route.destination())
        : routes.with(route.destination(), List.copyOf(less));
  }

  /** All links, in no particular order. */
  public Collection<Link> links() {
    return links.values();
  }

  public Optional<Link> link(int index) {
    return Optional.ofNullable(links.get(index));
  }

  public Optional<Link> link(String name) {
    return Optional.ofNullable(linksByName.get(name));
  }

  /** Whether a link is a port of a bridge. */
  public boolean isOnBridge(Link link) {
    return bridgeOf(link).isPresent();
  }

  /** The bridge that a link is a port of. */
  public Optional<Link> bridgeOf(Link link) {
    return link(link.masterIndex()).filter(master -> master.kind().equals("bridge"));
  }

  /** A link's name, or null; see {@link Route#text}. */
  public String linkName(int index) {
    Link link = links.get(index);
    return link == null ? null : link.name();
  }

  /** All addresses of all links. */
  public List<LinkAddress> addresses() {
    return addresses;
  }

  /** The link that has an address of this host. */
  public Optional<Link> linkOf(Address address) {
    Integer index = linkOfAddress.get(address);
    return index == null ? Optional.empty() : link(index);
  }

  /** Other programs' routes to exactly this prefix, the lowest metric first. */
  public List<Route> routesTo(Prefix prefix) {
    return routes.get(prefix).orElse(List.of());
  }

  /** Other programs' route for packets to an address: the longest prefix, then lowest metric. */
  public Optional<Route> lookup(Address address) {
    return routes.longestMatch(address).map(List::getFirst);
  }

  /** How a packet gets to an address by what other programs and the kernel have set up. */
  public Reach resolve(Address address) {
    if (linkOfAddress.containsKey(address)) {
      return new Reach.Self();
    }
    if (address.isLinkLocal()) {
      return new Reach.Unreachable("a link-local address says nothing of its link");
    }
    Optional<Route> found = lookup(address);
    if (found.isEmpty()) {
      return new Reach.Unreachable("no route leads to it");
    }
    Route route = found.get();
    if (route.type() != RouteType.UNICAST) {
      return new Reach.Unreachable(
          "the route to " + route.destination() + " is of type " + route.type().word());
    }
    List<NextHop> gateways = new ArrayList<>(route.nextHops().size());
    for (NextHop hop : route.nextHops()) {
      Link link = links.get(hop.linkIndex());
      if (link == null || !link.up()) {
        continue;
      }
      if (hop.gateway().isEmpty()) {
        return new Reach.OnLink(hop.linkIndex(), false);
      }
      gateways.add(hop.withWeight(1));
    }
    return gateways.isEmpty()
        ? new Reach.Unreachable("the links of the route to " + route.destination() + " are down")
        : new Reach.Behind(gateways);
  }
}
