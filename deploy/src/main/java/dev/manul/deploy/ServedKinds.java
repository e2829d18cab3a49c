package dev.manul.deploy;

import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.BGPPeer;
import dev.manul.model.BlockAffinity;
import dev.manul.model.ClusterInformation;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMConfiguration;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.IPReservation;
import dev.manul.model.KubeControllersConfiguration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The kinds that a server keeps for Manul, and what is to be said of them beyond their records.
 * Short names and columns are those of Calico's definitions of the same kinds.
 */
final class ServedKinds {

  private static final long MAX_AS = 0xffff_ffffL;
  private static final long MAX_PRIORITY = 2147483646;
  private static final int MAX_SELECTOR = 1024;

  /** Enough for an IPv6 prefix with an IPv4 address in its end. */
  private static final int MAX_PREFIX = 49;

  private static final String SEVERITY = "^(?i)(Debug|Info|Warning|Error|Fatal)$";
  private static final String COMMUNITY = "^[0-9]{1,10}(:[0-9]{1,10}){1,2}$";
  private static final String[] ON_OFF = {"Enabled", "Disabled"};

  static final List<KindFacts> ALL =
      Stream.of(
              Stream.of(
                  felixConfiguration(),
                  kubeControllersConfiguration(),
                  bgpConfiguration(),
                  ipamConfiguration(),
                  ipPool(),
                  ipReservation(),
                  bgpPeer(),
                  blockAffinity(),
                  ipamBlock(),
                  ipamHandle()),
              PolicyKinds.ALL.stream(),
              Stream.of(bgpFilter(), clusterInformation()))
          .flatMap(kinds -> kinds)
          .toList();

  private ServedKinds() {}

  private static FieldFacts selector() {
    return FieldFacts.of().upTo(MAX_SELECTOR);
  }

  private static FieldFacts cidr() {
    return FieldFacts.of().format("cidr").upTo(MAX_PREFIX);
  }

  private static KindFacts ipPool() {
    return KindFacts.of(IPPool.KIND)
        .column("CIDR", "string", ".spec.cidr")
        .column("VXLAN", "string", ".spec.vxlanMode")
        .column("IPIP", "string", ".spec.ipipMode")
        .column("NAT", "boolean", ".spec.natOutgoing")
        .wide("Block Size", "integer", ".spec.blockSize")
        .wide("Disabled", "boolean", ".spec.disabled")
        .wide("BGP Export Disabled", "boolean", ".spec.disableBGPExport")
        .wide("Node Selector", "string", ".spec.nodeSelector")
        .wide("Assignment", "string", ".spec.assignmentMode")
        .wide("Allocatable", "string", ".status.conditions[?(@.type==\"Allocatable\")].status")
        .field("", FieldFacts.of())
        .field("spec", PoolExpressions.on(FieldFacts.of().mandatory()))
        .field("spec.cidr", cidr().mandatory().rule("self == oldSelf", "cidr cannot be changed"))
        .field("spec.ipipMode", FieldFacts.of().byDefault())
        .field("spec.vxlanMode", FieldFacts.of().byDefault())
        .field("spec.natOutgoing", FieldFacts.of().byDefault())
        .field("spec.disabled", FieldFacts.of().byDefault())
        .field("spec.disableBGPExport", FieldFacts.of().byDefault())
        // No default: it depends on the family.
        .field("spec.blockSize", FieldFacts.of().within(0, 128))
        .field("spec.nodeSelector", selector().byDefault())
        .field("spec.namespaceSelector", selector())
        .field("spec.allowedUses", FieldFacts.of().byDefault().items(3))
        .field("spec.allowedUses[]", FieldFacts.of().oneOf("Workload", "Tunnel", "LoadBalancer"))
        .field("spec.assignmentMode", FieldFacts.of().byDefault().oneOf("Automatic", "Manual"))
        .field("spec.nodeSubnet.source", FieldFacts.of().byDefault().oneOf("Pool", "PodCIDR"))
        .build();
  }

  private static KindFacts ipReservation() {
    return KindFacts.of(IPReservation.KIND)
        .column("Reserved", "string", ".spec.reservedCIDRs")
        .field("spec", FieldFacts.of().mandatory())
        // Bare addresses are allowed here.
        .field("spec.reservedCIDRs[]", FieldFacts.of().format("").upTo(MAX_PREFIX))
        .build();
  }

  private static KindFacts bgpConfiguration() {
    FieldFacts priority = FieldFacts.of().within(1, MAX_PRIORITY);
    return KindFacts.of(BGPConfiguration.KIND, "bgpconfig", "bgpconfigs")
        .column("Mesh", "boolean", ".spec.nodeToNodeMeshEnabled")
        .column("AS Number", "integer", ".spec.asNumber")
        .wide("Listen Port", "integer", ".spec.listenPort")
        .wide("Log Severity", "string", ".spec.logSeverityScreen")
        .field(
            "",
            FieldFacts.of()
                .rule(
                    "self.metadata.name == 'default' || self.metadata.name.startsWith('node.')",
                    "metadata.name must be default or node.NODENAME")
                .rule(
                    "self.metadata.name == 'default' || !has(self.spec.nodeMeshPassword)"
                        + " && !has(self.spec.nodeMeshMaxRestartTime)",
                    "nodeMeshPassword and nodeMeshMaxRestartTime are allowed only in default"))
        .field(
            "spec",
            FieldFacts.of()
                .mandatory()
                .rule(
                    "!has(self.nodeMeshPassword) && !has(self.nodeMeshMaxRestartTime)"
                        + " || !has(self.nodeToNodeMeshEnabled) || self.nodeToNodeMeshEnabled",
                    "nodeMeshPassword and nodeMeshMaxRestartTime need nodeToNodeMeshEnabled"))
        .field("spec.logSeverityScreen", FieldFacts.of().matching(SEVERITY))
        .field("spec.asNumber", FieldFacts.of().within(1, MAX_AS))
        .field("spec.listenPort", FieldFacts.of().within(1, 65535))
        .field("spec.bindMode", FieldFacts.of().oneOf("None", "NodeIP"))
        .field("spec.serviceLoadBalancerAggregation", FieldFacts.of().byDefault().oneOf(ON_OFF))
        .field("spec.communities[].name", FieldFacts.of().mandatory())
        .field("spec.communities[].value", FieldFacts.of().mandatory().matching(COMMUNITY))
        .field("spec.prefixAdvertisements[].cidr", FieldFacts.of().mandatory())
        .field("spec.nodeMeshPassword.secretKeyRef", FieldFacts.of().mandatory())
        .field("spec.nodeMeshPassword.secretKeyRef.name", FieldFacts.of().mandatory())
        .field("spec.nodeMeshPassword.secretKeyRef.key", FieldFacts.of().mandatory())
        .field(
            "spec.programClusterRoutes",
            FieldFacts.of().oneOf("Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly"))
        .field("spec.ipv4NormalRoutePriority", priority)
        .field("spec.ipv6NormalRoutePriority", priority)
        .build();
  }

  private static KindFacts bgpPeer() {
    return KindFacts.of(BGPPeer.KIND)
        .column("Peer IP", "string", ".spec.peerIP")
        .column("Peer ASN", "integer", ".spec.asNumber")
        .column("Node", "string", ".spec.node")
        .column("Node Selector", "string", ".spec.nodeSelector")
        .column("Peer Selector", "string", ".spec.peerSelector")
        .wide("Local ASN", "integer", ".spec.localASNumber")
        .wide("Next Hop", "string", ".spec.nextHopMode")
        .wide("Password", "string", ".spec.password.secretKeyRef.name")
        .field("spec", PeerExpressions.on(FieldFacts.of().mandatory()))
        .field("spec.node", FieldFacts.of().upTo(253))
        .field("spec.nodeSelector", selector())
        .field("spec.peerIP", FieldFacts.of().upTo(64))
        .field("spec.asNumber", FieldFacts.of().within(1, MAX_AS))
        .field("spec.localASNumber", FieldFacts.of().within(1, MAX_AS))
        .field("spec.peerSelector", selector())
        .field("spec.password.secretKeyRef", FieldFacts.of().mandatory())
        .field("spec.password.secretKeyRef.name", FieldFacts.of().mandatory())
        .field("spec.password.secretKeyRef.key", FieldFacts.of().mandatory())
        .field("spec.numAllowedLocalASNumbers", FieldFacts.of().within(0, 255))
        .field("spec.ttlSecurity", FieldFacts.of().within(0, 255))
        .field("spec.reachableBy", FieldFacts.of().upTo(64))
        .field("spec.localWorkloadSelector", selector())
        .build();
  }

  private static KindFacts bgpFilter() {
    KindFacts.Builder facts =
        KindFacts.of(BGPFilter.KIND).field("spec", FieldFacts.of().mandatory());
    FieldFacts asNumber = FieldFacts.of().within(1, MAX_AS);
    FieldFacts community = FieldFacts.of().matching(COMMUNITY);
    for (String list : List.of("exportV4", "importV4", "exportV6", "importV6")) {
      String rule = "spec." + list + "[]";
      String operation = rule + ".operations[]";
      facts
          .field(rule + ".source", FieldFacts.of().oneOf(BGPFilter.REMOTE_PEERS))
          .field(rule + ".interface", FieldFacts.of().matching("^[a-zA-Z0-9_.*-]{1,15}$"))
          .field(rule + ".matchOperator", FieldFacts.of().oneOf("Equal", "NotEqual", "In", "NotIn"))
          .field(rule + ".peerType", FieldFacts.of().oneOf("eBGP", "iBGP"))
          .field(rule + ".communities.values", FieldFacts.of().mandatory().items(1))
          .field(rule + ".communities.values[]", community)
          .field(rule + ".asPathPrefix[]", asNumber)
          .field(rule + ".priority", FieldFacts.of().within(1, MAX_PRIORITY))
          .field(rule + ".action", FieldFacts.of().mandatory().oneOf("Accept", "Reject"))
          .field(rule + ".operations", FieldFacts.of().items(10))
          .field(operation + ".addCommunity.value", community.mandatory())
          .field(operation + ".prependASPath.prefix", FieldFacts.of().mandatory().items(10))
          .field(operation + ".prependASPath.prefix[]", asNumber)
          .field(
              operation + ".setPriority.value",
              FieldFacts.of().mandatory().within(1, MAX_PRIORITY));
    }
    return facts.build();
  }

  private static KindFacts ipamConfiguration() {
    return KindFacts.of(IPAMConfiguration.KIND, "ipamconfig", "ipamconfigs")
        .column("StrictAffinity", "boolean", ".spec.strictAffinity")
        .column("MaxBlocksPerHost", "integer", ".spec.maxBlocksPerHost")
        .column("AutoAllocateBlocks", "boolean", ".spec.autoAllocateBlocks")
        .field(
            "",
            FieldFacts.of()
                .rule("self.metadata.name == 'default'", "metadata.name must be default"))
        .field(
            "spec",
            FieldFacts.of()
                .mandatory()
                .rule(
                    "self.strictAffinity || self.autoAllocateBlocks",
                    "autoAllocateBlocks may be false only with strictAffinity")
                .rule(
                    "self.strictAffinity || self.maxBlocksPerHost == 0",
                    "maxBlocksPerHost needs strictAffinity"))
        .field("spec.strictAffinity", FieldFacts.of().byDefault())
        .field("spec.maxBlocksPerHost", FieldFacts.of().byDefault().within(0, 1_000_000))
        .field("spec.autoAllocateBlocks", FieldFacts.of().byDefault())
        .field("spec.kubeVirtVMAddressPersistence", FieldFacts.of().oneOf(ON_OFF))
        .field("spec.ipCooldownSeconds", FieldFacts.of().within(0, 1200))
        .build();
  }

  private static KindFacts felixConfiguration() {
    FieldFacts priority = FieldFacts.of().within(1, MAX_PRIORITY);
    return KindFacts.of(FelixConfiguration.KIND, "felixconfig", "felixconfigs")
        .column("Log Severity", "string", ".spec.logSeverityScreen")
        .wide("Node Selector", "string", ".spec.nodeSelector")
        .field(
            "",
            FieldFacts.of()
                .rule(
                    "(self.metadata.name == 'default' || self.metadata.name.startsWith('node.'))"
                        + " != (has(self.spec.nodeSelector) && self.spec.nodeSelector != '')",
                    "nodeSelector must be set, except in default and node.NODENAME,"
                        + " which cannot have one"))
        .field("spec", FieldFacts.of().mandatory())
        .field("spec.nodeSelector", selector())
        .field("spec.logSeverityScreen", FieldFacts.of().matching(SEVERITY))
        .field("spec.ipipMTU", FieldFacts.of().within(0, 65535))
        .field("spec.deviceRouteProtocol", FieldFacts.of().within(0, 255))
        .field("spec.ipForwarding", FieldFacts.of().oneOf(ON_OFF))
        .field("spec.ipv4NormalRoutePriority", priority)
        .field("spec.ipv6NormalRoutePriority", priority)
        .field("spec.healthPort", FieldFacts.of().within(1, 65535))
        .build();
  }

  private static KindFacts kubeControllersConfiguration() {
    return KindFacts.of(KubeControllersConfiguration.KIND)
        .column("Leak Grace Period", "string", ".spec.controllers.node.leakGracePeriod")
        .field(
            "",
            FieldFacts.of()
                .rule("self.metadata.name == 'default'", "metadata.name must be default"))
        .field("spec", FieldFacts.of().mandatory())
        .field("spec.logSeverityScreen", FieldFacts.of().matching(SEVERITY))
        .field("spec.healthChecks", FieldFacts.of().oneOf(ON_OFF))
        .field("spec.prometheusMetricsPort", FieldFacts.of().within(0, 65535))
        .field("spec.debugProfilePort", FieldFacts.of().within(0, 65535))
        .field("spec.controllers.node.syncLabels", FieldFacts.of().oneOf(ON_OFF))
        .build();
  }

  private static KindFacts clusterInformation() {
    return KindFacts.of(ClusterInformation.KIND, "clusterinfo")
        .column("Type", "string", ".spec.clusterType")
        .column("Version", "string", ".spec.calicoVersion")
        .column("Ready", "boolean", ".spec.datastoreReady")
        .wide("GUID", "string", ".spec.clusterGUID")
        .wide("Variant", "string", ".spec.variant")
        .field(
            "",
            FieldFacts.of()
                .rule("self.metadata.name == 'default'", "metadata.name must be default"))
        .field("spec", FieldFacts.of().mandatory())
        .build();
  }

  private static KindFacts blockAffinity() {
    return KindFacts.of(BlockAffinity.KIND, "affinity", "affinities")
        .column("CIDR", "string", ".spec.cidr")
        .column("Node", "string", ".spec.node")
        .column("Type", "string", ".spec.type")
        .column("State", "string", ".spec.state")
        .field("spec", FieldFacts.of().mandatory())
        .field("spec.node", FieldFacts.of().mandatory())
        .field("spec.type", FieldFacts.of().oneOf("host", "virtual"))
        .field("spec.cidr", cidr().mandatory())
        .build();
  }

  private static KindFacts ipamBlock() {
    return KindFacts.of(IPAMBlock.KIND)
        .column("CIDR", "string", ".spec.cidr")
        .column("Affinity", "string", ".spec.affinity")
        .wide("Claimed", "string", ".spec.affinityClaimTime")
        .wide("Sequence", "integer", ".spec.sequenceNumber")
        .field("spec", FieldFacts.of().mandatory())
        .field("spec.cidr", cidr().mandatory())
        .field("spec.affinity", FieldFacts.of().matching("^(host|virtual):.+$"))
        .build();
  }

  private static KindFacts ipamHandle() {
    return KindFacts.of(IPAMHandle.KIND)
        .column("Handle", "string", ".spec.handleID")
        .field("spec", FieldFacts.of().mandatory())
        .field("spec.handleID", FieldFacts.of().mandatory())
        .build();
  }
}
