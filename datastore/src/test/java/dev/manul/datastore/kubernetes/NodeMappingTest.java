package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Selection;
import dev.manul.model.Address;
import dev.manul.model.Condition;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes as Kubernetes and Calico keep them, by tables. */
final class NodeMappingTest {
  private static final String NODE =
      """
      {"metadata": {"name": "n1", "uid": "u", "resourceVersion": "7",
          "creationTimestamp": "2026-01-01T00:00:00Z",
          "labels": {"zone": "a", "shared": "theirs"},
          "annotations": {"other/tool": "x",
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
            "projectcalico.org/IPv4Address": "10.1.5.10/24",
            "projectcalico.org/IPv6Address": "fd00::1/64",
            "projectcalico.org/ASNumber": "64512",
            "projectcalico.org/RouteReflectorClusterID": "244.0.0.1",
            "projectcalico.org/IPv4IPIPTunnelAddr": "10.244.1.0",
            "projectcalico.org/IPv4VXLANTunnelAddr": "10.244.1.1",
            "projectcalico.org/VXLANTunnelMACAddr": "66:00:00:00:00:01",
            "projectcalico.org/IPv4WireguardInterfaceAddr": "10.244.1.2",
            "projectcalico.org/WireguardPublicKey": "key",
            "projectcalico.org/Interfaces": "[{\\"name\\":\\"eth0\\",\\"addresses\\":[\\"10.1.5.10\\"]}]",
            "projectcalico.org/labels": "{\\"mine\\":\\"1\\",\\"shared\\":\\"ours\\"}"}},
       "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24", "fd01::/64"]},
       "status": {"addresses": [{"type": "InternalIP", "address": "10.1.5.10"},
            {"type": "Hostname", "address": "n1"}, {"type": "ExternalIP", "address": "192.0.2.1"}],
          "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
            "lastHeartbeatTime": "2026-01-01T00:10:00Z",
            "lastTransitionTime": "2026-01-01T00:00:05Z"}]}}
      """;

  private static Map<String, Object> tree(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try {
      return ApiJson.read(bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Node read(String json) {
    return new NodeMapping().read(tree(json)).orElseThrow();
  }

  @Test
  void everyAnnotationIsAField() {
    Node node = read(NODE);
    Node.Bgp bgp = node.spec().bgp().orElseThrow();
    assertThat(bgp.ipv4Address()).contains(InterfaceAddress.parse("10.1.5.10/24"));
    assertThat(bgp.ipv6Address()).contains(InterfaceAddress.parse("fd00::1/64"));
    assertThat(bgp.asNumber()).contains(64512L);
    assertThat(bgp.routeReflectorClusterID()).isEqualTo("244.0.0.1");
    assertThat(bgp.ipv4IPIPTunnelAddr()).contains(Address.parse("10.244.1.0"));
    assertThat(node.spec().ipv4VXLANTunnelAddr()).contains(Address.parse("10.244.1.1"));
    assertThat(node.spec().vxlanTunnelMACAddr()).isEqualTo("66:00:00:00:00:01");
    assertThat(node.spec().wireguard().orElseThrow().interfaceIPv4Address())
        .contains(Address.parse("10.244.1.2"));
    assertThat(node.spec().interfaces())
        .containsExactly(new Node.NodeInterface("eth0", List.of("10.1.5.10")));
    assertThat(node.spec().addresses())
        .extracting(each -> each.type() + " " + each.address())
        .containsExactly(
            "CalicoNodeIP 10.1.5.10/24",
            "CalicoNodeIP fd00::1/64",
            "InternalIP 10.1.5.10",
            "ExternalIP 192.0.2.1");
    assertThat(node.spec().orchRefs()).containsExactly(new Node.OrchRef("n1", "k8s"));
    assertThat(node.status().wireguardPublicKey()).isEqualTo("key");
    assertThat(node.status().podCIDRs()).containsExactly("10.244.1.0/24", "fd01::/64");
    assertThat(node.metadata().labels())
        .isEqualTo(Map.of("zone", "a", "shared", "theirs", "mine", "1"));
    assertThat(node.metadata().annotations()).isEqualTo(Map.of("other/tool", "x"));
    assertThat(node.status().conditions()).extracting(Condition::type).containsExactly("Ready");
  }

  @Test
  void whatWasReadIsNoChange() {
    assertThat(NodeMapping.patch(tree(NODE), read(NODE))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "projectcalico.org/IPv4Address, nonsense",
    "projectcalico.org/IPv6Address, 10.0.0.300",
    "projectcalico.org/ASNumber, many",
    "projectcalico.org/ASNumber, 1.2.3",
    "projectcalico.org/IPv4IPIPTunnelAddr, /",
    "projectcalico.org/Interfaces, [",
    "projectcalico.org/labels, no-json"
  })
  void annotationsThatCannotBeReadAreNone(String name, String value) {
    String json = "{\"metadata\":{\"name\":\"n\",\"annotations\":{\"%s\":\"%s\"}}}";
    Node node = read(json.formatted(name, value));
    assertThat(node.spec().bgp()).isEmpty();
    assertThat(node.spec().interfaces()).isEmpty();
    assertThat(node.metadata().labels()).isEmpty();
  }

  @Test
  void onlyWhatChangedIsPatched() {
    Node node = read(NODE);
    Node.Bgp bgp = node.spec().bgp().orElseThrow();
    Node changed =
        node.withSpec(
            node.spec()
                .withBgp(
                    Optional.of(
                        bgp.withIpv4IPIPTunnelAddr(Optional.empty())
                            .withAsNumber(Optional.of(65000L)))));
    Map<String, Object> patch = NodeMapping.patch(tree(NODE), changed).orElseThrow();
    assertThat(patch.keySet()).containsExactly("metadata");
    assertThat(Fields.map(patch, "metadata")).containsEntry("resourceVersion", "7");
    Map<String, Object> annotations = Fields.map(patch, "metadata", "annotations");
    assertThat(annotations.keySet())
        .containsExactlyInAnyOrder(
            "projectcalico.org/ASNumber", "projectcalico.org/IPv4IPIPTunnelAddr");
    assertThat(annotations).containsEntry("projectcalico.org/ASNumber", "65000");
    assertThat(annotations.get("projectcalico.org/IPv4IPIPTunnelAddr")).isNull();
  }

  @Test
  void conditionsAreMergedByType() {
    Node node = read(NODE);
    Condition network =
        new Condition("NetworkUnavailable", "False", "Up", "", "2026-01-01T00:00:09.123456Z", 0);
    Node changed = node.withStatus(node.status().withConditions(List.of(network)));
    Map<String, Object> patch = NodeMapping.patch(tree(NODE), changed).orElseThrow();
    assertThat(Fields.maps(Fields.map(patch, "status"), "conditions"))
        .singleElement()
        .satisfies(
            each ->
                assertThat(each)
                    .containsEntry("type", "NetworkUnavailable")
                    .containsEntry("lastTransitionTime", "2026-01-01T00:00:09Z"));
  }

  @Test
  void heartbeatsAndForeignAnnotationsOfTheServerMoveNoVersion() {
    Node before = read(NODE);
    Node beat =
        read(
            NODE.replace("00:10:00Z", "00:15:00Z")
                .replace("\"resourceVersion\": \"7\"", "\"resourceVersion\": \"8\""));
    assertThat(beat).isEqualTo(before);
    assertThat(read(NODE.replace("64512", "64513")).metadata().resourceVersion())
        .isNotEqualTo(before.metadata().resourceVersion());
  }

  @Test
  void nodesAreSelectedByTheServerByNameOnly() {
    assertThat(new NodeMapping().query(Selection.onNode("n1")))
        .isEqualTo("&fieldSelector=metadata.name%3Dn1");
    assertThat(new NodeMapping().query(Selection.labelled(Map.of("mine", "1")))).isEmpty();
  }
}
