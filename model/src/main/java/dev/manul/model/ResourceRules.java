package dev.manul.model;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rules that resources must keep, beyond the types of their fields. Pure: what is stored is
 * given by the caller.
 */
public final class ResourceRules {

  private static final Pattern BLOCK_OWNER = Pattern.compile("(host|virtual):.+");
  private static final int MAX_BLOCKS = 1_000_000;
  private static final List<String> SWITCH = List.of("Enabled", "Disabled");

  private ResourceRules() {}

  /** What is wrong with a resource by itself; empty when nothing is. */
  public static List<Violation> validate(Resource resource) {
    FieldChecks checks = new FieldChecks();
    if (checks.present("metadata.name", resource.metadata().name())
        && !(resource instanceof IPAMHandle)) {
      checks.subdomain("metadata.name", resource.metadata().name());
    }
    switch (resource) {
      case IPPool pool -> PoolRules.check(pool.spec(), checks);
      case IPReservation reservation -> {
        // every entry is a prefix, which is all there is to say
      }
      case BGPConfiguration configuration -> BgpRules.check(configuration, checks);
      case BGPPeer peer -> BgpRules.check(peer.spec(), checks);
      case BGPFilter filter -> BgpFilterRules.check(filter.spec(), checks);
      case Secret secret -> secret(secret, checks);
      case Node node -> node(node.spec(), checks);
      case WorkloadEndpoint endpoint -> endpoint(endpoint.spec(), checks);
      case IPAMConfiguration configuration -> ipam(configuration, checks);
      case BlockAffinity affinity -> affinity(affinity.spec(), checks);
      case IPAMBlock block -> block(block.spec(), checks);
      case IPAMHandle handle -> checks.present("spec.handleID", handle.spec().handleID());
      case FelixConfiguration configuration -> felix(configuration, checks);
      case KubeControllersConfiguration configuration -> controllers(configuration, checks);
      case ClusterInformation information -> onlyDefault(information, checks);
      case NetworkPolicy policy -> PolicyRules.check(policy, checks);
      case GlobalNetworkPolicy policy -> PolicyRules.check(policy, checks);
      case StagedNetworkPolicy policy -> PolicyRules.check(policy, checks);
      case StagedGlobalNetworkPolicy policy -> PolicyRules.check(policy, checks);
      case StagedKubernetesNetworkPolicy policy ->
          KubernetesPolicyRules.check(policy.spec(), checks);
      case KubernetesNetworkPolicy policy -> KubernetesPolicyRules.check(policy.spec(), checks);
      case AdminNetworkPolicy policy -> ClusterPolicyRules.check(policy.spec(), checks);
      case BaselineAdminNetworkPolicy policy -> ClusterPolicyRules.check(policy, checks);
      case ClusterNetworkPolicy policy -> ClusterPolicyRules.check(policy.spec(), checks);
      case Tier tier -> PolicyRules.check(tier, checks);
      case NetworkSet set -> PolicyRules.checkSet(set.metadata(), set.spec().nets(), checks);
      case GlobalNetworkSet set -> PolicyRules.checkSet(set.metadata(), set.spec().nets(), checks);
      case HostEndpoint endpoint -> PolicyRules.check(endpoint.spec(), checks);
      case Profile profile -> PolicyRules.check(profile.spec(), checks);
      case Pod _, Namespace _, ServiceAccount _, Service _, EndpointSlice _ -> {
        // Kubernetes' own rules are for its API server to hold
      }
      default -> throw new IllegalArgumentException("no rules for " + resource.kind());
    }
    return List.copyOf(checks.violations());
  }

  private static void secret(Secret secret, FieldChecks checks) {
    for (String key : secret.data().keySet()) {
      try {
        var _ = secret.text(key);
      } catch (IllegalArgumentException e) {
        checks.refuse("data." + key, "is no base64; values as they are go under stringData");
      }
    }
  }

  private static void node(Node.Spec spec, FieldChecks checks) {
    spec.bgp().ifPresent(bgp -> BgpRules.check(bgp, checks));
    checks.family("spec.ipv4VXLANTunnelAddr", spec.ipv4VXLANTunnelAddr(), AddressFamily.IPV4);
    checks.family("spec.ipv6VXLANTunnelAddr", spec.ipv6VXLANTunnelAddr(), AddressFamily.IPV6);
    checks.mac("spec.vxlanTunnelMACAddr", spec.vxlanTunnelMACAddr());
    checks.mac("spec.vxlanTunnelMACAddrV6", spec.vxlanTunnelMACAddrV6());
    for (int i = 0; i < spec.addresses().size(); i++) {
      Node.NodeAddress address = spec.addresses().get(i);
      String field = "spec.addresses[" + i + "]";
      try {
        InterfaceAddress _ = InterfaceAddress.parse(address.address());
      } catch (IllegalArgumentException e) {
        checks.refuse(field + ".address", e.getMessage());
      }
      if (!address.type().isEmpty()) {
        checks.oneOf(
            field + ".type", address.type(), List.of("CalicoNodeIP", "InternalIP", "ExternalIP"));
      }
    }
  }

  private static void endpoint(WorkloadEndpoint.Spec spec, FieldChecks checks) {
    checks.interfaceName("spec.interfaceName", spec.interfaceName());
    checks.mac("spec.mac", spec.mac());
    checks.address("spec.ipv4Gateway", spec.ipv4Gateway(), Optional.of(AddressFamily.IPV4));
    checks.address("spec.ipv6Gateway", spec.ipv6Gateway(), Optional.of(AddressFamily.IPV6));
    for (int i = 0; i < spec.ipNetworks().size(); i++) {
      Prefix network = spec.ipNetworks().get(i);
      if (!network.isSingleAddress()) {
        checks.refuse(
            "spec.ipNetworks[" + i + "]",
            "got " + network + ", allowed is a single address: /32 or /128");
      }
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < spec.ports().size(); i++) {
      WorkloadEndpoint.Port port = spec.ports().get(i);
      String field = "spec.ports[" + i + "]";
      checks.range(field + ".port", port.port(), 1, 65535);
      checks.range(field + ".hostPort", port.hostPort(), 0, 65535);
      checks.address(field + ".hostIP", port.hostIP(), Optional.empty());
      if (!port.name().isEmpty() && !names.add(port.name() + "/" + port.protocol())) {
        checks.refuse(field + ".name", "\"" + port.name() + "\" occurs twice");
      }
    }
    for (int i = 0; i < spec.ipNATs().size(); i++) {
      WorkloadEndpoint.IpNat nat = spec.ipNATs().get(i);
      checks.address("spec.ipNATs[" + i + "].internalIP", nat.internalIP(), Optional.empty());
      checks.address("spec.ipNATs[" + i + "].externalIP", nat.externalIP(), Optional.empty());
    }
  }

  private static void ipam(IPAMConfiguration configuration, FieldChecks checks) {
    IPAMConfiguration.Spec spec = configuration.spec();
    onlyDefault(configuration, checks);
    checks.range("spec.maxBlocksPerHost", spec.maxBlocksPerHost(), 0, MAX_BLOCKS);
    checks.range("spec.ipCooldownSeconds", spec.ipCooldownSeconds(), 0, 1200);
    spec.kubeVirtVMAddressPersistence()
        .ifPresent(
            value ->
                checks.oneOf(
                    "spec.kubeVirtVMAddressPersistence", value, List.of("Enabled", "Disabled")));
    if (!spec.strictAffinity() && !spec.autoAllocateBlocks()) {
      checks.refuse(
          "spec.autoAllocateBlocks", "got false, allowed is true unless strictAffinity is true");
    }
    if (spec.maxBlocksPerHost() > 0 && !spec.strictAffinity()) {
      checks.refuse(
          "spec.maxBlocksPerHost",
          "got " + spec.maxBlocksPerHost() + ", allowed is 0 unless strictAffinity is true");
    }
  }

  /** Of some kinds there is one resource. */
  private static void onlyDefault(Resource resource, FieldChecks checks) {
    String name = resource.metadata().name();
    if (!name.equals("default")) {
      checks.refuse("metadata.name", "got \"" + name + "\", allowed is default");
    }
  }

  private static void controllers(KubeControllersConfiguration configuration, FieldChecks checks) {
    onlyDefault(configuration, checks);
    KubeControllersConfiguration.Spec spec = configuration.spec();
    checks.severity("spec.logSeverityScreen", spec.logSeverityScreen());
    checks.range("spec.prometheusMetricsPort", spec.prometheusMetricsPort(), 0, 65535);
    checks.range("spec.debugProfilePort", spec.debugProfilePort(), 0, 65535);
    spec.healthChecks().ifPresent(value -> checks.oneOf("spec.healthChecks", value, SWITCH));
    spec.controllers()
        .node()
        .ifPresent(
            node -> {
              String field = "spec.controllers.node.";
              checks.notNegative(field + "reconcilerPeriod", node.reconcilerPeriod());
              checks.notNegative(field + "leakGracePeriod", node.leakGracePeriod());
              node.syncLabels()
                  .ifPresent(value -> checks.oneOf(field + "syncLabels", value, SWITCH));
            });
  }

  private static void affinity(BlockAffinity.Spec spec, FieldChecks checks) {
    checks.present("spec.cidr", spec.cidr());
    checks.present("spec.node", spec.node());
    checks.oneOf(
        "spec.type", spec.type(), List.of(BlockAffinity.TYPE_HOST, BlockAffinity.TYPE_VIRTUAL));
  }

  private static void block(IPAMBlock.Spec spec, FieldChecks checks) {
    if (!checks.present("spec.cidr", spec.cidr())) {
      return;
    }
    int bits = spec.cidr().family().bits() - spec.cidr().length();
    if (bits > 12) {
      checks.refuse("spec.cidr", "got " + spec.cidr() + ", a block has 4096 addresses at most");
      return;
    }
    int size = 1 << bits;
    if (spec.allocations().size() != size) {
      checks.refuse(
          "spec.allocations",
          "got " + spec.allocations().size() + " entries, wanted " + size + " for " + spec.cidr());
    }
    spec.allocations().stream()
        .filter(place -> place >= spec.attributes().size())
        .findFirst()
        .ifPresent(
            place ->
                checks.refuse(
                    "spec.allocations",
                    "got "
                        + place
                        + ", but there are "
                        + spec.attributes().size()
                        + " attributes"));
    spec.unallocated().stream()
        .filter(ordinal -> ordinal < 0 || ordinal >= size)
        .findFirst()
        .ifPresent(ordinal -> checks.range("spec.unallocated", ordinal, 0, size - 1));
    spec.affinity()
        .filter(owner -> !BLOCK_OWNER.matcher(owner).matches())
        .ifPresent(
            owner ->
                checks.refuse(
                    "spec.affinity", "got \"" + owner + "\", wanted host:NODE or virtual:NAME"));
  }

  private static void felix(FelixConfiguration configuration, FieldChecks checks) {
    FelixConfiguration.Spec spec = configuration.spec();
    String name = configuration.metadata().name();
    boolean selected = !name.equals("default") && !name.startsWith("node.");
    if (selected && spec.nodeSelector().isEmpty()) {
      checks.refuse(
          "metadata.name",
          "got \"" + name + "\", allowed are default, node.NODENAME, or any with a nodeSelector");
    } else if (!selected && spec.nodeSelector().isPresent()) {
      checks.refuse("spec.nodeSelector", "is not allowed in " + name);
    }
    spec.nodeSelector().ifPresent(selector -> checks.selector("spec.nodeSelector", selector));
    checks.severity("spec.logSeverityScreen", spec.logSeverityScreen());
    checks.range("spec.ipipMTU", spec.ipipMTU(), 0, 65535);
    checks.range("spec.deviceRouteProtocol", spec.deviceRouteProtocol(), 0, 255);
    checks.range("spec.healthPort", spec.healthPort(), 1, 65535);
    checks.range("spec.ipv4NormalRoutePriority", spec.ipv4NormalRoutePriority(), 1, 2147483646);
    checks.range("spec.ipv6NormalRoutePriority", spec.ipv6NormalRoutePriority(), 1, 2147483646);
    checks.address(
        "spec.deviceRouteSourceAddress",
        spec.deviceRouteSourceAddress().orElse(""),
        Optional.of(AddressFamily.IPV4));
    checks.notNegative("spec.routeRefreshInterval", spec.routeRefreshInterval());
    checks.notNegative("spec.interfaceRefreshInterval", spec.interfaceRefreshInterval());
    checks.notNegative("spec.netlinkTimeout", spec.netlinkTimeout());
    spec.ipForwarding()
        .ifPresent(
            value -> checks.oneOf("spec.ipForwarding", value, List.of("Enabled", "Disabled")));
    Map<String, Object> further = spec.further();
    if (further.containsKey("routeTableRange") && further.containsKey("routeTableRanges")) {
      checks.refuse("spec.routeTableRange", "cannot be combined with routeTableRanges");
    }
  }

  /** What is wrong with replacing {@code stored} by {@code changed}: fields that may not change. */
  public static List<Violation> validateChange(Resource stored, Resource changed) {
    FieldChecks checks = new FieldChecks();
    if (stored instanceof IPPool before && changed instanceof IPPool after) {
      PoolRules.checkChange(before.spec(), after.spec(), checks);
    }
    return List.copyOf(checks.violations());
  }

  /**
   * What is wrong with a resource beside others: pools that overlap.
   *
   * @param others what is stored, of any kinds; an older version of the resource itself is ignored
   */
  public static List<Violation> validateAgainst(
      Resource resource, Collection<? extends Resource> others) {
    FieldChecks checks = new FieldChecks();
    if (resource instanceof IPPool pool) {
      PoolRules.checkAgainst(pool, others, checks);
    }
    return List.copyOf(checks.violations());
  }
}
