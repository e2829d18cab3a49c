package dev.manul.agent;

import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.routes.Underlay;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What this node has to know of the others to route to them. Worked out anew only when something
 * has changed that it follows from: its cost grows with the cluster.
 *
 * @param from what it follows from
 * @param addresses the addresses of all nodes
 * @param ipipEnds those of them whose nodes take IP-in-IP
 * @param tunnels their ends, and the settings
 * @param blocks what is to be reached by which node, where the datastore tells it
 */
record RemoteNodes(
    From from,
    Set<Address> addresses,
    Set<Address> ipipEnds,
    Tunnels tunnels,
    Map<Prefix, Address> blocks) {

  /**
   * What it follows from.
   *
   * @param claims this node's own tunnel addresses, see {@link OwnTunnels#claims}
   */
  private record From(ClusterView view, Map<TunnelType, Address> claims, RouteSource source) {

    /** Compares identities, at a cost that does not grow with the cluster. */
    @SuppressWarnings("ReferenceEquality") // that is the point
    boolean isSame(From earlier) {
      return view.nodes() == earlier.view.nodes()
          && view.onDemand().blocks() == earlier.view.onDemand().blocks()
          && view.felix().equals(earlier.view.felix())
          && claims.equals(earlier.claims)
          && source == earlier.source;
    }
  }

  /** Of a cluster of which nothing is known. */
  static RemoteNodes none(String nodeName) {
    return of(ClusterView.empty(nodeName), Map.of(), Map.of(), RouteSource.BGP, Underlay.EMPTY);
  }

  static RemoteNodes of(
      ClusterView view,
      Map<TunnelType, Address> claims,
      Map<String, String> environment,
      RouteSource source,
      Underlay underlay) {
    return new RemoteNodes(
        new From(view, claims, source),
        NodeViews.nodeAddresses(view),
        ipipEnds(view),
        Tunnels.of(view, claims, environment, underlay),
        source == RouteSource.DATASTORE
            ? HeldBlock.remote(view.onDemand().blocks(), view.nodes(), view.nodeName())
            : Map.of());
  }

  /** The same of a later view. */
  RemoteNodes next(
      ClusterView view,
      Map<TunnelType, Address> claims,
      Map<String, String> environment,
      RouteSource source,
      Underlay underlay) {
    return new From(view, claims, source).isSame(from) && tunnels.fit(underlay)
        ? this
        : of(view, claims, environment, source, underlay);
  }

  private static Set<Address> ipipEnds(ClusterView view) {
    Set<Address> ends = new HashSet<>();
    for (Node node : view.nodes().values()) {
      if (TunnelType.IPIP.recorded(node).isPresent()) {
        Optional<Address> address = Peering.address(node, AddressFamily.IPV4);
        address.ifPresent(ends::add);
      }
    }
    return Set.copyOf(ends);
  }

  /** This node's own address of its IPIP tunnel, claimed or published. */
  Optional<Address> ipipAddress() {
    return Optional.ofNullable(from.claims().get(TunnelType.IPIP))
        .or(() -> from.view().self().flatMap(TunnelType.IPIP::recorded));
  }
}
