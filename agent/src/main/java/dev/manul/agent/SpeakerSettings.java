package dev.manul.agent;

import dev.manul.bgp.NeighborConfiguration;
import dev.manul.bgp.SpeakerConfiguration;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the speaker is told about this node. Pure. */
final class SpeakerSettings {

  private SpeakerSettings() {}

  /**
   * The speaker's configuration; empty until the node is known and has an identifier. With BGP off
   * the speaker listens nowhere and speaks with nobody.
   *
   * @param services addresses of services to announce
   */
  static Optional<SpeakerConfiguration> of(
      AgentConfiguration configuration,
      ClusterView view,
      Peering.Sessions wanted,
      Set<Prefix> services) {
    Optional<Ipv4Address> routerId = routerId(configuration, view);
    if (view.self().isEmpty() || routerId.isEmpty()) {
      return Optional.empty();
    }
    Node self = view.self().get();
    long asNumber = Peering.asNumber(view, self);
    return Optional.of(
        configuration.bgp()
            ? new SpeakerConfiguration(
                asNumber,
                routerId.get(),
                listen(view, self),
                NodeViews.originated(view, services),
                wanted.neighbors().stream().map(n -> watched(configuration, n)).toList())
            : new SpeakerConfiguration(asNumber, routerId.get(), List.of(), List.of(), List.of()));
  }

  private static List<InetSocketAddress> listen(ClusterView view, Node self) {
    int port = view.bgpOf(view.nodeName()).effectiveListenPort();
    boolean nodeAddressOnly = view.bgpOf(view.nodeName()).bindMode().equals("NodeIP");
    return Arrays.stream(AddressFamily.values())
        .flatMap(family -> Peering.address(self, family).stream())
        .map(
            address ->
                nodeAddressOnly
                    ? Sockets.socketAddress(address, port)
                    : Sockets.anyAddress(address.family(), port))
        .toList();
  }

  private static NeighborConfiguration watched(
      AgentConfiguration configuration, NeighborConfiguration neighbor) {
    return configuration
        .bfd()
        .map(settings -> neighbor.toBuilder().bfd(settings).build())
        .orElse(neighbor);
  }

  /** Nobody hears the identifier of a node that does not speak: any does for one of IPv6 alone. */
  private static Optional<Ipv4Address> routerId(
      AgentConfiguration configuration, ClusterView view) {
    if (configuration.routerId().isPresent()) {
      return configuration.routerId();
    }
    if (configuration.hashedRouterId()) {
      return Optional.of(RouterId.ofName(view.nodeName()));
    }
    Optional<Address> address =
        view.self().flatMap(node -> Peering.address(node, AddressFamily.IPV4));
    return address
        .map(Ipv4Address.class::cast)
        .or(
            () ->
                configuration.bgp()
                    ? Optional.empty()
                    : Optional.of(RouterId.ofName(view.nodeName())));
  }
}
