package dev.manul.agent;

import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.Node;
import dev.manul.routes.UdpTunnel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * The devices whose packets travel in UDP, by Manul's own settings {@code udpPort}, {@code udpMTU}
 * and {@code udpMTUV6}, read as {@link VxlanSettings} are. Pure.
 *
 * @param port the UDP port of all nodes
 * @param mtus the devices' MTUs; of a family that is not there it follows the node's link
 * @param problems one line each, with the setting, what it says and what is allowed
 */
record UdpSettings(int port, Map<AddressFamily, Integer> mtus, List<String> problems) {

  private static final int MOST = 65_535;

  UdpSettings {
    mtus = Map.copyOf(mtus);
    problems = List.copyOf(problems);
  }

  /**
   * The settings in force.
   *
   * @param configuration what the cluster says for this node
   */
  static UdpSettings of(
      Optional<FelixConfiguration> configuration, Map<String, String> environment) {
    Map<String, Object> configured =
        configuration.map(felix -> felix.spec().further()).orElse(Map.of());
    List<String> problems = new ArrayList<>();
    Map<AddressFamily, Integer> mtus = new EnumMap<>(AddressFamily.class);
    VxlanSettings.number("udpMTU", 0, MOST, configured, environment, problems)
        .filter(mtu -> mtu > 0)
        .ifPresent(mtu -> mtus.put(AddressFamily.IPV4, mtu));
    VxlanSettings.number("udpMTUV6", 0, MOST, configured, environment, problems)
        .filter(mtu -> mtu > 0)
        .ifPresent(mtu -> mtus.put(AddressFamily.IPV6, mtu));
    int port =
        VxlanSettings.number("udpPort", 1, MOST, configured, environment, problems)
            .orElse(UdpTunnel.DEFAULT_PORT);
    return new UdpSettings(port, mtus, problems);
  }

  /** With the MTU that a given MTU of the node's links leaves, where none is given. */
  UdpSettings within(OptionalInt links) {
    Map<AddressFamily, Integer> all = new EnumMap<>(AddressFamily.class);
    links.ifPresent(
        mtu -> {
          for (AddressFamily family : AddressFamily.values()) {
            all.put(family, mtu - UdpTunnel.overhead(family));
          }
        });
    all.putAll(mtus);
    return new UdpSettings(port, all, problems);
  }

  /** The MTU of a family's device, if one is given. */
  OptionalInt mtu(AddressFamily family) {
    Integer mtu = mtus.get(family);
    return mtu == null ? OptionalInt.empty() : OptionalInt.of(mtu);
  }

  /**
   * This node's devices and the nodes that take such datagrams.
   *
   * @param claims this node's tunnel addresses where they are not published yet
   */
  Map<AddressFamily, UdpTunnel> tunnels(ClusterView view, Map<TunnelType, Address> claims) {
    Map<AddressFamily, UdpTunnel> tunnels = new EnumMap<>(AddressFamily.class);
    Optional<Node> self = view.self();
    for (AddressFamily family : AddressFamily.values()) {
      if (self.isPresent() && Peering.address(self.get(), family).isPresent()) {
        tunnels.put(
            family,
            new UdpTunnel(
                port,
                mtu(family),
                Optional.ofNullable(claims.get(type(family))).or(() -> address(self.get(), family)),
                remotes(view, family)));
      }
    }
    return tunnels;
  }

  /**
   * A node that has an address in the tunnel takes packets. Of nodes that claim the same, the first
   * by name has it; the others are not ready.
   */
  private static Map<Address, Address> remotes(ClusterView view, AddressFamily family) {
    Map<Address, Address> remotes = new HashMap<>();
    Set<Address> taken = new HashSet<>();
    view.self().flatMap(self -> address(self, family)).ifPresent(taken::add);
    for (Node node : new TreeMap<>(view.nodes()).values()) {
      Optional<Address> nodeAddress = Peering.address(node, family);
      Optional<Address> end = address(node, family);
      if (!node.metadata().name().equals(view.nodeName())
          && nodeAddress.isPresent()
          && end.isPresent()
          && taken.add(end.get())) {
        remotes.put(nodeAddress.get(), end.get());
      }
    }
    return remotes;
  }

  private static TunnelType type(AddressFamily family) {
    return family == AddressFamily.IPV4 ? TunnelType.UDP : TunnelType.UDP_V6;
  }

  private static Optional<Address> address(Node node, AddressFamily family) {
    return type(family).recorded(node).filter(address -> address.family() == family);
  }
}
