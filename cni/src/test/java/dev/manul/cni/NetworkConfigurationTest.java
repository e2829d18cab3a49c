package dev.manul.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.cni.CniException.Code;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reading what the runtime hands in. */
final class NetworkConfigurationTest {

  private static NetworkConfiguration read(String text) {
    return NetworkConfiguration.of(NetworkConfiguration.decode(text.replace('\'', '"')));
  }

  @Test
  void calicosOwnIsUnderstoodAsItStands() {
    NetworkConfiguration network =
        read(
            """
            {"cniVersion": "0.3.1", "name": "k8s-pod-network", "type": "calico",
             "log_level": "info", "log_file_path": "/var/log/calico/cni/cni.log",
             "datastore_type": "kubernetes", "nodename": "__KUBERNETES_NODE_NAME__", "mtu": 1440,
             "require_mtu_file": true, "num_queues": 1, "include_default_routes": true,
             "ipam": {"type": "calico-ipam", "assign_ipv4": "true", "assign_ipv6": "true",
                      "ipv4_pools": ["10.0.0.0/24", "default-ipv4-ippool"]},
             "container_settings": {"allow_ip_forwarding": true},
             "feature_control": {"ip_addrs_no_ipam": true, "floating_ips": false},
             "policy": {"type": "k8s"}, "kubernetes": {"kubeconfig": "/x"},
             "policy_setup_timeout_seconds": 7,
             "runtimeConfig": {"portMappings": []}, "args": {"cni": {}}}
            """);

    assertThat(network.version()).isEqualTo(CniVersion.V0_3_1);
    assertThat(network.name()).isEqualTo("k8s-pod-network");
    assertThat(network.mtu()).isEqualTo(1440);
    assertThat(network.assignIpv4()).isTrue();
    assertThat(network.assignIpv6()).isTrue();
    assertThat(network.pools()).containsExactly("10.0.0.0/24", "default-ipv4-ippool");
    assertThat(network.allowForwarding()).isTrue();
    assertThat(network.addressesWithoutIpam()).isTrue();
    assertThat(network.policyWait()).isEqualTo(Duration.ofSeconds(7));
    assertThat(network.validAttachments()).isEmpty();
    assertThat(network.previousResult()).isEmpty();
  }

  @Test
  void theLeastThereCanBe() {
    NetworkConfiguration network = read("{'cniVersion':'1.1.0','name':'n','type':'manul'}");

    assertThat(network.mtu()).isZero();
    assertThat(network.policyWait()).isZero();
    assertThat(network.assignIpv4()).isTrue();
    assertThat(network.assignIpv6()).isFalse();
    assertThat(network.pools()).isEmpty();
  }

  @Test
  void theAttachmentsThatAreValid() {
    assertThat(
            read("""
            {'cniVersion':'1.1.0','name':'n','cni.dev/valid-attachments':
             [{'containerID':'a','ifname':'eth0'},{'containerID':'b','ifname':'net1'}]}
            """)
                .validAttachments()
                .orElseThrow())
        .containsExactlyInAnyOrder(new AttachmentKey("a", "eth0"), new AttachmentKey("b", "net1"));
    assertThat(
            read("{'cniVersion':'1.1.0','name':'n','cni.dev/valid-attachments':[]}")
                .validAttachments()
                .orElseThrow())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{                                                    | DECODING_FAILURE      | not JSON",
        "{} {}                                                | DECODING_FAILURE      | not JSON",
        "{'name':'a','name':'b'}                              | DECODING_FAILURE      | not JSON",
        "{'name':'n'}                                         | INCOMPATIBLE_VERSION  | 0.1.0",
        "{'cniVersion':'0.2.0','name':'n'}                    | INCOMPATIBLE_VERSION  | 0.2.0",
        "{'cniVersion':'1.0.0'}                               | INVALID_CONFIGURATION | name \"\"",
        "{'cniVersion':'1.0.0','name':'-'}                    | INVALID_CONFIGURATION | name \"-\"",
        "{'cniVersion':'1.0.0','name':7}                      | INVALID_CONFIGURATION | field name"
            + " is 7",
        "{'cniVersion':'1.0.0','name':'n','ipam':[]}          | INVALID_CONFIGURATION | field ipam"
            + " is []",
        "{'cniVersion':'1.0.0','name':'n','mtu':1.5}          | INVALID_CONFIGURATION | field mtu"
            + " is 1.5",
        "{'cniVersion':'1.0.0','name':'n','mtu':70000}        | INVALID_CONFIGURATION | mtu 70000",
        "{'cniVersion':'1.0.0','name':'n','policy_setup_timeout_seconds':-1} |"
            + " INVALID_CONFIGURATION | policy_setup_timeout_seconds -1 is not within 0 to 3600",
        "{'cniVersion':'1.0.0','name':'n','ipam':{'assign_ipv4':'yes'}} | INVALID_CONFIGURATION |"
            + " assign_ipv4",
        "{'cniVersion':'1.0.0','name':'n','ipam':{'ipv4_pools':'p'}}    | INVALID_CONFIGURATION |"
            + " ipv4_pools",
        "{'cniVersion':'1.0.0','name':'n','ipam':{'type':'host-local'}} | UNSUPPORTED_FIELD |"
            + " host-local",
        "{'cniVersion':'1.0.0','name':'n','cni.dev/valid-attachments':['x']} |"
            + " INVALID_CONFIGURATION | valid-attachments",
      })
  void whatIsWrongIsNamed(String text, Code code, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(CniException.class)
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(((CniException) e).code()).isEqualTo(code));
  }

  @Test
  void environmentsAreLookedThrough() {
    Frame frame =
        new Frame(
            Map.of(
                "CNI_COMMAND", "ADD",
                "CNI_CONTAINERID", "0a1b",
                "CNI_NETNS", "/run/netns/x",
                "CNI_IFNAME", "eth0",
                "CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=p;K8S_POD_UID="),
            "{\"cniVersion\":\"1.0.0\",\"name\":\"n\"}");

    Invocation invocation =
        Invocation.of(Invocation.verb(frame), frame, NetworkConfiguration.decode(frame.input()));

    Workload workload = Workload.of(invocation);
    assertThat(workload.isPod()).isTrue();
    assertThat(workload.namespace()).isEqualTo("ns");
    assertThat(workload.pod()).isEqualTo("p");
    assertThat(workload.uid()).isEmpty();
    assertThat(workload.endpointName("node-1")).isEqualTo("node--1-k8s-p-eth0");
  }

  @Test
  void devicesOfFurtherLinksHaveNamesOfTheirOwn() {
    List<Workload> workloads =
        List.of(
            new Workload(new AttachmentKey("c", "eth0"), "ns", "p", ""),
            new Workload(new AttachmentKey("c", "net1"), "ns", "p", ""),
            new Workload(new AttachmentKey("c", "eth0"), "", "", ""),
            new Workload(new AttachmentKey("c", "net1"), "", "", ""));

    assertThat(workloads.stream().map(Workload::device))
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("cali[0-9a-f]{11}"));
    // printf 'ns.p' | sha1sum
    assertThat(workloads.getFirst().device())
        .isEqualTo(dev.manul.model.WorkloadEndpoint.deviceOf("ns", "p"));
  }
}
