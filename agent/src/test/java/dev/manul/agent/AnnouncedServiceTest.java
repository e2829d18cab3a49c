package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EndpointSlice;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Service;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnouncedServiceTest {

  @ParameterizedTest
  @CsvSource({
    "ClusterIP, 10.96.0.1, Local, true",
    "NodePort, 10.96.0.1, Local, true",
    "LoadBalancer, 10.96.0.1, Local, true",
    "ExternalName, 10.96.0.1, Local, false",
    "ClusterIP, None, Local, false",
    "ClusterIP, '', Local, false",
    // Of a service that every node takes traffic for, nothing but its range is announced.
    "ClusterIP, 10.96.0.1, Cluster, false",
    "ClusterIP, 10.96.0.1, '', false",
  })
  void ofWhichServicesAnythingIsKept(String type, String ip, String policy, boolean kept) {
    assertThat(AnnouncedService.of(service(type, ip, List.of(), policy, List.of())).isPresent())
        .isEqualTo(kept);
  }

  @Test
  void addressesAreKeptBySort() {
    AnnouncedService service =
        AnnouncedService.of(
                service(
                    "LoadBalancer",
                    "10.96.0.1",
                    List.of("198.51.100.1", "no address"),
                    "Cluster",
                    List.of("203.0.113.1", "")))
            .orElseThrow();

    assertThat(service.local()).isFalse();
    assertThat(service.clusterIps()).as("only the range of it is announced").isEmpty();
    assertThat(service.externalIps()).hasToString("[198.51.100.1]");
    assertThat(service.loadBalancerIps()).hasToString("[203.0.113.1]");
  }

  @Test
  void bothFamiliesOfAServiceAreKept() {
    Service service =
        new Service(
            Metadata.named("ns", "web"),
            new Service.Spec(
                "NodePort",
                "10.96.0.1",
                List.of("10.96.0.1", "fd96::1"),
                List.of(),
                "Local",
                List.of()),
            null);

    assertThat(AnnouncedService.of(service).orElseThrow().clusterIps())
        .hasToString("[10.96.0.1, fd96::1]");
  }

  @ParameterizedTest
  @CsvSource({
    "web, true, n1, here",
    "web, '', n1, here",
    "web, false, n1, nowhere",
    "web, true, n2, elsewhere",
    "web, true, '', elsewhere",
    "'', true, n1, nowhere",
  })
  void whereEndpointsAre(String service, String ready, String node, String where) {
    Metadata metadata = Metadata.named("ns", "slice");
    EndpointSlice slice =
        new EndpointSlice(
            service.isEmpty()
                ? metadata
                : metadata.withLabels(Map.of(EndpointSlice.SERVICE_LABEL, service)),
            "IPv4",
            List.of(
                new EndpointSlice.Endpoint(
                    List.of("10.244.0.1"),
                    node,
                    new EndpointSlice.Conditions(
                        ready.isEmpty() ? Optional.empty() : Optional.of(ready.equals("true"))),
                    Map.of())),
            List.of());

    Optional<ReadyEndpoints> expected =
        where.equals("nowhere")
            ? Optional.empty()
            : Optional.of(new ReadyEndpoints(new Key("ns", "web"), where.equals("here")));
    assertThat(ReadyEndpoints.of(slice, "n1")).isEqualTo(expected);
  }

  private static Service service(
      String type, String ip, List<String> external, String policy, List<String> ingress) {
    return new Service(
        Metadata.named("ns", "web"),
        new Service.Spec(type, ip, List.of(), external, policy, List.of()),
        new Service.Status(
            new Service.LoadBalancer(ingress.stream().map(Service.Ingress::new).toList())));
  }
}
