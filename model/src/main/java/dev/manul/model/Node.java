package dev.manul.model;

import java.util.List;
import java.util.Optional;

/** A node of the cluster: its addresses and its part in BGP. */
public record Node(Metadata metadata, Spec spec, Status status) implements Resource {

  public static final Kind<Node> KIND =
      new Kind<>("Node", "nodes", false, Node.class, List.of("node", "no"));

  public Node {
    spec = spec == null ? Spec.EMPTY : spec;
    status = status == null ? Status.EMPTY : status;
  }

  public Node(Metadata metadata, Spec spec) {
    this(metadata, spec, null);
  }

  @Override
  public Kind<Node> kind() {
    return KIND;
  }

  @Override
  public Node withMetadata(Metadata newMetadata) {
    return new Node(newMetadata, spec, status);
  }

  public Node withSpec(Spec newSpec) {
    return new Node(metadata, newSpec, status);
  }

  public Node withStatus(Status newStatus) {
    return new Node(metadata, spec, newStatus);
  }

  /**
   * The node.
   *
   * @param bgp its part in BGP; empty when it has none
   * @param addresses all its addresses
   * @param orchRefs what orchestrators call it
   * @param ipv4VXLANTunnelAddr the VXLAN device's IPv4 address
   * @param ipv6VXLANTunnelAddr the VXLAN device's IPv6 address
   * @param vxlanTunnelMACAddr overrides the VXLAN device's MAC address, or ""
   * @param vxlanTunnelMACAddrV6 the same of the IPv6 device
   * @param wireguard its WireGuard addresses
   * @param interfaces its devices
   * @param ipv4UDPTunnelAddr the IPv4 address of the device whose packets travel in UDP; Manul's
   *     own
   * @param ipv6UDPTunnelAddr the same of IPv6
   */
  public record Spec(
      Optional<Bgp> bgp,
      List<NodeAddress> addresses,
      List<OrchRef> orchRefs,
      Optional<Address> ipv4VXLANTunnelAddr,
      Optional<Address> ipv6VXLANTunnelAddr,
      String vxlanTunnelMACAddr,
      String vxlanTunnelMACAddrV6,
      Optional<Wireguard> wireguard,
      List<NodeInterface> interfaces,
      Optional<Address> ipv4UDPTunnelAddr,
      Optional<Address> ipv6UDPTunnelAddr) {

    /** Nothing said. */
    public static final Spec EMPTY =
        new Spec(
            Optional.empty(),
            null,
            null,
            Optional.empty(),
            Optional.empty(),
            null,
            null,
            Optional.empty(),
            null,
            Optional.empty(),
            Optional.empty());

    public Spec {
      bgp = Absent.optional(bgp);
      addresses = Absent.list(addresses);
      orchRefs = Absent.list(orchRefs);
      ipv4VXLANTunnelAddr = Absent.optional(ipv4VXLANTunnelAddr);
      ipv6VXLANTunnelAddr = Absent.optional(ipv6VXLANTunnelAddr);
      vxlanTunnelMACAddr = Absent.text(vxlanTunnelMACAddr);
      vxlanTunnelMACAddrV6 = Absent.text(vxlanTunnelMACAddrV6);
      wireguard = Absent.optional(wireguard);
      interfaces = Absent.list(interfaces);
      ipv4UDPTunnelAddr = Absent.optional(ipv4UDPTunnelAddr);
      ipv6UDPTunnelAddr = Absent.optional(ipv6UDPTunnelAddr);
    }

    /** A node with this part in BGP and nothing else. */
    public static Spec of(Bgp bgp) {
      return EMPTY.withBgp(Optional.of(bgp));
    }

    public Spec withBgp(Optional<Bgp> newBgp) {
      return new Spec(
          newBgp,
          addresses,
          orchRefs,
          ipv4VXLANTunnelAddr,
          ipv6VXLANTunnelAddr,
          vxlanTunnelMACAddr,
          vxlanTunnelMACAddrV6,
          wireguard,
          interfaces,
          ipv4UDPTunnelAddr,
          ipv6UDPTunnelAddr);
    }

    public Spec withIpv4VXLANTunnelAddr(Optional<Address> address) {
      return new Spec(
          bgp,
          addresses,
          orchRefs,
          address,
          ipv6VXLANTunnelAddr,
          vxlanTunnelMACAddr,
          vxlanTunnelMACAddrV6,
          wireguard,
          interfaces,
          ipv4UDPTunnelAddr,
          ipv6UDPTunnelAddr);
    }

    public Spec withIpv6VXLANTunnelAddr(Optional<Address> address) {
      return new Spec(
          bgp,
          addresses,
          orchRefs,
          ipv4VXLANTunnelAddr,
          address,
          vxlanTunnelMACAddr,
          vxlanTunnelMACAddrV6,
          wireguard,
          interfaces,
          ipv4UDPTunnelAddr,
          ipv6UDPTunnelAddr);
    }

    public Spec withIpv4UDPTunnelAddr(Optional<Address> address) {
      return new Spec(
          bgp,
          addresses,
          orchRefs,
          ipv4VXLANTunnelAddr,
          ipv6VXLANTunnelAddr,
          vxlanTunnelMACAddr,
          vxlanTunnelMACAddrV6,
          wireguard,
          interfaces,
          address,
          ipv6UDPTunnelAddr);
    }

    public Spec withIpv6UDPTunnelAddr(Optional<Address> address) {
      return new Spec(
          bgp,
          addresses,
          orchRefs,
          ipv4VXLANTunnelAddr,
          ipv6VXLANTunnelAddr,
          vxlanTunnelMACAddr,
          vxlanTunnelMACAddrV6,
          wireguard,
          interfaces,
          ipv4UDPTunnelAddr,
          address);
    }

    public Spec withAddresses(List<NodeAddress> newAddresses) {
      return new Spec(
          bgp,
          newAddresses,
          orchRefs,
          ipv4VXLANTunnelAddr,
          ipv6VXLANTunnelAddr,
          vxlanTunnelMACAddr,
          vxlanTunnelMACAddrV6,
          wireguard,
          interfaces,
          ipv4UDPTunnelAddr,
          ipv6UDPTunnelAddr);
    }
  }

  /**
   * A node's part in BGP.
   *
   * @param asNumber its AS number; empty for the cluster's
   * @param ipv4Address the address it speaks from, with its subnet's length
   * @param ipv6Address the same of IPv6
   * @param ipv4IPIPTunnelAddr tunl0's address
   * @param routeReflectorClusterID makes it a route reflector of that cluster; "" for none
   */
  public record Bgp(
      Optional<Long> asNumber,
      Optional<InterfaceAddress> ipv4Address,
      Optional<InterfaceAddress> ipv6Address,
      Optional<Address> ipv4IPIPTunnelAddr,
      String routeReflectorClusterID) {

    /** Nothing said. */
    public static final Bgp EMPTY =
        new Bgp(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), null);

    public Bgp {
      asNumber = Absent.optional(asNumber);
      ipv4Address = Absent.optional(ipv4Address);
      ipv6Address = Absent.optional(ipv6Address);
      ipv4IPIPTunnelAddr = Absent.optional(ipv4IPIPTunnelAddr);
      routeReflectorClusterID = Absent.text(routeReflectorClusterID);
    }

    public Bgp withIpv4Address(Optional<InterfaceAddress> address) {
      return new Bgp(asNumber, address, ipv6Address, ipv4IPIPTunnelAddr, routeReflectorClusterID);
    }

    public Bgp withIpv6Address(Optional<InterfaceAddress> address) {
      return new Bgp(asNumber, ipv4Address, address, ipv4IPIPTunnelAddr, routeReflectorClusterID);
    }

    public Bgp withIpv4IPIPTunnelAddr(Optional<Address> address) {
      return new Bgp(asNumber, ipv4Address, ipv6Address, address, routeReflectorClusterID);
    }

    public Bgp withAsNumber(Optional<Long> number) {
      return new Bgp(number, ipv4Address, ipv6Address, ipv4IPIPTunnelAddr, routeReflectorClusterID);
    }
  }

  /**
   * An address of a node.
   *
   * @param address an address, with or without its subnet's length
   * @param type {@code CalicoNodeIP}, {@code InternalIP} or {@code ExternalIP}
   */
  public record NodeAddress(String address, String type) {
    public NodeAddress {
      address = Absent.text(address);
      type = Absent.text(type);
    }
  }

  /**
   * What an orchestrator calls the node.
   *
   * @param orchestrator such as {@code k8s}
   */
  public record OrchRef(String nodeName, String orchestrator) {
    public OrchRef {
      nodeName = Absent.text(nodeName);
      orchestrator = Absent.text(orchestrator);
    }
  }

  /** The addresses of a node's WireGuard devices. */
  public record Wireguard(
      Optional<Address> interfaceIPv4Address, Optional<Address> interfaceIPv6Address) {
    public Wireguard {
      interfaceIPv4Address = Absent.optional(interfaceIPv4Address);
      interfaceIPv6Address = Absent.optional(interfaceIPv6Address);
    }
  }

  /** A device of a node. */
  public record NodeInterface(String name, List<String> addresses) {
    public NodeInterface {
      name = Absent.text(name);
      addresses = Absent.list(addresses);
    }
  }

  /**
   * What the node says of itself.
   *
   * @param wireguardPublicKey its WireGuard key, or ""
   * @param wireguardPublicKeyV6 that of the IPv6 device, or ""
   * @param podCIDRs what Kubernetes gave it
   * @param conditions what is wrong or worth knowing
   */
  public record Status(
      String wireguardPublicKey,
      String wireguardPublicKeyV6,
      List<String> podCIDRs,
      List<Condition> conditions) {

    /** Nothing said. */
    public static final Status EMPTY = new Status(null, null, null, null);

    public Status {
      wireguardPublicKey = Absent.text(wireguardPublicKey);
      wireguardPublicKeyV6 = Absent.text(wireguardPublicKeyV6);
      podCIDRs = Absent.list(podCIDRs);
      conditions = Absent.list(conditions);
    }

    public Status withConditions(List<Condition> newConditions) {
      return new Status(wireguardPublicKey, wireguardPublicKeyV6, podCIDRs, newConditions);
    }
  }
}
