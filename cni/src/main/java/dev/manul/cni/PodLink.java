package dev.manul.cni;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Prefix;
import dev.manul.netlink.Change;
import dev.manul.netlink.Ipv4Setting;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What a pod's link is made of, as Calico makes it: a veth pair whose node end has no address but
 * answers for 169.254.1.1, and whose pod end has single addresses and a default route through that.
 * On a bridge the pod's end has addresses of the bridge's subnets, and the bridge is its gateway.
 * Pure: these are the changes, {@link HostKernel} and {@link PodKernel} make them.
 */
final class PodLink {

  /** The hardware address of every node end. */
  static final String HOST_MAC = "ee:ee:ee:ee:ee:ee";

  /** The gateway of every pod; the node answers for it by proxy ARP. */
  static final Address GATEWAY_V4 = Address.parse("169.254.1.1");

  /** The link-local address that belongs to {@link #HOST_MAC} (RFC 4291 appendix A). */
  static final Address GATEWAY_V6 = Address.parse("fe80::ecee:eeff:feee:eeee");

  /** The protocol that marks the project's routes. */
  static final int PROTOCOL = 77;

  private static final int LINK_LOCAL_LENGTH = 64;
  private static final Prefix DEFAULT_V4 = Prefix.parse("0.0.0.0/0");
  private static final Prefix DEFAULT_V6 = Prefix.parse("::/0");

  private PodLink() {}

  /** A hardware address that nobody has: locally administered, unicast (IEEE 802 section 8.4). */
  static String randomMac(SplittableRandom random) {
    long bits = random.nextLong();
    StringBuilder text = new StringBuilder(17);
    for (int i = 0; i < 6; i++) {
      int octet = (int) (bits >>> (8 * i)) & 0xff;
      if (i == 0) {
        octet = (octet & 0xfc) | 2;
      } else {
        text.append(':');
      }
      text.append(Character.forDigit(octet >> 4, 16)).append(Character.forDigit(octet & 15, 16));
    }
    return text.toString();
  }

  /** Both ends in one message; the pod's is born in its namespace. Both are down. */
  static Change.CreateLink create(
      String device, NetworkNamespace pod, String ifname, String podMac, int mtu) {
    LinkType.Veth pair = LinkType.Veth.into(pod, ifname).withPeerMac(podMac).withPeerMtu(mtu);
    return new Change.CreateLink(
        LinkSpec.of(device, pair).withMac(HOST_MAC).withMtu(mtu).withUp(false));
  }

  /**
   * What is set about the node's end before it is set up, below {@code /proc/sys/net}; the rest of
   * IPv4 is in {@link #hostEnd}.
   */
  static List<Setting> hostSettings(Attachment attachment) {
    String device = attachment.device();
    List<Setting> settings = new ArrayList<>();
    if (attachment.has(AddressFamily.IPV4)) {
      settings.add(new Setting("ipv4/neigh/" + device + "/proxy_delay", "0"));
    }
    if (attachment.has(AddressFamily.IPV6)) {
      settings.add(new Setting("ipv6/conf/" + device + "/disable_ipv6", "0"));
      settings.add(new Setting("ipv6/conf/" + device + "/accept_ra", "0"));
      // the one link-local address is set by us, usable at once
      settings.add(new Setting("ipv6/conf/" + device + "/addr_gen_mode", "1"));
      settings.add(new Setting("ipv6/conf/" + device + "/proxy_ndp", "1"));
      settings.add(new Setting("ipv6/conf/" + device + "/forwarding", "1"));
    }
    return settings;
  }

  /** The routes to the pod alone. */
  static List<Route> hostRoutes(Attachment attachment) {
    if (attachment.port().isPresent()) {
      return List.of();
    }
    return attachment.addresses().stream()
        .map(
            address ->
                Route.onLink(address.toPrefix(), attachment.deviceIndex()).withProtocol(PROTOCOL))
        .toList();
  }

  /** What makes the node's end work, but for its routes. */
  static List<Change> hostEnd(Attachment attachment) {
    int index = attachment.deviceIndex();
    List<Change> changes = new ArrayList<>();
    LinkUpdate up = LinkUpdate.NOTHING.withUp(true);
    if (attachment.has(AddressFamily.IPV4)) {
      up =
          up.withIpv4(Ipv4Setting.ROUTE_LOCALNET, 1)
              .withIpv4(Ipv4Setting.PROXY_ARP, 1)
              .withIpv4(Ipv4Setting.FORWARDING, 1);
    }
    changes.add(new Change.SetLink(index, up));
    if (attachment.has(AddressFamily.IPV6)) {
      InterfaceAddress gateway = new InterfaceAddress(GATEWAY_V6, LINK_LOCAL_LENGTH);
      changes.add(
          new Change.AddAddress(
              LinkAddress.of(index, gateway)
                  .withScope(dev.manul.netlink.Scope.LINK)
                  .withFlags(LinkAddress.NO_DUPLICATE_DETECTION)));
    }
    for (Address address : attachment.addresses()) {
      changes.add(
          new Change.ReplaceNeighbour(Neighbour.permanent(index, address, attachment.mac())));
    }
    return changes;
  }

  /** What is set in the pod's namespace before its end is set up. */
  static List<Setting> podSettings(Attachment attachment, boolean forwarding) {
    String forward = forwarding ? "1" : "0";
    List<Setting> settings = new ArrayList<>();
    settings.add(new Setting("ipv4/ip_forward", forward));
    if (attachment.has(AddressFamily.IPV6)) {
      // a runtime may have switched IPv6 off in the whole namespace
      for (String scope : List.of("all", "default", "lo")) {
        settings.add(new Setting("ipv6/conf/" + scope + "/disable_ipv6", "0"));
      }
      settings.add(new Setting("ipv6/conf/all/forwarding", forward));
    }
    return settings;
  }

  /**
   * What makes the pod's end work.
   *
   * @param index the index of the pod's end
   * @param mac another hardware address than the one it was made with
   */
  static List<Change> podEnd(Attachment attachment, int index, Optional<String> mac) {
    List<Change> changes = new ArrayList<>();
    LinkUpdate up = LinkUpdate.NOTHING.withUp(true);
    changes.add(new Change.SetLink(index, mac.map(up::withMac).orElse(up)));
    for (InterfaceAddress address : attachment.interfaceAddresses()) {
      LinkAddress own = LinkAddress.of(index, address);
      changes.add(
          new Change.AddAddress(
              address.address().family() == AddressFamily.IPV6
                  ? own.withFlags(LinkAddress.NO_DUPLICATE_DETECTION)
                  : own));
    }
    if (attachment.port().isPresent()) {
      for (AddressFamily family : AddressFamily.values()) {
        if (attachment.has(family)) {
          Prefix all = family == AddressFamily.IPV4 ? DEFAULT_V4 : DEFAULT_V6;
          changes.add(new Change.AddRoute(Route.via(all, attachment.gateway(family), index)));
        }
      }
      return changes;
    }
    // the gateway's hardware address is always the same: the first packet need not wait for it
    if (attachment.has(AddressFamily.IPV4)) {
      changes.add(new Change.ReplaceNeighbour(Neighbour.permanent(index, GATEWAY_V4, HOST_MAC)));
      changes.add(new Change.AddRoute(Route.onLink(GATEWAY_V4.toPrefix(), index)));
      changes.add(new Change.AddRoute(Route.via(DEFAULT_V4, GATEWAY_V4, index)));
    }
    if (attachment.has(AddressFamily.IPV6)) {
      changes.add(new Change.ReplaceNeighbour(Neighbour.permanent(index, GATEWAY_V6, HOST_MAC)));
      changes.add(new Change.AddRoute(Route.via(DEFAULT_V6, GATEWAY_V6, index)));
    }
    return changes;
  }

  /** The default routes a pod must have. */
  static List<Prefix> defaults(Attachment attachment) {
    List<Prefix> defaults = new ArrayList<>();
    if (attachment.has(AddressFamily.IPV4)) {
      defaults.add(DEFAULT_V4);
    }
    if (attachment.has(AddressFamily.IPV6)) {
      defaults.add(DEFAULT_V6);
    }
    return defaults;
  }

  /** A setting below {@code /proc/sys/net}. */
  record Setting(String name, String value) {}
}
