package dev.manul.model;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The rules of BGPConfiguration, BGPPeer and a node's part in BGP. */
final class BgpRules {
  private static final long MAX_AS = 0xffff_ffffL;

  /** What a 32-bit route metric may be, less the highest, which stands for unreachable. */
  private static final long MAX_PRIORITY = 2147483646;

  private static final List<String> CLUSTER_ROUTES =
      List.of("Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly");

  private BgpRules() {}

  static void check(BGPConfiguration configuration, FieldChecks checks) {
    BGPConfiguration.Spec spec = configuration.spec();
    String name = configuration.metadata().name();
    boolean global = name.equals(BGPConfiguration.DEFAULT_NAME);
    if (!global && !name.startsWith(BGPConfiguration.NODE_PREFIX)) {
      checks.refuse("metadata.name", "got \"" + name + "\", allowed are default and node.NODENAME");
    }
    checks.severity("spec.logSeverityScreen", spec.logSeverityScreen());
    checks.range("spec.asNumber", spec.asNumber(), 1, MAX_AS);
    checks.range("spec.listenPort", spec.listenPort(), 1, 65535);
    checks.oneOf("spec.bindMode", spec.bindMode(), List.of("None", "NodeIP"));
    checks.oneOf(
        "spec.serviceLoadBalancerAggregation",
        spec.serviceLoadBalancerAggregation(),
        List.of("Enabled", "Disabled"));
    if (!spec.programClusterRoutes().isEmpty()) {
      checks.oneOf("spec.programClusterRoutes", spec.programClusterRoutes(), CLUSTER_ROUTES);
    }
    checks.range("spec.ipv4NormalRoutePriority", spec.ipv4NormalRoutePriority(), 1, MAX_PRIORITY);
    checks.range("spec.ipv6NormalRoutePriority", spec.ipv6NormalRoutePriority(), 1, MAX_PRIORITY);
    checks.address(
        "spec.localWorkloadPeeringIPV4",
        spec.localWorkloadPeeringIPV4(),
        Optional.of(AddressFamily.IPV4));
    checks.address(
        "spec.localWorkloadPeeringIPV6",
        spec.localWorkloadPeeringIPV6(),
        Optional.of(AddressFamily.IPV6));
    mesh(spec, global, checks);
    communities(spec, checks);
  }

  private static void mesh(BGPConfiguration.Spec spec, boolean global, FieldChecks checks) {
    boolean meshed = global && spec.nodeToNodeMeshEnabled();
    if (spec.nodeMeshPassword().isPresent()) {
      password("spec.nodeMeshPassword", spec.nodeMeshPassword().get(), checks);
      if (!meshed) {
        checks.refuse(
            "spec.nodeMeshPassword", "is allowed only in default, with nodeToNodeMeshEnabled");
      }
    }
    if (spec.nodeMeshMaxRestartTime().isPresent() && !meshed) {
      checks.refuse(
          "spec.nodeMeshMaxRestartTime", "is allowed only in default, with nodeToNodeMeshEnabled");
    }
    checks.notNegative("spec.nodeMeshMaxRestartTime", spec.nodeMeshMaxRestartTime());
  }

  private static void communities(BGPConfiguration.Spec spec, FieldChecks checks) {
    Set<String> used = new HashSet<>();
    Set<String> named = new HashSet<>();
    spec.communities().forEach(community -> named.add(community.name()));
    for (int i = 0; i < spec.prefixAdvertisements().size(); i++) {
      BGPConfiguration.PrefixAdvertisement advertisement = spec.prefixAdvertisements().get(i);
      String field = "spec.prefixAdvertisements[" + i + "]";
      checks.present(field + ".cidr", advertisement.cidr());
      for (String community : advertisement.communities()) {
        used.add(community);
        if (!named.contains(community) && !isCommunity(community)) {
          checks.refuse(
              field + ".communities",
              "got \"" + community + "\", wanted aa:nn, aa:nn:mm or a name in spec.communities");
        }
      }
    }
    for (int i = 0; i < spec.communities().size(); i++) {
      BGPConfiguration.Community community = spec.communities().get(i);
      String field = "spec.communities[" + i + "]";
      checks.present(field + ".name", community.name());
      if (!isCommunity(community.value())) {
        checks.refuse(
            field + ".value", "got \"" + community.value() + "\", wanted aa:nn or aa:nn:mm");
      }
      if (!used.contains(community.name())) {
        checks.refuse(
            field + ".name",
            "\"" + community.name() + "\" is in none of spec.prefixAdvertisements");
      }
    }
  }

  /** RFC 1997: two numbers of 16 bits; RFC 8092: three of 32 bits. */
  static boolean isCommunity(String text) {
    String[] parts = text.split(":", -1);
    long most = parts.length == 2 ? 0xffff : 0xffff_ffffL;
    if (parts.length != 2 && parts.length != 3) {
      return false;
    }
    for (String part : parts) {
      if (!part.matches("[0-9]{1,10}") || Long.parseLong(part) > most) {
        return false;
      }
    }
    return true;
  }

  static void check(BGPPeer.Spec spec, FieldChecks checks) {
    if (!spec.node().isEmpty() && !spec.nodeSelector().isEmpty()) {
      checks.refuse("spec.node", "cannot be combined with nodeSelector; set one of them");
    }
    checks.selector("spec.nodeSelector", spec.nodeSelector());
    checks.selector("spec.peerSelector", spec.peerSelector());
    checks.selector("spec.localWorkloadSelector", spec.localWorkloadSelector());
    peer(spec, checks);
    checks.range("spec.asNumber", spec.asNumber(), 1, MAX_AS);
    checks.range("spec.localASNumber", spec.localASNumber(), 1, MAX_AS);
    if (spec.keepOriginalNextHop() && spec.nextHopMode().isPresent()) {
      checks.refuse("spec.keepOriginalNextHop", "cannot be combined with nextHopMode");
    }
    spec.password().ifPresent(password -> password("spec.password", password, checks));
    checks.notNegative("spec.maxRestartTime", spec.maxRestartTime());
    checks.notNegative("spec.keepaliveTime", spec.keepaliveTime());
    checks.range("spec.numAllowedLocalASNumbers", spec.numAllowedLocalASNumbers(), 0, 255);
    checks.range("spec.ttlSecurity", spec.ttlSecurity(), 0, 255);
    Optional<AddressFamily> family = PeerAddress.find(spec.peerIP()).map(PeerAddress::family);
    checks.address("spec.reachableBy", spec.reachableBy(), family);
    if (!spec.reachableBy().isEmpty() && spec.peerIP().isEmpty()) {
      checks.refuse("spec.reachableBy", "is allowed only with peerIP");
    }
  }

  private static void peer(BGPPeer.Spec spec, FieldChecks checks) {
    boolean workload = !spec.localWorkloadSelector().isEmpty();
    if (!spec.peerIP().isEmpty()) {
      try {
        PeerAddress _ = PeerAddress.parse(spec.peerIP());
      } catch (IllegalArgumentException e) {
        checks.refuse("spec.peerIP", e.getMessage());
      }
      if (!spec.peerSelector().isEmpty()) {
        checks.refuse("spec.peerIP", "cannot be combined with peerSelector; set one of them");
      }
    } else if (spec.peerSelector().isEmpty() && !workload) {
      checks.refuse("spec.peerIP", "is missing; set peerIP, peerSelector or localWorkloadSelector");
    }
    if (!spec.peerSelector().isEmpty() && spec.asNumber().isPresent()) {
      checks.refuse(
          "spec.asNumber", "cannot be combined with peerSelector: nodes have their own AS numbers");
    }
    if (workload && (!spec.peerIP().isEmpty() || !spec.peerSelector().isEmpty())) {
      checks.refuse("spec.localWorkloadSelector", "cannot be combined with peerIP or peerSelector");
    }
    boolean asNeeded = workload || !spec.peerIP().isEmpty();
    if (asNeeded && spec.asNumber().isEmpty()) {
      checks.refuse("spec.asNumber", "is missing; allowed are 1 to " + MAX_AS);
    }
  }

  private static void password(String field, BgpPassword password, FieldChecks checks) {
    if (checks.present(field + ".secretKeyRef", password.secretKeyRef())) {
      checks.present(field + ".secretKeyRef.name", password.secretKeyRef().name());
      checks.present(field + ".secretKeyRef.key", password.secretKeyRef().key());
    }
  }

  static void check(Node.Bgp bgp, FieldChecks checks) {
    checks.range("spec.bgp.asNumber", bgp.asNumber(), 1, MAX_AS);
    checks.family(
        "spec.bgp.ipv4Address",
        bgp.ipv4Address().map(InterfaceAddress::address),
        AddressFamily.IPV4);
    checks.family(
        "spec.bgp.ipv6Address",
        bgp.ipv6Address().map(InterfaceAddress::address),
        AddressFamily.IPV6);
    checks.family("spec.bgp.ipv4IPIPTunnelAddr", bgp.ipv4IPIPTunnelAddr(), AddressFamily.IPV4);
    checks.address(
        "spec.bgp.routeReflectorClusterID",
        bgp.routeReflectorClusterID(),
        Optional.of(AddressFamily.IPV4));
  }
}
