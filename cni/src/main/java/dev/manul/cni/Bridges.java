package dev.manul.cni;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.Change;
import dev.manul.netlink.Ipv4Setting;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.Route;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bridges that pods are on. A bridge has an address in each block that its pods have addresses
 * of, and the node a route to the block by it. It stays when its last pod goes, as with other
 * plugins. Safe for use by many threads.
 */
final class Bridges {
  private static final Logger LOG = LoggerFactory.getLogger(Bridges.class);

  /** As CNI's plugins begin the hardware addresses that they make of IPv4 addresses. */
  private static final String MADE_OF_ADDRESS = "0a:58";

  /** Whether what a bridge carries is shown to iptables; not in every kernel. */
  private static final List<String> FILTERED =
      List.of("bridge/bridge-nf-call-iptables", "bridge/bridge-nf-call-ip6tables");

  private final HostKernel kernel;
  private final WorkloadRoutes routes;
  private final Map<String, Set<Prefix>> subnets = new HashMap<>(); // guarded by this
  private boolean warned; // guarded by this

  Bridges(HostKernel kernel, WorkloadRoutes routes) {
    this.kernel = kernel;
    this.routes = routes;
  }

  /**
   * The hardware address of whoever has an address on a bridge. As it is always the same, nobody
   * remembers a wrong one when the address is another pod's.
   */
  static String mac(List<Address> addresses) {
    Address address =
        addresses.stream()
            .filter(Ipv4Address.class::isInstance)
            .findFirst()
            .orElseGet(addresses::getFirst);
    byte[] octets = address.toBytes();
    int[] folded = new int[4]; // of IPv4 the address itself
    for (int i = 0; i < octets.length; i++) {
      folded[i % 4] = (31 * folded[i % 4] + (octets[i] & 0xff)) & 0xff;
    }
    StringBuilder text = new StringBuilder(MADE_OF_ADDRESS);
    for (int octet : folded) {
      text.append(String.format(":%02x", octet));
    }
    return text.toString();
  }

  /**
   * Makes a bridge, or what is missing of it, and the routes to its subnets.
   *
   * @return the bridge's index
   */
  synchronized int ensure(BridgePort port) {
    String name = port.settings().name();
    List<Address> own = port.gateways().stream().map(InterfaceAddress::address).toList();
    Link bridge = kernel.bridge(name, mac(own));
    var missing = new HashSet<>(port.gateways());
    for (LinkAddress address : kernel.addresses()) {
      if (address.linkIndex() == bridge.index()) {
        missing.remove(address.address());
      }
    }
    List<Change> changes = new ArrayList<>();
    boolean promiscuous = port.settings().promiscuous();
    if (!bridge.up() || bridge.promiscuous() != promiscuous || !missing.isEmpty()) {
      kernel.set(settings(name, port));
      changes.add(
          new Change.SetLink(
              bridge.index(),
              LinkUpdate.NOTHING
                  .withUp(true)
                  .withPromiscuous(promiscuous)
                  .withIpv4(Ipv4Setting.FORWARDING, 1)
                  .withIpv4(Ipv4Setting.ROUTE_LOCALNET, 1)));
    }
    for (InterfaceAddress address : missing) {
      // its subnet's route is ours, so that it takes the place of the block's blackhole
      changes.add(
          new Change.AddAddress(
              LinkAddress.of(bridge.index(), address)
                  .withFlags(
                      LinkAddress.NO_PREFIX_ROUTE
                          | (address.address() instanceof Ipv4Address
                              ? 0
                              : LinkAddress.NO_DUPLICATE_DETECTION))));
    }
    kernel.apply("set up " + name, changes);
    if (!missing.isEmpty()) {
      warnUnfiltered(name);
    }
    Set<Prefix> all = subnets.computeIfAbsent(name, _ -> new HashSet<>());
    var _ = all.addAll(port.subnets());
    routes.add(name, Set.copyOf(all));
    kernel.program(
        name,
        List.of(),
        port.subnets().stream()
            .map(subnet -> Route.onLink(subnet, bridge.index()).withProtocol(PodLink.PROTOCOL))
            .toList());
    return bridge.index();
  }

  private static List<PodLink.Setting> settings(String name, BridgePort port) {
    List<PodLink.Setting> settings = new ArrayList<>();
    if (port.gateways().stream().anyMatch(g -> !(g.address() instanceof Ipv4Address))) {
      settings.add(new PodLink.Setting("ipv6/conf/" + name + "/disable_ipv6", "0"));
      settings.add(new PodLink.Setting("ipv6/conf/" + name + "/accept_ra", "0"));
      settings.add(new PodLink.Setting("ipv6/conf/" + name + "/forwarding", "1"));
    }
    return settings;
  }

  /** Network policy sees what goes from port to port only if the kernel shows it to iptables. */
  private void warnUnfiltered(String name) {
    List<String> absent = kernel.setIfThere(FILTERED, "1");
    if (!absent.isEmpty() && !warned) {
      warned = true;
      LOG.atWarn()
          .log(
              "event=bridge_unfiltered bridge={} problem=\"this kernel has no br_netfilter: network"
                  + " policy is not asked about packets between pods of this node\"",
              name);
    }
  }

  /** How a port and its bridge differ from what was made, a line each. */
  List<String> differences(BridgePort port, Link link) {
    String name = port.settings().name();
    Optional<Link> found = kernel.link(name);
    if (found.isEmpty()) {
      return List.of("the node has no bridge " + name);
    }
    Link bridge = found.get();
    List<String> differences = new ArrayList<>();
    if (!bridge.up()) {
      differences.add("the bridge " + name + " is down");
    }
    if (link.masterIndex() != bridge.index()) {
      differences.add(link.name() + " is not on the bridge " + name);
    }
    if (link.hairpin() != port.settings().hairpin()) {
      differences.add(
          link.name()
              + (link.hairpin() ? " is a hairpin, wanted none" : " is no hairpin, wanted one"));
    }
    Set<InterfaceAddress> addresses =
        kernel.addresses().stream()
            .filter(address -> address.linkIndex() == bridge.index())
            .map(LinkAddress::address)
            .collect(Collectors.toSet());
    port.gateways().stream()
        .filter(gateway -> !addresses.contains(gateway))
        .forEach(gateway -> differences.add(name + " has lost the address " + gateway));
    Set<Prefix> routed =
        kernel.routesTo(bridge.index()).stream()
            .map(Route::destination)
            .collect(Collectors.toSet());
    port.subnets().stream()
        .filter(subnet -> !routed.contains(subnet))
        .forEach(subnet -> differences.add("the node has lost its route " + subnet));
    return differences;
  }
}
