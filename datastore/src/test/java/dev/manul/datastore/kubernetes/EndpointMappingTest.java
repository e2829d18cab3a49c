package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.Selection;
import dev.manul.model.Key;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pods as workload endpoints, by tables. */
final class EndpointMappingTest {
  private static final EndpointMapping MAPPING = new EndpointMapping();

  private static Optional<WorkloadEndpoint> read(String annotations, String spec, String status) {
    String json =
        "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"web-0\",\"uid\":\"u\",\"labels\":"
            + "{\"app\":\"web\"},\"annotations\":{%s}},\"spec\":{%s},\"status\":{%s}}";
    byte[] bytes =
        json.formatted(annotations, spec, status)
            .replace('\'', '"')
            .getBytes(StandardCharsets.UTF_8);
    try {
      return MAPPING.read(ApiJson.read(bytes, 0, bytes.length));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "none",
      value = {
        "``|'nodeName':'n1'|'podIP':'10.0.0.5','podIPs':[{'ip':'10.0.0.5'},{'ip':'fd00::5'}]|10.0.0.5/32 fd00::5/128",
        "``|'nodeName':'n1'|'podIP':'10.0.0.5'|10.0.0.5/32",
        "'cni.projectcalico.org/podIP':'10.0.0.6/32'|'nodeName':'n1'|``|10.0.0.6/32",
        "'cni.projectcalico.org/podIP':'10.0.0.6/32','cni.projectcalico.org/podIPs':'10.0.0.6/32,fd00::6/128'|'nodeName':'n1'|'podIP':'10.0.0.5'|10.0.0.6/32 fd00::6/128",
        "'cni.projectcalico.org/podIP':'','cni.projectcalico.org/podIPs':''|'nodeName':'n1'|'podIP':'10.0.0.5'|none",
        "``|'nodeName':'n1'|``|none",
        "``|``|'podIP':'10.0.0.5'|none",
        "``|'nodeName':'n1','hostNetwork':true|'podIP':'10.0.0.5'|none",
        "``|'nodeName':'n1'|'podIP':'10.0.0.5','phase':'Succeeded'|none",
        "``|'nodeName':'n1'|'podIP':'10.0.0.5','phase':'Failed'|none",
        "'cni.projectcalico.org/podIPs':'nonsense'|'nodeName':'n1'|``|none"
      })
  void addressesComeFromAnnotationsAndThenFromTheStatus(
      String annotations, String spec, String status, String addresses) {
    assertThat(
            read(annotations, spec, status)
                .map(
                    each ->
                        each.spec().ipNetworks().stream()
                            .map(Prefix::toString)
                            .collect(Collectors.joining(" "))))
        .isEqualTo(Optional.ofNullable(addresses));
  }

  @Test
  void everythingElseComesFromThePod() {
    WorkloadEndpoint endpoint =
        read(
                "'cni.projectcalico.org/podIP':'10.0.0.6/32','cni.projectcalico.org/containerID':'c'",
                "'nodeName':'n-1','serviceAccountName':'sa','containers':[{'ports':[{'name':'http',"
                    + "'containerPort':80},{'containerPort':81},{'containerPort':53,'hostPort':5353,"
                    + "'protocol':'UDP'}]}]",
                "")
            .orElseThrow();
    assertThat(endpoint.key()).isEqualTo(new Key("ns", "n--1-k8s-web--0-eth0"));
    assertThat(endpoint.spec().profiles()).containsExactly("kns.ns", "ksa.ns.sa");
    assertThat(endpoint.spec().interfaceName()).isEqualTo(WorkloadEndpoint.deviceOf("ns", "web-0"));
    assertThat(endpoint.spec().containerID()).isEqualTo("c");
    assertThat(endpoint.spec().serviceAccountName()).isEqualTo("sa");
    assertThat(endpoint.spec().ports())
        .extracting(port -> port.port() + "/" + port.protocol())
        .containsExactly("80/TCP", "53/UDP");
    assertThat(endpoint.metadata().labels())
        .isEqualTo(
            Map.of(
                "app", "web",
                "projectcalico.org/namespace", "ns",
                "projectcalico.org/orchestrator", "k8s",
                "projectcalico.org/serviceaccount", "sa"));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "n1-k8s-a-eth0, n1, a",
        "n--1-k8s-web--0-eth0, n-1, web-0",
        "n1.example.org-k8s-a----b-eth0, n1.example.org, a--b",
        "n1-k8s-a-eth1, none, none",
        "n1-cni-a-eth0, none, none",
        "n1-k8s-a-b-eth0, none, none",
        "plain, none, none"
      })
  void namesAreTakenApart(String name, String node, String pod) {
    assertThat(EndpointMapping.parse(name))
        .isEqualTo(Optional.ofNullable(node).map(n -> new EndpointMapping.PodOnNode(n, pod)));
  }

  @Test
  void podsAndEndpointsOfANodeAreOneQuery() {
    Selection mine = Selection.onNode("n1");
    assertThat(MAPPING.query(mine)).isEqualTo(new PodMapping().query(mine));
    assertThat(MAPPING.query(mine)).isEqualTo("&fieldSelector=spec.nodeName%3Dn1");
    assertThat(
            MAPPING.query(
                Selection.labelled(Map.of("app", "web", "projectcalico.org/namespace", "ns"))))
        .isEqualTo("&labelSelector=app%3Dweb");
  }

  @Test
  void pausesAreSpreadOverABoundThatGrowsToItsLimit() {
    Random random = new Random(20261121);
    Patience patience =
        new Patience(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2));
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      assertThat(patience.pause(1, random)).isBetween(0L, 500L);
      long pause = patience.pause(50, random);
      least = Math.min(least, pause);
      most = Math.max(most, pause);
    }
    assertThat(least).isLessThan(1000);
    assertThat(most).isBetween(29_000L, 30_000L);
  }
}
