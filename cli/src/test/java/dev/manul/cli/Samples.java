package dev.manul.cli;

/** Documents that tests store. */
final class Samples {
  static final String POOL =
      """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata:
        name: default-ipv4-ippool
      spec:
        cidr: 10.244.0.0/16
        ipipMode: Always
        natOutgoing: true
      """;

  static final String NODES =
      """
      apiVersion: projectcalico.org/v3
      kind: NodeList
      items:
      - metadata: {name: node-1}
        spec: {bgp: {ipv4Address: 10.0.0.11/24}}
      - metadata: {name: node-2}
        spec: {bgp: {ipv4Address: 10.0.0.12/24, ipv6Address: "2001:db8::12/64", asNumber: 65001}}
      """;

  static final String ENDPOINTS =
      """
      apiVersion: projectcalico.org/v3
      kind: WorkloadEndpoint
      metadata:
        name: node--1-k8s-coredns-eth0
        namespace: kube-system
      spec:
        orchestrator: k8s
        node: node-1
        pod: coredns
        endpoint: eth0
        containerID: abcdef
        ipNetworks: [10.244.84.129/32]
        interfaceName: cali0a1b2c3d4e5
        profiles: [kns.kube-system, ksa.kube-system.coredns]
      ---
      apiVersion: projectcalico.org/v3
      kind: WorkloadEndpoint
      metadata:
        name: node--2-k8s-web-eth0
        namespace: default
      spec:
        orchestrator: k8s
        node: node-2
        pod: web
        endpoint: eth0
        containerID: "123456"
        ipNetworks: [10.244.85.1/32]
        interfaceName: cali11111111111
        profiles: [kns.default]
      """;

  private Samples() {}

  static String pool(String name, String cidr) {
    return """
        ---
        apiVersion: projectcalico.org/v3
        kind: IPPool
        metadata: {name: %s}
        spec: {cidr: %s}
        """
        .formatted(name, cidr);
  }
}
