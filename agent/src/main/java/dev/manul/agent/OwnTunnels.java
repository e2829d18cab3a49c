package dev.manul.agent;

import dev.manul.ipam.Ipam;
import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Node;
import dev.manul.netlink.Link;
import dev.manul.routes.IpipTunnel;
import dev.manul.routes.UdpTunnel;
import dev.manul.routes.Underlay;
import dev.manul.routes.VxlanTunnel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * This node's ends of tunnels. Other nodes send through a tunnel once they see its address in the
 * Node. So the device is set up first, then its address is claimed and put onto it, and only then
 * it is published. The way back is the same: some time after the last pool has no use for it, it is
 * published no more, and when others have had time to hear of that, the device is given up and then
 * the address. A device without an address would not do: with reverse path filtering the kernel
 * drops what comes in by it. Works on the {@code registrar} thread.
 */
final class OwnTunnels {

  /** The tunnels there are, by what their addresses are for. */
  static final List<TunnelType> TYPES =
      List.of(
          TunnelType.IPIP,
          TunnelType.VXLAN,
          TunnelType.VXLAN_V6,
          TunnelType.UDP,
          TunnelType.UDP_V6);

  /** After so many looks it is not for being late that IPAM sees other pools. */
  private static final int MOST_BEHIND = 40;

  private final NodeRegistration registration;
  private final Ipam ipam;
  private final String nodeName;
  private final Supplier<Underlay> underlay;
  private final Runnable onClaim;
  private final Duration linger;
  private final LongSupplier nanoTime;
  private final Map<TunnelType, Long> unusedSince = new EnumMap<>(TunnelType.class);
  private volatile Map<TunnelType, Address> claims = Map.of();
  private int behind;

  /**
   * @param onClaim called after each change of {@link #claims}
   * @param linger how long an address stays published that no pool needs
   */
  OwnTunnels(
      NodeRegistration registration,
      Ipam ipam,
      String nodeName,
      Supplier<Underlay> underlay,
      Runnable onClaim,
      Duration linger,
      LongSupplier nanoTime) {
    this.registration = registration;
    this.ipam = ipam;
    this.nodeName = nodeName;
    this.underlay = underlay;
    this.onClaim = onClaim;
    this.linger = linger;
    this.nanoTime = nanoTime;
  }

  /** The devices whose addresses are published. */
  static Set<String> announced(Node self) {
    return TYPES.stream()
        .filter(type -> type.recorded(self).isPresent())
        .map(OwnTunnels::deviceName)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String deviceName(TunnelType type) {
    return switch (type) {
      case UDP, UDP_V6 -> UdpTunnel.deviceName(type.family());
      case VXLAN, VXLAN_V6 -> VxlanTunnel.deviceName(type.family());
      default -> IpipTunnel.DEVICE;
    };
  }

  /** The devices that take packets, each with its addresses. */
  static Map<TunnelType, Set<Address>> devices(Underlay underlay) {
    Map<TunnelType, Set<Address>> devices = new EnumMap<>(TunnelType.class);
    for (TunnelType type : TYPES) {
      Optional<Link> device =
          switch (type) {
            case UDP, UDP_V6 -> UdpTunnel.device(underlay, type.family());
            case VXLAN, VXLAN_V6 -> VxlanTunnel.device(underlay, type.family());
            default -> IpipTunnel.device(underlay);
          };
      device.ifPresent(link -> devices.put(type, addresses(underlay, link, type)));
    }
    return Map.copyOf(devices);
  }

  private static Set<Address> addresses(Underlay underlay, Link link, TunnelType type) {
    Set<Address> addresses = new HashSet<>();
    underlay.addresses().stream()
        .filter(each -> each.linkIndex() == link.index())
        .map(each -> each.address())
        .filter(each -> each.address().family() == type.family())
        .map(InterfaceAddress::address)
        .filter(address -> !address.isLinkLocal())
        .forEach(addresses::add);
    return Set.copyOf(addresses);
  }

  /** The addresses that are this node's for its tunnels, published yet or not. Any thread. */
  Map<TunnelType, Address> claims() {
    return claims;
  }

  /**
   * Does what is to be done next about each tunnel, as far as the devices have come.
   *
   * @return false when IPAM does not see the same pools yet, so that this has to be tried again
   *     soon: it would release an address that is just needed
   */
  boolean keep(List<IPPool> pools) {
    if (!byName(ipam.pools()).equals(byName(pools)) && ++behind < MOST_BEHIND) {
      return false;
    }
    behind = 0;
    Map<TunnelType, Set<Address>> devices = devices(underlay.get());
    for (TunnelType type : TYPES) {
      Optional<Set<Address>> device = Optional.ofNullable(devices.get(type));
      if (isUsed(type, pools)) {
        unusedSince.remove(type);
        keepUsed(type, device);
      } else {
        keepUnused(type, device.orElse(Set.of()));
      }
    }
    return true;
  }

  /** How many nanoseconds from now {@link #keep} is to be called even if nothing happens. */
  OptionalLong untilNext() {
    long now = nanoTime.getAsLong();
    return unusedSince.values().stream()
        .mapToLong(since -> since + linger.toNanos() - now)
        .filter(delay -> delay > 0)
        .min();
  }

  private void keepUnused(TunnelType type, Set<Address> onDevice) {
    if (onDevice.isEmpty()) {
      unusedSince.remove(type);
      publish(type, Optional.empty());
      claim(type, ipam.ensureTunnelAddress(nodeName, type));
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - unusedSince.computeIfAbsent(type, _ -> now) >= linger.toNanos()) {
      publish(type, Optional.empty());
    }
  }

  private static Map<String, IPPool.Spec> byName(List<IPPool> pools) {
    return pools.stream().collect(Collectors.toMap(p -> p.metadata().name(), IPPool::spec));
  }

  private void keepUsed(TunnelType type, Optional<Set<Address>> device) {
    if (device.isEmpty()) {
      // What is sent to a device that is not there, or cannot be, is lost without a word.
      publish(type, Optional.empty());
      return;
    }
    Optional<Address> address = ipam.ensureTunnelAddress(nodeName, type);
    claim(type, address);
    if (address.isEmpty() || device.get().contains(address.get())) {
      publish(type, address);
    }
  }

  private static boolean isUsed(TunnelType type, List<IPPool> pools) {
    return pools.stream()
        .map(IPPool::spec)
        .filter(pool -> pool.cidr().family() == type.family())
        .map(
            pool ->
                switch (type) {
                  case UDP, UDP_V6 -> pool.udp();
                  case VXLAN, VXLAN_V6 -> pool.vxlanMode();
                  default -> pool.ipipMode();
                })
        .anyMatch(mode -> mode != EncapsulationMode.NEVER);
  }

  private void claim(TunnelType type, Optional<Address> address) {
    Map<TunnelType, Address> now = new EnumMap<>(TunnelType.class);
    now.putAll(claims);
    address.ifPresentOrElse(claimed -> now.put(type, claimed), () -> now.remove(type));
    if (!now.equals(claims)) {
      claims = Map.copyOf(now);
      onClaim.run();
    }
  }

  private void publish(TunnelType type, Optional<Address> address) {
    Node _ =
        registration.change(
            node ->
                node.withSpec(
                    switch (type) {
                      case VXLAN -> node.spec().withIpv4VXLANTunnelAddr(address);
                      case UDP -> node.spec().withIpv4UDPTunnelAddr(address);
                      case UDP_V6 -> node.spec().withIpv6UDPTunnelAddr(address);
                      case VXLAN_V6 -> node.spec().withIpv6VXLANTunnelAddr(address);
                      default ->
                          node.spec()
                              .withBgp(
                                  node.spec().bgp().map(b -> b.withIpv4IPIPTunnelAddr(address)));
                    }));
  }
}
