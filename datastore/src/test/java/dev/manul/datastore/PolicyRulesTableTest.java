package dev.manul.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.IntOrString;
import dev.manul.model.Kinds;
import dev.manul.model.PolicyRules;
import dev.manul.model.Resource;
import dev.manul.model.ResourceRules;
import dev.manul.model.RuleValues;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of policy kinds, as tables. */
final class PolicyRulesTableTest {

  private static Resource read(String kind, String name, String spec) {
    String version =
        kind.equals("KubernetesNetworkPolicy")
            ? "networking.k8s.io/v1"
            : Kinds.find(kind).orElseThrow().apiVersion();
    String named = kind.equals("KubernetesNetworkPolicy") ? "NetworkPolicy" : kind;
    return RulesTableTest.read(version, named, name, spec == null ? "" : spec);
  }

  private static String violations(Resource resource) {
    return ResourceRules.validate(resource).stream()
        .map(Object::toString)
        .collect(Collectors.joining("; "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "NetworkPolicy | a | ``",
        "NetworkPolicy | tier.name | `tier: tier`",
        "NetworkPolicy | knp.default.a.b | ``",
        "NetworkPolicy | a | `order: 10.5, selector: \"role == 'db'\", types: [Ingress, Egress], performanceHints: [AssumeNeededOnEveryNode]`",
        "NetworkPolicy | a | `ingress: [{action: Allow, protocol: TCP, source: {selector: has(a)}, destination: {ports: [80, \"81:90\", \"443\", http]}}]`",
        "NetworkPolicy | a | `ingress: [{action: Log}, {action: Pass, notProtocol: 132}, {action: Deny, ipVersion: 6}]`",
        "NetworkPolicy | a | `egress: [{action: Allow, protocol: ICMP, icmp: {type: 8, code: 0}, notICMP: {type: 254}}]`",
        "NetworkPolicy | a | `egress: [{action: Allow, protocol: icmpv6, ipVersion: 6, icmp: {type: 128}, destination: {nets: [\"fd00::1/64\"]}}]`",
        "NetworkPolicy | a | `egress: [{action: Allow, protocol: 132, source: {ports: [0, 65535], notPorts: [1]}, destination: {notPorts: [\"1:1\"]}}]`",
        "NetworkPolicy | a | `egress: [{action: Allow, destination: {services: {name: web}}}]`",
        "NetworkPolicy | a | `ingress: [{action: Allow, protocol: UDP, source: {services: {name: web, namespace: n}, ports: [53]}}]`",
        "NetworkPolicy | a | `ingress: [{action: Allow, source: {nets: [10.0.0.1, 10.0.0.1/8], notNets: [10.0.0.0/9], notSelector: has(a), namespaceSelector: ' global( ) ', serviceAccounts: {names: [x], selector: has(y)}}}]`",
        "NetworkPolicy | a | `ingress: [{action: Allow, http: {methods: [GET], paths: [{exact: /a}, {prefix: /b}]}}]`",
        "NetworkPolicy | a | `ingress: [{action: Allow, destination: {ports: [http]}, metadata: {annotations: {a: b}}}]`",
        "GlobalNetworkPolicy | a | `namespaceSelector: has(x), serviceAccountSelector: has(y), doNotTrack: true, applyOnForward: true, egress: [{action: Deny}]`",
        "GlobalNetworkPolicy | a | `preDNAT: true, applyOnForward: true, ingress: [{action: Deny}], types: [Ingress]`",
        "GlobalNetworkPolicy | a | `egress: [{action: Allow, destination: {services: {name: a, namespace: b}}}]`",
        "StagedNetworkPolicy | a | `stagedAction: Delete, tier: t`",
        "StagedGlobalNetworkPolicy | a | `stagedAction: Learn, order: 1, preDNAT: true, applyOnForward: true`",
        "StagedKubernetesNetworkPolicy | a | `stagedAction: Delete`",
        "StagedKubernetesNetworkPolicy | a | `podSelector: {matchLabels: {a: b}}, policyTypes: [Egress], egress: [{}]`",
        "Tier | t | `order: -5, defaultAction: Pass`",
        "Tier | default | `order: 1000000`",
        "Tier | kube-admin | `order: 1000, defaultAction: Pass`",
        "NetworkSet | n | `nets: [10.0.0.0/8, 10.0.0.7, \"fd00::/8\"]`",
        "GlobalNetworkSet | n | ``",
        "HostEndpoint | h | `node: n1, interfaceName: '*', profiles: [p], ports: [{name: http, protocol: TCP, port: 80}, {name: http, protocol: 17, port: 80}]`",
        "HostEndpoint | h | `node: n1, expectedIPs: [10.0.0.1, \"fd00::1\"]`",
        "Profile | p | `ingress: [{action: Allow}], egress: [{action: Pass}], labelsToApply: {a: b}`",
        "KubernetesNetworkPolicy | a | ``",
        "KubernetesNetworkPolicy | a | `ingress: [{}, {from: [{podSelector: {}}, {namespaceSelector: {}, podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{}, {port: http, protocol: UDP}, {port: 1, endPort: 65535, protocol: SCTP}]}]`",
        "KubernetesNetworkPolicy | a | `podSelector: {matchExpressions: [{key: a, operator: In, values: [b]}, {key: a, operator: NotIn, values: [c]}, {key: d, operator: Exists}, {key: e, operator: DoesNotExist}]}`",
        "AdminNetworkPolicy | a | `priority: 1000, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{pods: {podSelector: {}}}], ports: [{portNumber: {port: 1}}, {namedPort: a}, {portRange: {start: 1, end: 2, protocol: SCTP}}]}], egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}, {nodes: {}}]}]`",
        "BaselineAdminNetworkPolicy | default | `subject: {pods: {namespaceSelector: {}, podSelector: {}}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]`",
        "ClusterNetworkPolicy | a | `tier: Admin, priority: 0, subject: {namespaces: {}}, egress: [{action: Accept, to: [{domainNames: [a.b]}], protocols: [{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 1, end: 9}}}}, {sctp: {}}, {destinationNamedPort: x}]}]`",
      })
  void accepts(String kind, String name, String spec) {
    assertThat(violations(read(kind, name, spec))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "NetworkPolicy | a.b.c | `` | `metadata.name: got \"a.b.c\", allowed are NAME and TIER.NAME`",
        "GlobalNetworkPolicy | A | `` | metadata.name",
        "NetworkPolicy | a | `tier: a.b` | `spec.tier: got \"a.b\", allowed are up to 63`",
        "NetworkPolicy | a | `selector: \"role = 'x'\"` | `spec.selector: selector \"role = 'x'\": position 6: expected ==`",
        "NetworkPolicy | a | `selector: global()` | `spec.selector: got \"global()\", allowed is global() only in a rule's namespaceSelector`",
        "GlobalNetworkPolicy | a | `namespaceSelector: global()` | spec.namespaceSelector",
        "NetworkPolicy | a | `serviceAccountSelector: '('` | spec.serviceAccountSelector",
        "NetworkPolicy | a | `types: [ingress]` | `spec.types[0]: got \"ingress\", allowed are Ingress, Egress`",
        "NetworkPolicy | a | `types: [Egress, Egress]` | `spec.types[1]: \"Egress\" occurs twice`",
        "NetworkPolicy | a | `performanceHints: [Fast]` | spec.performanceHints[0]",
        "NetworkPolicy | a | `ingress: [{action: allow}]` | `spec.ingress[0].action: got \"allow\", allowed are Allow, Deny, Log, Pass`",
        "NetworkPolicy | a | `ingress: [{}]` | `spec.ingress[0].action: got \"\"`",
        "NetworkPolicy | a | `egress: [{action: Deny}, {action: Allow, ipVersion: 5}]` | `spec.egress[1].ipVersion: got 5, allowed are 4 and 6`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: tcpp}]` | `spec.ingress[0].protocol: got \"tcpp\", allowed are TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite and 1 to 255`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: 0}]` | spec.ingress[0].protocol",
        "NetworkPolicy | a | `ingress: [{action: Deny, notProtocol: 256}]` | spec.ingress[0].notProtocol",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: TCP, destination: {ports: [\"90:80\"]}}]` | `spec.ingress[0].destination.ports[0]: got 90:80, which is reversed; did you mean 80:90?`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: TCP, destination: {ports: [65536]}}]` | `spec.ingress[0].destination.ports[0]: got \"65536\", allowed are 0 to 65535`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: TCP, source: {notPorts: [\"80-90\"]}}]` | `spec.ingress[0].source.notPorts[0]: got \"80-90\"`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: TCP, source: {ports: [\"99999999999\"]}}]` | `spec.ingress[0].source.ports[0]`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: TCP, source: {ports: [\"1:\"]}}]` | `spec.ingress[0].source.ports[0]`",
        "NetworkPolicy | a | `ingress: [{action: Deny, destination: {ports: [80]}}]` | `spec.ingress[0].destination.ports: need the protocol TCP, UDP or SCTP, got no protocol`",
        "NetworkPolicy | a | `ingress: [{action: Deny, destination: {notPorts: [http]}}]` | `spec.ingress[0].destination.notPorts: need the protocol`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: ICMP, destination: {ports: [http]}}]` | `ports: need the protocol TCP, UDP or SCTP, got ICMP`",
        "NetworkPolicy | a | `ingress: [{action: Deny, icmp: {type: 8}}]` | `spec.ingress[0].icmp: needs the protocol ICMP or ICMPv6, got no protocol`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: ICMP, icmp: {type: 255}}]` | `spec.ingress[0].icmp.type: got 255, allowed are 0 to 254`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: ICMP, notICMP: {code: 256, type: 1}}]` | `spec.ingress[0].notICMP.code: got 256, allowed are 0 to 255`",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: ICMP, icmp: {code: 1}}]` | spec.ingress[0].icmp.code: needs a type",
        "NetworkPolicy | a | `ingress: [{action: Deny, protocol: ICMP, ipVersion: 6}]` | `spec.ingress[0].protocol: is of IPV4, but ipVersion 6 is of IPV6`",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {nets: [10.0.0.0/33]}}]` | spec.ingress[0].source.nets[0]",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {nets: [host]}}]` | `spec.ingress[0].source.nets[0]: \"host\" is not`",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {nets: [10.0.0.0/8]}, destination: {notNets: [\"fd00::/8\"]}}]` | `spec.ingress[0].destination.notNets: is of IPV6, but source.nets is of IPV4`",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {notNets: [0.0.0.0/0]}}]` | spec.ingress[0].source.notNets[0]: got 0.0.0.0/0, which leaves nothing to match",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {selector: global()}}]` | spec.ingress[0].source.selector",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {namespaceSelector: 'global() || has(a)'}}]` | spec.ingress[0].source.namespaceSelector",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {serviceAccounts: {selector: '!'}}}]` | spec.ingress[0].source.serviceAccounts.selector",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {services: {name: a}, nets: [10.0.0.0/8]}}]` | spec.ingress[0].source.services: cannot be combined",
        "NetworkPolicy | a | `ingress: [{action: Deny, source: {services: {name: a}, serviceAccounts: {names: [b]}}}]` | spec.ingress[0].source.services: cannot be combined",
        "NetworkPolicy | a | `ingress: [{action: Deny, destination: {services: {name: a}}}]` | `spec.ingress[0].destination.services: is allowed only in`",
        "NetworkPolicy | a | `egress: [{action: Deny, source: {services: {name: a}}}]` | `spec.egress[0].source.services: is allowed only in`",
        "NetworkPolicy | a | `egress: [{action: Deny, destination: {services: {namespace: a}}}]` | `spec.egress[0].destination.services.name: is missing`",
        "NetworkPolicy | a | `egress: [{action: Deny, protocol: TCP, destination: {services: {name: a}, ports: [80]}}]` | spec.egress[0].destination.ports: cannot be combined with services",
        "GlobalNetworkPolicy | a | `egress: [{action: Deny, destination: {services: {name: a}}}]` | spec.egress[0].destination.services.namespace: is missing",
        "NetworkPolicy | a | `ingress: [{action: Deny, http: {methods: [GET]}}]` | spec.ingress[0].http: is allowed only in ingress rules whose action is Allow",
        "NetworkPolicy | a | `egress: [{action: Allow, http: {methods: [GET]}}]` | spec.egress[0].http",
        "NetworkPolicy | a | `ingress: [{action: Allow, protocol: UDP, http: {methods: [GET]}}]` | spec.ingress[0].http: needs the protocol TCP, got UDP",
        "NetworkPolicy | a | `ingress: [{action: Allow, http: {paths: [{}]}}]` | spec.ingress[0].http.paths[0]: needs one of exact and prefix",
        "GlobalNetworkPolicy | a | `doNotTrack: true, preDNAT: true, applyOnForward: true` | spec.preDNAT: got true, allowed is false beside doNotTrack",
        "GlobalNetworkPolicy | a | `doNotTrack: true` | spec.applyOnForward: got false, allowed is true beside doNotTrack",
        "GlobalNetworkPolicy | a | `preDNAT: true, applyOnForward: true, egress: [{action: Deny}]` | spec.egress: is not allowed beside preDNAT",
        "GlobalNetworkPolicy | a | `preDNAT: true, applyOnForward: true, types: [Egress]` | spec.types: got Egress, allowed is Ingress beside preDNAT",
        "StagedNetworkPolicy | a | `stagedAction: Delete, selector: all()` | spec.stagedAction: got Delete",
        "StagedGlobalNetworkPolicy | a | `preDNAT: true` | spec.applyOnForward",
        "StagedKubernetesNetworkPolicy | a | `stagedAction: Delete, policyTypes: [Egress]` | spec.stagedAction",
        "StagedKubernetesNetworkPolicy | a | `policyTypes: [Both]` | `spec.policyTypes[0]: got \"Both\", allowed are Ingress, Egress`",
        "Tier | a.b | `` | `metadata.name: got \"a.b\"`",
        "Tier | t | `defaultAction: Allow` | `spec.defaultAction: got \"Allow\", allowed are Deny, Pass`",
        "Tier | default | `order: 5` | spec.order: got 5, allowed is 1000000 for the tier default",
        "Tier | kube-admin | `order: 1000` | spec.defaultAction: allowed is Pass for the tier kube-admin",
        "NetworkSet | n | `nets: [10.0.0.0/8, x]` | spec.nets[1]",
        "HostEndpoint | h | `interfaceName: eth0` | spec.node: is missing",
        "HostEndpoint | h | `node: n1` | spec.interfaceName: is missing; it or expectedIPs is needed",
        "HostEndpoint | h | `node: n1, interfaceName: interface-too-long` | spec.interfaceName",
        "HostEndpoint | h | `node: n1, expectedIPs: [10.0.0.0/8]` | spec.expectedIPs[0]",
        "HostEndpoint | h | `node: n1, interfaceName: e, ports: [{name: a, protocol: ICMP, port: 1}]` | spec.ports[0].protocol: got ICMP, allowed are TCP, UDP and SCTP",
        "HostEndpoint | h | `node: n1, interfaceName: e, ports: [{name: a b, protocol: TCP, port: 0}]` | spec.ports[0].port: got 0, allowed are 1 to 65535",
        "HostEndpoint | h | `node: n1, interfaceName: e, ports: [{name: a, protocol: TCP, port: 1}, {name: a, protocol: TCP, port: 2}]` | `spec.ports[1].name: \"a\" occurs twice`",
        "Profile | p | `egress: [{action: Maybe}]` | spec.egress[0].action",
        "KubernetesNetworkPolicy | a | `ingress: [{ports: [{port: 90, endPort: 80}]}]` | spec.ingress[0].ports[0].endPort: got 80, allowed are 90 to 65535",
        "KubernetesNetworkPolicy | a | `ingress: [{ports: [{endPort: 80}]}]` | spec.ingress[0].ports[0].endPort: needs a port that is a number",
        "KubernetesNetworkPolicy | a | `ingress: [{ports: [{port: http, endPort: 80}]}]` | spec.ingress[0].ports[0].endPort: needs a port that is a number",
        "KubernetesNetworkPolicy | a | `egress: [{ports: [{protocol: ICMP}]}]` | `spec.egress[0].ports[0].protocol: got \"ICMP\", allowed are TCP, UDP and SCTP`",
        "KubernetesNetworkPolicy | a | `egress: [{ports: [{port: 0}]}]` | spec.egress[0].ports[0].port",
        "KubernetesNetworkPolicy | a | `egress: [{to: [{}]}]` | spec.egress[0].to[0]: needs podSelector, namespaceSelector or both",
        "KubernetesNetworkPolicy | a | `egress: [{to: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]` | spec.egress[0].to[0]: needs",
        "KubernetesNetworkPolicy | a | `egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]}]` | spec.egress[0].to[0].ipBlock.except[0]: got 11.0.0.0/9, allowed are prefixes inside 10.0.0.0/8",
        "KubernetesNetworkPolicy | a | `egress: [{to: [{ipBlock: {}}]}]` | spec.egress[0].to[0].ipBlock.cidr: is missing",
        "KubernetesNetworkPolicy | a | `podSelector: {matchExpressions: [{key: a, operator: Is}]}` | `spec.podSelector: matchExpressions: operator: got \"Is\"`",
        "KubernetesNetworkPolicy | a | `podSelector: {matchExpressions: [{key: a, operator: In}]}` | spec.podSelector: matchExpressions: a In needs values",
        "AdminNetworkPolicy | a | `priority: 1001, subject: {namespaces: {}}` | spec.priority: got 1001, allowed are 0 to 1000",
        "AdminNetworkPolicy | a | `` | spec.subject: needs one of namespaces and pods",
        "AdminNetworkPolicy | a | `subject: {namespaces: {}}, ingress: [{action: Allow, from: [{networks: [10.0.0.0/8]}]}]` | spec.ingress[0].from[0]: needs one of namespaces and pods",
        "AdminNetworkPolicy | a | `subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{}]}]` | spec.ingress[0].ports[0]: needs one of",
        "AdminNetworkPolicy | a | `subject: {namespaces: {}}, egress: [{action: Allow, to: []}]` | spec.egress[0].to: is missing",
        "BaselineAdminNetworkPolicy | other | `subject: {namespaces: {}}` | `metadata.name: got \"other\", allowed is default`",
        "BaselineAdminNetworkPolicy | default | `subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}]` | `spec.ingress[0].action: got \"Pass\", allowed are Allow, Deny`",
        "ClusterNetworkPolicy | a | `subject: {namespaces: {}}` | `spec.tier: got \"\", allowed are Admin, Baseline`",
        "ClusterNetworkPolicy | a | `tier: Admin, subject: {namespaces: {}}, egress: [{action: Allow, to: [{namespaces: {}}]}]` | `spec.egress[0].action: got \"Allow\", allowed are Accept, Deny, Pass`",
        "ClusterNetworkPolicy | a | `tier: Admin, subject: {namespaces: {}}, egress: [{action: Deny, to: [{namespaces: {}}], protocols: [{udp: {destinationPort: {range: {start: 9, end: 1}}}}]}]` | spec.egress[0].protocols[0].udp.destinationPort.range.end: got 1, allowed are 9 to 65535",
      })
  void refuses(String kind, String name, String spec, String message) {
    assertThat(violations(read(kind, name, spec))).contains(message).doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "NetworkPolicy | `ingres: []` | field spec.ingres is not known; did you mean spec.ingress?",
        "NetworkPolicy | `namespaceSelector: all()` | `field spec.namespaceSelector is not known`",
        "NetworkPolicy | `ingress: [{action: Allow, ports: [80]}]` | `field spec.ingress[0].ports is not known`",
        "NetworkPolicy | `ingress: [{action: Allow, source: {port: [80]}}]` | `field spec.ingress[0].source.port is not known; did you mean`",
        "NetworkPolicy | `order: first` | `field spec.order: got \"first\", wanted a number`",
        "NetworkPolicy | `ingress: [{action: Allow, protocol: [TCP]}]` | `field spec.ingress[0].protocol: got a list, wanted a number or text`",
        "NetworkPolicy | `ingress: [{action: Allow, source: {nets: 10.0.0.0/8}}]` | `field spec.ingress[0].source.nets: got \"10.0.0.0/8\", wanted a list`",
        "StagedNetworkPolicy | `stagedAction: Remove` | `field spec.stagedAction: got \"Remove\", wanted Set, Delete, Learn or Ignore`",
        "KubernetesNetworkPolicy | `podselector: {}` | did you mean spec.podSelector?",
      })
  void textThatCannotBeReadIsRefusedInOneLine(String kind, String spec, String message) {
    assertThatThrownBy(() -> read(kind, "n", spec)).hasMessageContaining(message);
  }

  @Test
  void limitsOfNumbersHold() {
    String selector = "a == '" + "x".repeat(1018) + "'";
    assertThat(violations(read("NetworkPolicy", "a", "selector: \"" + selector + "\"")))
        .isEqualTo("spec.selector: got 1025 characters, allowed are up to 1024");
    assertThat(
            violations(
                read("NetworkPolicy", "a", "selector: \"" + selector.replace("xx'", "x'") + "\"")))
        .isEmpty();
    assertThat(rule("source: {nets: [" + many(257, "10.0.0.1") + "]}"))
        .isEqualTo("spec.ingress[0].source.nets: got 257 entries, allowed are up to 256");
    assertThat(rule("source: {nets: [" + many(256, "10.0.0.1") + "]}")).isEmpty();
    assertThat(rule("protocol: TCP, source: {ports: [" + many(51, "1") + "]}"))
        .isEqualTo("spec.ingress[0].source.ports: got 51 entries, allowed are up to 50");
    assertThat(rule("http: {methods: [" + many(21, "GET") + "]}"))
        .isEqualTo("spec.ingress[0].http.methods: got 21 entries, allowed are up to 20");
    assertThat(
            violations(
                read("NetworkPolicy", "a", "ingress: [" + many(1025, "{action: Deny}") + "]")))
        .isEqualTo("spec.ingress: got 1025 entries, allowed are up to 1024");
  }

  private static String rule(String fields) {
    return violations(read("NetworkPolicy", "a", "ingress: [{action: Allow, " + fields + "}]"));
  }

  private static String many(int count, String item) {
    return String.join(", ", Collections.nCopies(count, item));
  }

  @Test
  void labelsOfSetsCannotForgeANamespace() {
    Resource set =
        ResourceText.parse(
                """
                apiVersion: projectcalico.org/v3
                kind: NetworkSet
                metadata: {name: a, namespace: b, labels: {projectcalico.org/namespace: c}}
                """,
                "f")
            .getFirst()
            .resource();
    assertThat(violations(set)).startsWith("metadata.labels: projectcalico.org/namespace is not");
  }

  @Test
  void kindsOfOneNameAreToldApartByTheirVersion() {
    String text = "kind: NetworkPolicy\nmetadata: {name: a, namespace: b}\nspec: {}\n";
    assertThat(kindOf("apiVersion: projectcalico.org/v3\n" + text)).isEqualTo("NetworkPolicy");
    assertThat(kindOf("apiVersion: networking.k8s.io/v1\n" + text))
        .isEqualTo("KubernetesNetworkPolicy");
    assertThatThrownBy(() -> kindOf("apiVersion: extensions/v1beta1\n" + text))
        .hasMessageContaining(
            "field apiVersion: got \"extensions/v1beta1\", wanted projectcalico.org/v3 or"
                + " networking.k8s.io/v1");
    assertThatThrownBy(() -> kindOf(text))
        .hasMessageContaining(
            "field apiVersion is missing; wanted projectcalico.org/v3 or networking.k8s.io/v1");
    String list = "kind: NetworkPolicyList\nitems: [{metadata: {name: a, namespace: b}}]\n";
    assertThat(kindOf("apiVersion: networking.k8s.io/v1\n" + list))
        .isEqualTo("KubernetesNetworkPolicy");
  }

  private static String kindOf(String yaml) {
    return ResourceText.parse(yaml, "f").getFirst().resource().kind().toString();
  }

  @Test
  void numbersAndTextsAreWrittenAsTheyAreMeant() {
    String spec =
        "order: 10.5, ingress: [{action: Allow, protocol: 6, destination: {ports: [80, '81:90',"
            + " '443', http]}}]";
    Resource policy = read("NetworkPolicy", "a", spec);
    String yaml = ResourceText.toYaml(policy);
    assertThat(yaml)
        .contains("  order: 10.5\n")
        .contains("    protocol: 6\n")
        .contains("      - 80\n")
        .contains("      - 443\n")
        .contains("      - http\n")
        .containsPattern("      - [\"']?81:90[\"']?\n");
    assertThat(ResourceText.parse(yaml, "f").getFirst().resource()).isEqualTo(policy);
    assertThat(ResourceText.toYaml(read("NetworkPolicy", "a", "order: 1000")))
        .contains("order: 1000\n");
  }

  @Test
  void rulesAreReadWithoutTheLimitsOfWriting() {
    Resource policy =
        read(
            "NetworkPolicy",
            "a",
            "ingress: [{action: Allow, source: {nets: [10.0.0.0/8, 'fd00::/8']}}]");
    assertThat(violations(policy)).contains("a rule is of one family");
    dev.manul.model.PolicyRule rule =
        ((dev.manul.model.NetworkPolicy) policy).spec().ingress().getFirst();
    assertThat(PolicyRules.meaning(rule, "spec.ingress[0]", true, false)).isEmpty();
    assertThat(RuleValues.net("10.1.2.3/8")).hasToString("10.0.0.0/8");
    assertThat(List.of(new IntOrString("TCP").isNumber(), IntOrString.of(6).isNumber()))
        .containsExactly(false, true);
  }
}
