package dev.manul.bgp.interop;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a daemon is to do, whichever it is; drivers write it in their daemon's words.
 *
 * @param host which host of the lab it runs on
 * @param gracefulRestart whether it is to announce graceful restart
 * @param routes what it announces
 */
record PeerPlan(
    Lab.Host host,
    long asNumber,
    boolean gracefulRestart,
    List<Neighbor> neighbors,
    List<Route> routes) {

  /**
   * @param client whether routes are reflected to and from it
   * @param families {@code ipv4}, {@code ipv6}
   */
  record Neighbor(
      String address,
      long asNumber,
      boolean client,
      Optional<String> password,
      Set<String> families) {

    boolean isV6() {
      return address.contains(":");
    }

    static Neighbor of(String address, long asNumber) {
      return new Neighbor(address, asNumber, false, Optional.empty(), Set.of("ipv4", "ipv6"));
    }

    Neighbor asClient() {
      return new Neighbor(address, asNumber, true, password, families);
    }

    Neighbor withPassword(String value) {
      return new Neighbor(address, asNumber, client, Optional.of(value), families);
    }

    Neighbor withFamilies(String... names) {
      return new Neighbor(address, asNumber, client, password, Set.of(names));
    }
  }

  /**
   * @param communities such as {@code 64513:7}
   * @param largeCommunities such as {@code 64513:1:2}
   */
  record Route(String prefix, List<String> communities, List<String> largeCommunities) {
    static Route of(String prefix) {
      return new Route(prefix, List.of(), List.of());
    }

    boolean isV6() {
      return prefix.contains(":");
    }

    Route communities(String... values) {
      return new Route(prefix, List.of(values), largeCommunities);
    }

    Route largeCommunities(String... values) {
      return new Route(prefix, communities, List.of(values));
    }
  }

  PeerPlan(Lab.Host host, long asNumber, List<Route> routes, Neighbor... neighbors) {
    this(host, asNumber, true, List.of(neighbors), routes);
  }

  /** The daemon's own address in a session with a neighbour. */
  String local(Neighbor neighbor) {
    return neighbor.isV6() ? host.v6() : host.v4();
  }

  /** What its own routes have as next hop. */
  String nextHop(Route route) {
    return route.isV6() ? host.v6() : host.v4();
  }

  boolean internal(Neighbor neighbor) {
    return neighbor.asNumber() == asNumber;
  }

  PeerPlan without(String prefix) {
    return new PeerPlan(
        host,
        asNumber,
        gracefulRestart,
        neighbors,
        routes.stream().filter(r -> !r.prefix().equals(prefix)).toList());
  }
}
