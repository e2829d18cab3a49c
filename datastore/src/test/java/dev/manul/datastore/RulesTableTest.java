package dev.manul.datastore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.IPPool;
import dev.manul.model.Resource;
import dev.manul.model.ResourceRules;
import dev.manul.model.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of all kinds, told on documents as users write them. */
final class RulesTableTest {

  static Resource read(String kind, String name, String spec) {
    return read(Resource.API_VERSION, kind, name, spec);
  }

  static Resource read(String version, String kind, String name, String spec) {
    String yaml =
        "apiVersion: "
            + version
            + "\nkind: "
            + kind
            + "\nmetadata: {name: "
            + name
            + "}\n"
            + (kind.equals("Secret") ? "" : "spec: {" + spec + "}\n");
    return ResourceText.parse(yaml, "t.yaml").getFirst().resource();
  }

  private static String violations(Iterable<Violation> violations) {
    return String.join(
        "; ",
        java.util.stream.StreamSupport.stream(violations.spliterator(), false)
            .map(Violation::toString)
            .toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "IPPool | p | `cidr: 10.0.0.0/16`",
        "IPPool | p | `cidr: 10.0.0.0/26`",
        "IPPool | p | `cidr: 10.0.0.0/16, blockSize: 24, nodeSubnet: {}`",
        "IPPool | p | `cidr: 10.0.0.0/16, blockSize: 24, nodeSubnet: {source: PodCIDR}`",
        "IPPool | p | `cidr: 10.0.0.0/16, blockSize: 24, nodeSubnet: {min: 10.0.1.0, max: 10.0.1.0}`",
        "IPPool | p | `cidr: 10.0.0.0/30, disabled: true`",
        "IPPool | p | `cidr: \"fd00::/48\", vxlanMode: Always`",
        "IPPool | p | `cidr: 10.0.0.0/16, ipipMode: CrossSubnet, vxlanMode: Never, natOutgoing: true`",
        "IPPool | p | `cidr: 10.0.0.0/16, vxlanMode: Never, udpMode: CrossSubnet`",
        "IPPool | p | `cidr: \"fd00::/48\", udpMode: Always`",
        "IPPool | p | `cidr: 10.0.0.0/16, vxlanMode: Always, udpMode: Never`",
        "IPPool | p | `cidr: 10.0.0.0/24, blockSize: 32, allowedUses: [LoadBalancer]`",
        "IPPool | p | `cidr: 10.0.0.0/24, allowedUses: [Workload], namespaceSelector: \"a == 'b'\"`",
        "IPPool | p | `cidr: 10.0.0.0/24, assignmentMode: Manual, nodeSelector: has(x)`",
        "IPReservation | r | `reservedCIDRs: [10.0.0.0/30, 10.0.0.7, \"fd00::1\"]`",
        "BGPConfiguration | default | `asNumber: 4200000000, nodeToNodeMeshEnabled: false`",
        "BGPConfiguration | default | `asNumber: \"1.10\", logSeverityScreen: debug`",
        "BGPConfiguration | node.n1 | `listenPort: 1179`",
        "BGPConfiguration | default | `communities: [{name: c, value: \"1:2\"}], prefixAdvertisements: [{cidr: 10.0.0.0/26, communities: [c, \"1:2:3\"]}]`",
        "BGPConfiguration | default | `nodeMeshPassword: {secretKeyRef: {name: s, key: k}}, nodeMeshMaxRestartTime: 2m`",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 64512`",
        "BGPFilter | f | ``",
        "BGPFilter | f | `exportV4: [{action: Accept}], importV6: [{cidr: \"fd00::/8\", matchOperator: NotIn, action: Reject}]`",
        "BGPFilter | f | `exportV4: [{cidr: 10.0.0.0/8, matchOperator: In, prefixLength: {min: 24, max: 32}, source: RemotePeers, interface: \"eth*\", peerType: eBGP, communities: {values: [\"65000:1\"]}, asPathPrefix: [65001, 65002], priority: 1024, action: Accept, operations: [{addCommunity: {value: \"1:2:3\"}}, {prependASPath: {prefix: [65003, 65003]}}, {setPriority: {value: 512}}]}]`",
        "BGPPeer | p | `peerIP: \"10.0.0.1:1179\", asNumber: 64512, node: n1, reachableBy: 10.0.0.2`",
        "BGPPeer | p | `peerIP: \"[fd00::1]:1179\", asNumber: 1, nodeSelector: all(), reachableBy: \"fd00::2\"`",
        "BGPPeer | p | `peerSelector: has(rr), nodeSelector: has(x), keepOriginalNextHop: true`",
        "BGPPeer | p | `localWorkloadSelector: has(bgp), asNumber: 65000`",
        "Node | n1 | `bgp: {ipv4Address: 10.1.5.10/24, asNumber: 64513, routeReflectorClusterID: 1.0.0.1}`",
        "Node | n1 | `addresses: [{address: 10.1.5.10/24, type: CalicoNodeIP}, {address: 10.1.5.10}]`",
        "IPAMConfiguration | default | `strictAffinity: true, maxBlocksPerHost: 4, autoAllocateBlocks: false`",
        "ClusterInformation | default | `clusterGUID: \"0\", clusterType: \"k8s,bgp\", calicoVersion: v3.29.1, datastoreReady: false, variant: Calico`",
        "BlockAffinity | a | `cidr: 10.0.0.0/26, node: n1, state: pending, type: host`",
        "IPAMHandle | h | `handleID: x, block: {10.0.0.0/26: 1}`",
        "FelixConfiguration | default | `ipipMTU: 1440, routeRefreshInterval: 30s, bpfEnabled: false`",
        "FelixConfiguration | mine | `nodeSelector: has(x), failsafeInboundHostPorts: [{protocol: tcp, port: 22}]`",
        "WorkloadEndpoint | w | `ipNetworks: [10.0.0.1/32, \"fd00::1/128\"], mac: \"ee:ee:ee:ee:ee:ee\", ports: [{name: a, protocol: TCP, port: 80}, {name: b, protocol: 132, port: 80}]`",
      })
  void accepts(String kind, String name, String spec) {
    assertThat(ResourceRules.validate(read(kind, name, spec))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "IPPool | p | `` | spec.cidr: is missing",
        "IPPool | Pool | `cidr: 10.0.0.0/16` | `metadata.name: got \"Pool\", allowed are up to 253`",
        "IPPool | a..b | `cidr: 10.0.0.0/16` | metadata.name",
        "IPPool | a.-b | `cidr: 10.0.0.0/16` | metadata.name",
        "IPPool | p | `cidr: 169.254.1.0/24` | `spec.cidr: got 169.254.1.0/24, which overlaps the link-local 169.254.0.0/16`",
        "IPPool | p | `cidr: \"fe80::/64\"` | link-local fe80::/10",
        "IPPool | p | `cidr: 10.0.0.0/16, nodeSubnet: {source: Node}` | `spec.nodeSubnet.source: got \"Node\", allowed`",
        "IPPool | p | `cidr: 10.0.0.0/16, nodeSubnet: {min: 10.1.0.0}` | `spec.nodeSubnet.min: got 10.1.0.0, allowed are addresses of 10.0.0.0/16`",
        "IPPool | p | `cidr: 10.0.0.0/16, nodeSubnet: {max: 10.0.0.1}` | `spec.nodeSubnet.max: got 10.0.0.1, allowed is the first address of a subnet, such as 10.0.0.0`",
        "IPPool | p | `cidr: 10.0.0.0/16, nodeSubnet: {min: 10.0.2.0, max: 10.0.1.0}` | `spec.nodeSubnet.min: got 10.0.2.0, allowed is at most the max 10.0.1.0`",
        "IPPool | p | `cidr: 10.0.0.0/16, nodeSubnet: {source: PodCIDR, min: 10.0.2.0}` | `spec.nodeSubnet.min: is not allowed with the source PodCIDR, where Kubernetes chooses`",
        "IPPool | p | `cidr: 10.0.0.0/24, allowedUses: [LoadBalancer], nodeSubnet: {}` | `spec.nodeSubnet: is not allowed with the use LoadBalancer`",
        "IPPool | p | `cidr: 10.0.0.0/16, blockSize: 19` | `spec.blockSize: got 19, allowed are 20 to 32`",
        "IPPool | p | `cidr: 10.0.0.0/16, blockSize: 122` | `got 122, allowed are 20 to 32`",
        "IPPool | p | `cidr: \"fd00::/48\", blockSize: 26` | `got 26, allowed are 116 to 128`",
        "IPPool | p | `cidr: 10.0.0.0/28` | `spec.blockSize: got 26, allowed are 28 to 32 for the pool 10.0.0.0/28`",
        "IPPool | p | `cidr: 10.0.0.0/16, ipipMode: Always, vxlanMode: CrossSubnet` | `spec.ipipMode: got Always with vxlanMode CrossSubnet, but only one`",
        "IPPool | p | `cidr: 10.0.0.0/16, vxlanMode: Always, udpMode: CrossSubnet` | `spec.udpMode: got CrossSubnet with ipipMode Never and vxlanMode Always, but only one`",
        "IPPool | p | `cidr: \"fd00::/48\", ipipMode: Always` | `spec.ipipMode: got Always, allowed is Never in an IPv6 pool`",
        "IPPool | p | `cidr: 10.0.0.0/16, nodeSelector: nonsense` | `spec.nodeSelector: selector \"nonsense\": position 9`",
        "IPPool | p | `cidr: 10.0.0.0/16, namespaceSelector: has(a)` | spec.namespaceSelector: cannot be combined with the use Tunnel",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [Workload], namespaceSelector: \"has(a) && !global()\"` | global() is not allowed",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [Pods]` | `spec.allowedUses: got \"Pods\", allowed are Workload, Tunnel, LoadBalancer`",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [Tunnel, Tunnel]` | named once",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [Workload, LoadBalancer]` | LoadBalancer must stand alone",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [LoadBalancer], ipipMode: Always` | must be Never",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [LoadBalancer], nodeSelector: has(a)` | allowed is all()",
        "IPPool | p | `cidr: 10.0.0.0/16, allowedUses: [LoadBalancer], disableBGPExport: true` | spec.disableBGPExport: got true",
        "IPPool | p | `cidr: 10.0.0.0/16, assignmentMode: Never` | `spec.assignmentMode: got \"Never\", allowed are Automatic, Manual`",
        "BGPConfiguration | other | `` | `metadata.name: got \"other\", allowed are default and node.NODENAME`",
        "BGPConfiguration | default | `asNumber: 0` | `spec.asNumber: got 0, allowed are 1 to 4294967295`",
        "BGPConfiguration | default | `asNumber: 4294967296` | spec.asNumber",
        "BGPConfiguration | default | `listenPort: 0` | `spec.listenPort: got 0, allowed are 1 to 65535`",
        "BGPConfiguration | default | `bindMode: All` | `spec.bindMode: got \"All\", allowed are None, NodeIP`",
        "BGPConfiguration | default | `logSeverityScreen: loud` | `allowed are Debug, Info, Warning, Error, Fatal`",
        "BGPConfiguration | default | `communities: [{name: c, value: \"1:2\"}]` | is in none of spec.prefixAdvertisements",
        "BGPConfiguration | default | `communities: [{name: c, value: \"1:70000\"}], prefixAdvertisements: [{cidr: 10.0.0.0/26, communities: [c]}]` | wanted aa:nn or aa:nn:mm",
        "BGPConfiguration | default | `prefixAdvertisements: [{cidr: 10.0.0.0/26, communities: [d]}]` | `got \"d\", wanted aa:nn`",
        "BGPConfiguration | node.a | `nodeMeshMaxRestartTime: 1s` | only in default",
        "BGPConfiguration | default | `nodeToNodeMeshEnabled: false, nodeMeshPassword: {secretKeyRef: {name: s, key: k}}` | with nodeToNodeMeshEnabled",
        "BGPConfiguration | default | `ipv4NormalRoutePriority: 2147483647` | 1 to 2147483646",
        "BGPConfiguration | default | `localWorkloadPeeringIPV4: \"fd00::1\"` | wanted an address of IPV4",
        "BGPFilter | f | `exportV4: [{}]` | `spec.exportV4[0].action: got \"\", allowed are Accept, Reject`",
        "BGPFilter | f | `exportV4: [{action: Accept, cidr: 10.0.0.0/8}]` | spec.exportV4[0].matchOperator: is missing",
        "BGPFilter | f | `exportV4: [{action: Accept, matchOperator: In}]` | spec.exportV4[0].cidr: is missing",
        "BGPFilter | f | `exportV4: [{action: Accept, cidr: 10.0.0.0/8, matchOperator: Near}]` | allowed are Equal, NotEqual, In, NotIn",
        "BGPFilter | f | `importV4: [{action: Accept, cidr: \"fd00::/8\", matchOperator: In}]` | spec.importV4[0].cidr: got fd00::",
        "BGPFilter | f | `importV6: [{action: Accept, cidr: 10.0.0.0/8, matchOperator: In}]` | wanted an address of IPV6",
        "BGPFilter | f | `importV4: [{action: Accept, prefixLength: {min: 8}}]` | spec.importV4[0].prefixLength: is allowed only with cidr",
        "BGPFilter | f | `importV4: [{action: Accept, cidr: 10.0.0.0/8, matchOperator: In, prefixLength: {min: 24, max: 16}}]` | `spec.importV4[0].prefixLength.max: got 16, allowed are 24 to 32`",
        "BGPFilter | f | `importV4: [{action: Accept, cidr: 10.0.0.0/8, matchOperator: In, prefixLength: {min: 33}}]` | 0 to 32",
        "BGPFilter | f | `exportV4: [{action: Accept, source: Kernel}]` | allowed are RemotePeers",
        "BGPFilter | f | `exportV4: [{action: Accept, interface: much-too-long-name}]` | spec.exportV4[0].interface",
        "BGPFilter | f | `exportV4: [{action: Accept, peerType: both}]` | allowed are eBGP, iBGP",
        "BGPFilter | f | `exportV4: [{action: Accept, communities: {values: [\"1:2\", \"1:3\"]}}]` | got 2 entries, allowed is 1",
        "BGPFilter | f | `exportV4: [{action: Accept, communities: {values: [x]}}]` | wanted aa:nn or aa:nn:mm",
        "BGPFilter | f | `exportV4: [{action: Accept, asPathPrefix: [0]}]` | spec.exportV4[0].asPathPrefix[0]: got 0",
        "BGPFilter | f | `exportV4: [{action: Accept, priority: 0}]` | spec.exportV4[0].priority: got 0",
        "BGPFilter | f | `exportV4: [{action: Reject, operations: [{setPriority: {value: 1}}]}]` | allowed only with action Accept",
        "BGPFilter | f | `exportV4: [{action: Accept, operations: [{}]}]` | needs one of addCommunity, prependASPath and setPriority",
        "BGPFilter | f | `exportV4: [{action: Accept, operations: [{addCommunity: {value: \"1:2\"}, setPriority: {value: 1}}]}]` | spec.exportV4[0].operations[0]: needs one of",
        "BGPFilter | f | `exportV4: [{action: Accept, operations: [{prependASPath: {prefix: []}}]}]` | prependASPath.prefix: is missing",
        "BGPFilter | f | `exportV4: [{action: Accept, operations: [{setPriority: {value: 2147483647}}]}]` | setPriority.value",
        "BGPPeer | p | `asNumber: 1` | spec.peerIP: is missing",
        "BGPPeer | p | `peerIP: 10.0.0.1` | spec.asNumber: is missing",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 1, node: a, nodeSelector: all()` | spec.node: cannot be combined with nodeSelector",
        "BGPPeer | p | `peerIP: 10.0.0.1, peerSelector: all()` | spec.peerIP: cannot be combined with peerSelector",
        "BGPPeer | p | `peerSelector: all(), asNumber: 1` | spec.asNumber: cannot be combined with peerSelector",
        "BGPPeer | p | `localWorkloadSelector: all()` | spec.asNumber: is missing",
        "BGPPeer | p | `localWorkloadSelector: all(), asNumber: 1, peerIP: 10.0.0.1` | spec.localWorkloadSelector: cannot be combined",
        "BGPPeer | p | `peerIP: \"10.0.0.1:99999\", asNumber: 1` | no port from 1 to 65535",
        "BGPPeer | p | `peerIP: example.com, asNumber: 1` | `spec.peerIP: \"example.com\" is not an IPv4 address`",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 1, keepOriginalNextHop: true, nextHopMode: Self` | spec.keepOriginalNextHop",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 1, reachableBy: \"fd00::1\"` | wanted an address of IPV4",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 1, ttlSecurity: 256` | `spec.ttlSecurity: got 256, allowed are 0 to 255`",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 1, password: {}` | spec.password.secretKeyRef: is missing",
        "BGPPeer | p | `peerIP: 10.0.0.1, asNumber: 1, maxRestartTime: -1s` | allowed is 0s or more",
        "Node | n1 | `bgp: {ipv4Address: \"fd00::1/64\"}` | spec.bgp.ipv4Address: got fd00::1",
        "Node | n1 | `bgp: {routeReflectorClusterID: x}` | spec.bgp.routeReflectorClusterID",
        "Node | n1 | `addresses: [{address: host}]` | spec.addresses[0].address",
        "Node | n1 | `vxlanTunnelMACAddr: zz` | wanted a MAC address",
        "IPAMConfiguration | other | `` | allowed is default",
        "ClusterInformation | other | `` | allowed is default",
        "IPAMConfiguration | default | `autoAllocateBlocks: false` | allowed is true unless strictAffinity",
        "IPAMConfiguration | default | `maxBlocksPerHost: 3` | allowed is 0 unless strictAffinity",
        "IPAMConfiguration | default | `strictAffinity: true, maxBlocksPerHost: 1000001` | 0 to 1000000",
        "IPAMConfiguration | default | `ipCooldownSeconds: 1201` | 0 to 1200",
        "BlockAffinity | a | `node: n1` | spec.cidr: is missing",
        "IPAMBlock | b | `cidr: 10.0.0.0/30` | `spec.allocations: got 0 entries, wanted 4`",
        "IPAMBlock | b | `cidr: 10.0.0.0/31, allocations: [0, null]` | `got 0, but there are 0 attributes`",
        "IPAMBlock | b | `cidr: 10.0.0.0/8` | 4096 addresses at most",
        "IPAMBlock | b | `cidr: 10.0.0.0/31, allocations: [null, null], unallocated: [0, 2]` | `spec.unallocated: got 2, allowed are 0 to 1`",
        "IPAMBlock | b | `cidr: 10.0.0.0/32, allocations: [null], affinity: n1` | wanted host:NODE",
        "IPAMHandle | h | `` | spec.handleID: is missing",
        "FelixConfiguration | mine | `` | allowed are default",
        "FelixConfiguration | default | `nodeSelector: all()` | spec.nodeSelector: is not allowed in default",
        "FelixConfiguration | default | `deviceRouteProtocol: 256` | `got 256, allowed are 0 to 255`",
        "FelixConfiguration | default | `routeTableRange: {min: 1, max: 2}, routeTableRanges: []` | spec.routeTableRange",
        "WorkloadEndpoint | w | `ipNetworks: [10.0.0.0/26]` | allowed is a single address",
        "WorkloadEndpoint | w | `interfaceName: cali0123456789abcdef` | spec.interfaceName",
        "WorkloadEndpoint | w | `ports: [{port: 0}]` | spec.ports[0].port",
      })
  void refuses(String kind, String name, String spec, String message) {
    Resource resource = read(kind, name, spec == null ? "" : spec);
    assertThat(ResourceRules.validate(resource)).isNotEmpty();
    assertThat(violations(ResourceRules.validate(resource))).contains(message).doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        "`cidr: 10.0.0.0/16` | `cidr: 10.0.0.0/16, ipipMode: Always` | -",
        "`cidr: 10.0.0.0/16` | `cidr: 10.0.0.0/17` | `spec.cidr: got 10.0.0.0/17, allowed is the stored 10.0.0.0/16; it cannot be changed`",
        "`cidr: 10.0.0.0/16` | `cidr: 10.0.0.0/16, blockSize: 28` | `spec.blockSize: got 28, allowed is the stored 26; it cannot be changed`",
        "`cidr: 10.0.0.0/16` | `cidr: 10.0.0.0/16, blockSize: 26` | -",
        "`cidr: 10.0.0.0/16` | `cidr: 10.0.0.0/16, allowedUses: [LoadBalancer]` | cannot be changed to or from LoadBalancer",
        "`cidr: 10.0.0.0/16` | `cidr: 10.0.0.0/16, allowedUses: [Workload]` | -",
      })
  void changesOfPools(String stored, String changed, String message) {
    String found =
        violations(
            ResourceRules.validateChange(
                read("IPPool", "p", stored), read("IPPool", "p", changed)));
    if (message == null) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).contains(message);
    }
  }

  @Test
  void overlapsAreRefusedButNotWithItself() {
    Resource pool = read("IPPool", "p", "cidr: 10.0.0.0/16");
    Resource inside = read("IPPool", "q", "cidr: 10.0.1.0/24");
    Resource beside = read("IPPool", "r", "cidr: 10.1.0.0/16");
    Resource six = read("IPPool", "s", "cidr: \"fd00::/48\"");
    assertThat(ResourceRules.validateAgainst(pool, java.util.List.of(pool, beside, six))).isEmpty();
    assertThat(violations(ResourceRules.validateAgainst(inside, java.util.List.of(pool, beside))))
        .isEqualTo("spec.cidr: got 10.0.1.0/24, which overlaps 10.0.0.0/16 of the IPPool p");
    assertThat(ResourceRules.validateAgainst(pool, java.util.List.of(inside))).hasSize(1);
  }

  @Test
  void aDisabledPoolThatIsBeingSplitMayOverlapItsParts() {
    IPPool pool = (IPPool) read("IPPool", "p", "cidr: 10.0.0.0/16, disabled: true");
    IPPool split =
        pool.withMetadata(
            pool.metadata().withAnnotations(java.util.Map.of(IPPool.BEING_SPLIT, "false")));
    IPPool enabled = split.withSpec(split.spec().withDisabled(false));
    Resource part = read("IPPool", "split-p-0", "cidr: 10.0.0.0/17");
    Resource other = read("IPPool", "q", "cidr: 10.0.0.0/17, blockSize: 28");
    assertThat(ResourceRules.validateAgainst(part, java.util.List.of(split))).isEmpty();
    assertThat(ResourceRules.validateAgainst(split, java.util.List.of(part))).isEmpty();
    assertThat(ResourceRules.validateAgainst(part, java.util.List.of(pool))).hasSize(1);
    assertThat(ResourceRules.validateAgainst(part, java.util.List.of(enabled))).hasSize(1);
    assertThat(ResourceRules.validateAgainst(other, java.util.List.of(split))).hasSize(1);
  }
}
