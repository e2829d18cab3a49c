package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import java.util.Optional;

/**
 * Why a route is not as one would wish, or not there at all.
 *
 * @param reason what kind of trouble it is
 * @param prefix the destination it concerns; empty when it concerns the whole node
 * @param message one line for people: object, cause, next step
 */
public record RouteIssue(Reason reason, Optional<Prefix> prefix, String message) {

  /** The kinds of trouble. */
  public enum Reason {
    /** The route is installed, but the router on its way does not speak BGP with this node. */
    BLOCKS_UNREACHABLE("BlocksUnreachable", true),
    /** The route goes through the tunnel to an address that is no node of the cluster. */
    TUNNEL_END_UNKNOWN("TunnelEndUnknown", true),
    /** No route of this host leads to the next hop. */
    NEXT_HOP_UNREACHABLE("NextHopUnreachable", true),
    /** The next hop is an address of this host. */
    NEXT_HOP_IS_SELF("NextHopIsSelf", true),
    /** The node at the tunnel's other end is not ready for it; what was there before stays. */
    TUNNEL_END_NOT_READY("TunnelEndNotReady", true),
    /** The pool asks for IP-in-IP in IPv6, which does not exist. */
    IPIP_NOT_FOR_IPV6("IpipNotForIpv6", true),
    /** There is no tunnel device, or it is another program's. */
    TUNNEL_DEVICE_MISSING("TunnelDeviceMissing", true),
    /** The tunnel device could not be set up. */
    TUNNEL_DEVICE_FAILING("TunnelDeviceFailing", true),
    /** A workload's interface is not on this host, or down. */
    WORKLOAD_LINK_MISSING("WorkloadLinkMissing", true),
    /** A host's gateway, as it was given, is on no link of this host. */
    GATEWAY_NOT_ON_LINK("GatewayNotOnLink", true),
    /** This host does not forward packets, and that could not be changed. */
    FORWARDING_OFF("ForwardingOff", true),
    /** Strict reverse path filtering is on where packets may come and go by different links. */
    STRICT_REVERSE_PATH("StrictReversePath", true),
    /** The prefix is on a link of this host, where the kernel's own route leads. */
    CONNECTED("Connected", false),
    /** The prefix is in a range that another program on this node delivers. */
    LEFT_ALONE("LeftAlone", false),
    /** The prefix is this node's own: what others say of it does not count. */
    LOCAL("Local", false);

    private final String condition;
    private final boolean trouble;

    Reason(String condition, boolean trouble) {
      this.condition = condition;
      this.trouble = trouble;
    }

    /** The reason in CamelCase, as conditions write it. */
    public String condition() {
      return condition;
    }

    /** False for what is in good order and only wants an explanation. */
    public boolean isTrouble() {
      return trouble;
    }
  }

  /** Whether it says that a tunnel device which this node needs is not to be had. */
  public boolean isOfTunnel() {
    return prefix.isEmpty()
        && (reason == Reason.TUNNEL_DEVICE_MISSING || reason == Reason.TUNNEL_DEVICE_FAILING);
  }

  static RouteIssue of(Reason reason, Prefix prefix, String message) {
    return new RouteIssue(reason, Optional.of(prefix), message);
  }

  static RouteIssue ofNode(Reason reason, String message) {
    return new RouteIssue(reason, Optional.empty(), message);
  }

  static RouteIssue endNotReady(Prefix prefix, String device, Address nextHop) {
    return of(
        Reason.TUNNEL_END_NOT_READY,
        prefix,
        prefix
            + " is to go through "
            + device
            + " to "
            + nextHop
            + ", which is no node of this cluster that has an address of its own in that tunnel"
            + " yet; until then its route stays as it is");
  }

  static RouteIssue nextHopIsSelf(Prefix prefix, Address nextHop) {
    return of(
        Reason.NEXT_HOP_IS_SELF,
        prefix,
        prefix + " was learned with next hop " + nextHop + ", an address of this host");
  }

  static RouteIssue unreachable(Prefix prefix, Address nextHop, Reach.Unreachable gone) {
    return of(
        Reason.NEXT_HOP_UNREACHABLE,
        prefix,
        prefix + ": next hop " + nextHop + " cannot be reached: " + gone.why());
  }

  static RouteIssue noTunnel(Prefix prefix, String name, String kind) {
    return of(
        Reason.TUNNEL_DEVICE_MISSING,
        prefix,
        prefix + " needs device " + name + " of kind " + kind + ", which is not there");
  }

  /** A tunnel's device is not one of the tunnel's kind. */
  static RouteIssue foreignDevice(Link device, String kind) {
    return ofNode(
        Reason.TUNNEL_DEVICE_MISSING,
        "device "
            + device.name()
            + " is of kind \""
            + device.kind()
            + "\", not "
            + kind
            + ": another program's; rename or remove it");
  }

  /** No link has the address that a tunnel's device is to send from. */
  static RouteIssue noParent(String device, AddressFamily family, Optional<Address> local) {
    return ofNode(
        Reason.TUNNEL_DEVICE_MISSING,
        "device "
            + device
            + " cannot be set up: no link of this host has the node's "
            + family
            + " address"
            + local.map(address -> " " + address).orElse(", as it has none"));
  }
}
