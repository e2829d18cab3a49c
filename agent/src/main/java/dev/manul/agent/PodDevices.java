package dev.manul.agent;

import dev.manul.model.Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.NextHop;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteType;
import dev.manul.routes.Underlay;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds pods' interfaces where somebody else's network gives them names that say nothing: by the
 * route to the pod's address alone, as Calico's plugin, CNI's {@code ptp} and others leave one for
 * each pod. Immutable.
 *
 * @param underlay the host's links and routes
 * @param prefixes what names of pods' interfaces begin with
 */
record PodDevices(Underlay underlay, List<String> prefixes) {

  PodDevices {
    prefixes = List.copyOf(prefixes);
  }

  /** The interface behind which a pod with these addresses is. */
  Optional<String> of(Collection<Prefix> addresses) {
    return addresses.stream()
        .flatMap(prefix -> underlay.routesTo(prefix).stream())
        .filter(route -> route.type() == RouteType.UNICAST)
        .flatMap(PodDevices::links)
        .flatMap(index -> underlay.link(index).stream())
        .map(Link::name)
        .filter(this::isPods)
        .findFirst();
  }

  /** Whether an interface is there, and one of pods by its name. */
  boolean has(String device) {
    return isPods(device) && underlay.link(device).isPresent();
  }

  private boolean isPods(String device) {
    return prefixes.stream().anyMatch(device::startsWith);
  }

  /** The bridge that an interface is a port of. */
  Optional<String> bridgeOf(String device) {
    return underlay.link(device).flatMap(underlay::bridgeOf).map(Link::name);
  }

  /** The bridge that a pod without an interface of its own is behind. */
  Optional<String> bridge(Collection<Prefix> addresses) {
    return addresses.stream()
        .map(Prefix::address)
        .flatMap(address -> route(address).stream())
        .flatMap(PodDevices::links)
        .flatMap(index -> underlay.link(index).stream())
        .filter(link -> link.kind().equals("bridge"))
        .map(Link::name)
        .findFirst();
  }

  private Optional<Route> route(Address address) {
    return underlay.lookup(address).filter(route -> route.type() == RouteType.UNICAST);
  }

  private static Stream<Integer> links(Route route) {
    return route.nextHops().stream().filter(hop -> hop.gateway().isEmpty()).map(NextHop::linkIndex);
  }
}
