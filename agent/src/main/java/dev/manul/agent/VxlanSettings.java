package dev.manul.agent;

import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.Node;
import dev.manul.routes.VxlanTunnel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The VXLAN devices by Calico's settings {@code vxlanVNI}, {@code vxlanPort}, {@code vxlanMTU} and
 * {@code vxlanMTUV6}: the environment's {@code FELIX_…} before FelixConfiguration. A setting that
 * cannot be read does not count, and is told. Pure.
 *
 * @param vni the network's identifier
 * @param port the UDP port
 * @param mtus the devices' MTUs; of a family that is not there it follows the node's link
 * @param problems one line each, with the setting, what it says and what is allowed
 */
record VxlanSettings(int vni, int port, Map<AddressFamily, Integer> mtus, List<String> problems) {

  /** 24 bits (RFC 7348 section 5). */
  private static final int MOST_VNI = (1 << 24) - 1;

  private static final int MOST = 65_535;
  private static final Pattern MAC = Pattern.compile("(?i)([0-9a-f]{2}:){5}[0-9a-f]{2}");

  VxlanSettings {
    mtus = Map.copyOf(mtus);
    problems = List.copyOf(problems);
  }

  /**
   * The settings in force.
   *
   * @param configuration what the cluster says for this node
   */
  static VxlanSettings of(
      Optional<FelixConfiguration> configuration, Map<String, String> environment) {
    Map<String, Object> configured =
        configuration.map(felix -> felix.spec().further()).orElse(Map.of());
    List<String> problems = new ArrayList<>();
    Map<AddressFamily, Integer> mtus = new EnumMap<>(AddressFamily.class);
    number("vxlanMTU", 0, MOST, configured, environment, problems)
        .filter(mtu -> mtu > 0)
        .ifPresent(mtu -> mtus.put(AddressFamily.IPV4, mtu));
    number("vxlanMTUV6", 0, MOST, configured, environment, problems)
        .filter(mtu -> mtu > 0)
        .ifPresent(mtu -> mtus.put(AddressFamily.IPV6, mtu));
    return new VxlanSettings(
        number("vxlanVNI", 1, MOST_VNI, configured, environment, problems)
            .orElse(VxlanTunnel.DEFAULT_VNI),
        number("vxlanPort", 1, MOST, configured, environment, problems)
            .orElse(VxlanTunnel.DEFAULT_PORT),
        mtus,
        problems);
  }

  /**
   * A setting that is a number, as it is in force.
   *
   * @param problems is told what cannot be read
   */
  static Optional<Integer> number(
      String name,
      int least,
      int most,
      Map<String, Object> configured,
      Map<String, String> environment,
      List<String> problems) {
    String variable = "FELIX_" + name.toUpperCase(Locale.ROOT);
    String given = environment.getOrDefault(variable, "");
    String text = given.isEmpty() ? String.valueOf(configured.getOrDefault(name, "")) : given;
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // told below, as what is out of range
    }
    String where = given.isEmpty() ? "FelixConfiguration: field spec." + name : variable;
    problems.add("%s: got %s, allowed are %d to %d".formatted(where, text, least, most));
    return Optional.empty();
  }

  /** With the MTU that a given MTU of the node's links leaves, where none is given. */
  VxlanSettings within(OptionalInt links) {
    Map<AddressFamily, Integer> all = new EnumMap<>(AddressFamily.class);
    links.ifPresent(
        mtu -> {
          for (AddressFamily family : AddressFamily.values()) {
            all.put(family, mtu - VxlanTunnel.overhead(family));
          }
        });
    all.putAll(mtus);
    return new VxlanSettings(vni, port, all, problems);
  }

  /** The MTU of a family's device, if one is given. */
  OptionalInt mtu(AddressFamily family) {
    Integer mtu = mtus.get(family);
    return mtu == null ? OptionalInt.empty() : OptionalInt.of(mtu);
  }

  /**
   * This node's devices and what the cluster says of the other nodes'.
   *
   * @param claims this node's tunnel addresses where they are not published yet
   */
  Map<AddressFamily, VxlanTunnel> tunnels(ClusterView view, Map<TunnelType, Address> claims) {
    Map<AddressFamily, VxlanTunnel> tunnels = new EnumMap<>(AddressFamily.class);
    Optional<Node> self = view.self();
    for (AddressFamily family : AddressFamily.values()) {
      if (self.isPresent() && Peering.address(self.get(), family).isPresent()) {
        tunnels.put(
            family,
            new VxlanTunnel(
                vni,
                port,
                mtu(family),
                Optional.ofNullable(claims.get(type(family))).or(() -> address(self.get(), family)),
                mac(self.get(), family),
                remotes(view, family)));
      }
    }
    return tunnels;
  }

  private static TunnelType type(AddressFamily family) {
    return family == AddressFamily.IPV4 ? TunnelType.VXLAN : TunnelType.VXLAN_V6;
  }

  /** Of nodes that claim the same, the first by name has it; the others are not ready. */
  private static Map<Address, VxlanTunnel.Remote> remotes(ClusterView view, AddressFamily family) {
    Map<Address, VxlanTunnel.Remote> remotes = new HashMap<>();
    Set<Address> addresses = new HashSet<>();
    Set<String> macs = new HashSet<>();
    view.self()
        .ifPresent(
            self -> {
              address(self, family).ifPresent(addresses::add);
              macs.add(mac(self, family));
            });
    for (Node node : new TreeMap<>(view.nodes()).values()) {
      Optional<Address> nodeAddress = Peering.address(node, family);
      Optional<Address> address = address(node, family);
      if (node.metadata().name().equals(view.nodeName())
          || nodeAddress.isEmpty()
          || address.isEmpty()) {
        continue;
      }
      String mac = mac(node, family);
      if (!addresses.contains(address.get()) && !macs.contains(mac)) {
        addresses.add(address.get());
        macs.add(mac);
        remotes.put(nodeAddress.get(), new VxlanTunnel.Remote(address.get(), mac));
      }
    }
    return remotes;
  }

  private static Optional<Address> address(Node node, AddressFamily family) {
    return type(family).recorded(node).filter(address -> address.family() == family);
  }

  private static String mac(Node node, AddressFamily family) {
    String given =
        family == AddressFamily.IPV4
            ? node.spec().vxlanTunnelMACAddr()
            : node.spec().vxlanTunnelMACAddrV6();
    return MAC.matcher(given).matches()
        ? given.toLowerCase(Locale.ROOT)
        : VxlanTunnel.derivedMac(node.metadata().name(), family);
  }
}
