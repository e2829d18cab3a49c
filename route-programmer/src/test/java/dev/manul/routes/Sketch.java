package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.Route;
import dev.manul.netlink.Scope;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Short words for the values that tests are made of. */
final class Sketch {

  static final int LO = 1;
  static final int ETH0 = 2;
  static final int TUNL0 = 3;
  static final int CALI = 10;
  static final int VXLAN = 11;
  static final int VXLAN6 = 12;

  private Sketch() {}

  static Prefix prefix(String text) {
    return Prefix.parse(text);
  }

  static Address address(String text) {
    return Address.parse(text);
  }

  static Link link(int index, String name, String kind, int mtu, boolean up) {
    return new Link(
        index,
        name,
        kind,
        mtu,
        up,
        up,
        name.equals("lo"),
        Optional.empty(),
        0,
        0,
        Optional.empty());
  }

  static LinkAddress on(int link, String address) {
    return LinkAddress.of(link, InterfaceAddress.parse(address));
  }

  static Route connected(String prefix, int link) {
    Route route = Route.onLink(prefix(prefix), link).withProtocol(Route.KERNEL_PROTOCOL);
    return prefix.contains(":") ? route.withMetric(256) : route.withScope(Scope.LINK);
  }

  static Route through(String prefix, String gateway, int link) {
    return Route.via(prefix(prefix), address(gateway), link).withProtocol(Route.STATIC_PROTOCOL);
  }

  static IPPool pool(String cidr, EncapsulationMode ipip) {
    return pool(cidr, ipip, EncapsulationMode.NEVER);
  }

  static IPPool pool(String cidr, EncapsulationMode ipip, EncapsulationMode vxlan) {
    return new IPPool(
        Metadata.named(cidr.replaceAll("[.:/]", "-")),
        IPPool.Spec.of(prefix(cidr)).withModes(ipip, vxlan));
  }

  static IPPool udpPool(String cidr, EncapsulationMode mode) {
    IPPool pool = pool(cidr, EncapsulationMode.NEVER);
    return pool.withSpec(
        pool.spec().withModes(EncapsulationMode.NEVER, EncapsulationMode.NEVER, mode));
  }

  static LearnedRoute learned(String prefix, String... nextHops) {
    List<Address> hops = new ArrayList<>();
    for (String hop : nextHops) {
      hops.add(address(hop));
    }
    return new LearnedRoute(prefix(prefix), hops);
  }

  static LearnedChange change(String prefix, String... nextHops) {
    return nextHops.length == 0
        ? LearnedChange.withdrawn(prefix(prefix))
        : LearnedChange.learned(prefix(prefix), learned(prefix, nextHops).nextHops());
  }

  /** The worker of the four-node lab: 10.1.5.11 behind eth0, the router at 10.1.5.1. */
  static final class View {
    Optional<InterfaceAddress> ipv4 = Optional.of(InterfaceAddress.parse("10.1.5.11/24"));
    Optional<InterfaceAddress> ipv6 = Optional.of(InterfaceAddress.parse("2001:db8:5::11/64"));
    List<IPPool> pools = new ArrayList<>();
    Set<Prefix> ownBlocks = new HashSet<>();
    Map<Prefix, String> workloads = new HashMap<>();
    Set<Address> nodes = new HashSet<>();
    Set<Address> unready = new HashSet<>();
    Map<Prefix, Address> remote = new HashMap<>();
    Optional<Address> tunnelAddress = Optional.empty();
    OptionalInt mtu = OptionalInt.empty();
    Map<AddressFamily, VxlanTunnel> vxlan = new EnumMap<>(AddressFamily.class);
    Map<AddressFamily, UdpTunnel> udp = new EnumMap<>(AddressFamily.class);
    Set<String> announced = new HashSet<>();
    Set<Address> speaking = new HashSet<>();
    Set<Prefix> leftAlone = new HashSet<>();
    Map<Address, Address> hosts = new HashMap<>();
    Map<String, Set<Address>> podPeers = new HashMap<>();

    View leftAlone(String range) {
      leftAlone.add(prefix(range));
      return this;
    }

    /** Nodes that do not take IP-in-IP yet. */
    View unready(String... addresses) {
      for (String address : addresses) {
        nodes.add(address(address));
        unready.add(address(address));
      }
      return this;
    }

    /** A block of another node, known from the datastore. */
    View remote(String block, String node) {
      remote.put(prefix(block), address(node));
      return this;
    }

    View podPeer(String device, String address) {
      podPeers.put(device, Set.of(address(address)));
      return this;
    }

    View host(String host, String gateway) {
      hosts.put(address(host), address(gateway));
      return this;
    }

    View pools(IPPool... all) {
      pools = new ArrayList<>(List.of(all));
      return this;
    }

    View own(String... blocks) {
      for (String block : blocks) {
        ownBlocks.add(prefix(block));
      }
      return this;
    }

    View workload(String single, String link) {
      workloads.put(prefix(single), link);
      return this;
    }

    /** The VXLAN device of a family, with other nodes as {@code NODE TUNNEL_ADDRESS}. */
    View vxlan(AddressFamily family, String own, String... others) {
      Map<Address, VxlanTunnel.Remote> remotes = new HashMap<>();
      for (String other : others) {
        String[] words = other.split(" ", 2);
        remotes.put(
            address(words[0]),
            new VxlanTunnel.Remote(address(words[1]), VxlanTunnel.derivedMac(words[0], family)));
      }
      vxlan.put(
          family,
          new VxlanTunnel(
              VxlanTunnel.DEFAULT_VNI,
              VxlanTunnel.DEFAULT_PORT,
              OptionalInt.empty(),
              own.isEmpty() ? Optional.empty() : Optional.of(address(own)),
              VxlanTunnel.derivedMac("worker", family),
              remotes));
      return this;
    }

    /**
     * The device of a family whose packets travel in UDP, with the nodes that take them as {@code
     * NODE TUNNEL_ADDRESS}.
     */
    View udp(AddressFamily family, String own, String... others) {
      Map<Address, Address> remotes = new HashMap<>();
      for (String other : others) {
        String[] words = other.split(" ", 2);
        remotes.put(address(words[0]), address(words[1]));
        nodes.add(address(words[0]));
      }
      udp.put(
          family,
          new UdpTunnel(
              UdpTunnel.DEFAULT_PORT, OptionalInt.empty(), Optional.of(address(own)), remotes));
      return this;
    }

    View tunnelAddress(String text) {
      tunnelAddress = Optional.of(address(text));
      return this;
    }

    /** Tunnels whose addresses other nodes see. */
    View announced(String... devices) {
      announced.addAll(List.of(devices));
      return this;
    }

    NodeView get() {
      Set<Address> ipipEnds = new HashSet<>(nodes);
      ipipEnds.removeAll(unready);
      return new NodeView(
          "worker",
          ipv4,
          ipv6,
          pools,
          ownBlocks,
          workloads,
          nodes,
          ipipEnds,
          tunnelAddress,
          mtu,
          vxlan,
          udp,
          announced,
          speaking,
          leftAlone,
          hosts,
          remote,
          podPeers);
    }
  }

  static View view() {
    return new View();
  }

  static List<Link> links() {
    return List.of(
        link(LO, "lo", "", 65536, true),
        link(ETH0, "eth0", "veth", 1500, true),
        link(TUNL0, "tunl0", "ipip", 1480, true),
        link(CALI, "cali1", "veth", 1480, true),
        link(VXLAN, "vxlan.calico", "vxlan", 1450, true),
        link(VXLAN6, "vxlan-v6.calico", "vxlan", 1430, false));
  }

  static List<LinkAddress> addresses() {
    return List.of(
        on(LO, "127.0.0.1/8"),
        on(ETH0, "10.1.5.11/24"),
        on(ETH0, "2001:db8:5::11/64"),
        on(TUNL0, "10.244.9.0/32"));
  }

  static List<Route> foreign() {
    return List.of(
        connected("10.1.5.0/24", ETH0),
        connected("2001:db8:5::/64", ETH0),
        through("0.0.0.0/0", "10.1.5.1", ETH0),
        through("::/0", "2001:db8:5::1", ETH0));
  }

  static Underlay underlay() {
    return Underlay.of(links(), addresses(), foreign());
  }

  static String linkName(int index) {
    return switch (index) {
      case LO -> "lo";
      case ETH0 -> "eth0";
      case TUNL0 -> "tunl0";
      case CALI -> "cali1";
      case VXLAN -> "vxlan.calico";
      case VXLAN6 -> "vxlan-v6.calico";
      default -> null;
    };
  }
}
