package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import java.util.Optional;
import java.util.OptionalInt;

/** The kinds of links that can be created, with the settings of each. */
public sealed interface LinkType {

  /** The kernel's word, IFLA_INFO_KIND. */
  String kind();

  /**
   * One end of a pair; the other end is made by the same message.
   *
   * @param peerName the other end's name
   * @param peerNamespace where the other end is born; empty: in the same namespace
   * @param peerMtu the other end's MTU
   * @param peerMac the other end's hardware address
   * @param peerUp whether the other end is set up at once
   */
  record Veth(
      String peerName,
      Optional<NetworkNamespace> peerNamespace,
      OptionalInt peerMtu,
      Optional<String> peerMac,
      boolean peerUp)
      implements LinkType {

    /** Both ends in one namespace, the other end down. */
    public static Veth of(String peerName) {
      return new Veth(peerName, Optional.empty(), OptionalInt.empty(), Optional.empty(), false);
    }

    /** The other end inside another namespace, and up. */
    public static Veth into(NetworkNamespace namespace, String peerName) {
      return new Veth(
          peerName, Optional.of(namespace), OptionalInt.empty(), Optional.empty(), true);
    }

    public Veth withPeerMtu(int mtu) {
      return new Veth(peerName, peerNamespace, OptionalInt.of(mtu), peerMac, peerUp);
    }

    public Veth withPeerMac(String mac) {
      return new Veth(peerName, peerNamespace, peerMtu, Optional.of(mac), peerUp);
    }

    public Veth withPeerUp(boolean up) {
      return new Veth(peerName, peerNamespace, peerMtu, peerMac, up);
    }

    @Override
    public String kind() {
      return "veth";
    }
  }

  /** A bridge with the kernel's own settings. */
  record Bridge() implements LinkType {
    @Override
    public String kind() {
      return "bridge";
    }
  }

  /** A device without a wire; not in every kernel. */
  record Dummy() implements LinkType {
    @Override
    public String kind() {
      return "dummy";
    }
  }

  /**
   * A VXLAN device.
   *
   * @param vni the network's identifier, 0 to 2^24 - 1
   * @param port the UDP port, usually 4789
   * @param local the source address of the outer packets
   * @param parentIndex the link that carries the outer packets, 0 for any
   * @param learning whether sources are learned from packets
   */
  record Vxlan(int vni, int port, Optional<Address> local, int parentIndex, boolean learning)
      implements LinkType {
    public Vxlan {
      if (vni < 0 || vni > 0xff_ffff) {
        throw new IllegalArgumentException("a VNI of " + vni + " is not within 0 to 16777215");
      }
      if (port < 0 || port > 0xffff) {
        throw new IllegalArgumentException("a port of " + port + " is not within 0 to 65535");
      }
    }

    @Override
    public String kind() {
      return "vxlan";
    }
  }

  /**
   * An IP-in-IP tunnel. The kernel makes {@code tunl0} by itself, with neither end set.
   *
   * @param local the outer source address, empty for any
   * @param remote the outer destination, empty to take the gateway of each route
   * @param ttl the outer time to live, 0 to inherit the inner one
   * @param pathMtuDiscovery whether the outer packets forbid fragmentation
   */
  record Ipip(
      Optional<Ipv4Address> local, Optional<Ipv4Address> remote, int ttl, boolean pathMtuDiscovery)
      implements LinkType {
    public Ipip {
      if (ttl < 0 || ttl > 255) {
        throw new IllegalArgumentException("a TTL of " + ttl + " is not within 0 to 255");
      }
    }

    /** No fixed ends; every route's gateway is the outer destination. */
    public static Ipip toAnyGateway() {
      return new Ipip(Optional.empty(), Optional.empty(), 0, true);
    }

    @Override
    public String kind() {
      return "ipip";
    }
  }
}
