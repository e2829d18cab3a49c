package dev.manul.bgp.interop;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

  /** What a session may have beside the usual. */
  enum Extension {
    /** Several paths a prefix, sent and received (RFC 7911). */
    ADD_PATH,
    /** Both ends are peers (RFC 9234). */
    PEER_ROLE,
    /** IPv4 prefixes with next hops of the session, which is over IPv6 (RFC 8950). */
    EXTENDED_NEXT_HOP,
    /** A restart time of {@link #RESTART_SECONDS}, and then long-lived stale routes (RFC 9494). */
    LONG_LIVED_RESTART
  }

  /** How long to wait for a neighbour before its routes become long-lived stale ones. */
  static final int RESTART_SECONDS = 2;

  /** How long those stay. */
  static final int LONG_LIVED_SECONDS = 600;

  /**
   * @param client whether routes are reflected to and from it
   * @param families {@code ipv4}, {@code ipv6}
   */
  record Neighbor(
      String address,
      long asNumber,
      boolean client,
      Optional<String> password,
      Set<String> families,
      Set<Extension> extensions) {

    boolean isV6() {
      return address.contains(":");
    }

    boolean has(Extension extension) {
      return extensions.contains(extension);
    }

    static Neighbor of(String address, long asNumber) {
      return new Neighbor(
          address, asNumber, false, Optional.empty(), Set.of("ipv4", "ipv6"), Set.of());
    }

    Neighbor asClient() {
      return new Neighbor(address, asNumber, true, password, families, extensions);
    }

    Neighbor withPassword(String value) {
      return new Neighbor(address, asNumber, client, Optional.of(value), families, extensions);
    }

    Neighbor withFamilies(String... names) {
      return new Neighbor(address, asNumber, client, password, Set.of(names), extensions);
    }

    Neighbor with(Extension... all) {
      return new Neighbor(address, asNumber, client, password, families, Set.of(all));
    }
  }

  /**
   * @param communities such as {@code 64513:7}
   * @param largeCommunities such as {@code 64513:1:2}
   * @param behind the AS it is said to come from, for daemons that have nobody else's routes
   */
  record Route(
      String prefix, List<String> communities, List<String> largeCommunities, OptionalLong behind) {
    static Route of(String prefix) {
      return new Route(prefix, List.of(), List.of(), OptionalLong.empty());
    }

    Route behind(long asNumber) {
      return new Route(prefix, communities, largeCommunities, OptionalLong.of(asNumber));
    }

    boolean isV6() {
      return prefix.contains(":");
    }

    Route communities(String... values) {
      return new Route(prefix, List.of(values), largeCommunities, behind);
    }

    Route largeCommunities(String... values) {
      return new Route(prefix, communities, List.of(values), behind);
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
    return route.isV6() || has(Extension.EXTENDED_NEXT_HOP) ? host.v6() : host.v4();
  }

  /** Whether any session has it. */
  boolean has(Extension extension) {
    return neighbors.stream().anyMatch(n -> n.has(extension));
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
