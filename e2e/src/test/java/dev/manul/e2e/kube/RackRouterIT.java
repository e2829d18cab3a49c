package dev.manul.e2e.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the router of a rack, BIRD, sees of a node as objects are changed with kubectl: passwords
 * from Secrets, addresses of services, communities and filters. The tests go on from one another.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RackRouterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: %s}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: pods}
      spec: {cidr: 10.87.0.0/16, blockSize: 26, ipipMode: Never, natOutgoing: false}
      ---
      apiVersion: projectcalico.org/v3
      kind: BGPPeer
      metadata: {name: tor}
      spec:
        peerIP: %s
        asNumber: 65001
        password: {secretKeyRef: {name: bgp-passwords, key: tor}}
      """
          .formatted(Rack.NODE, Rack.ROUTER);

  private static final String SECRET =
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: bgp-passwords, namespace: kube-system}
      stringData: {tor: %s}
      """;

  private static final String SETTINGS =
      """
      apiVersion: projectcalico.org/v3
      kind: BGPConfiguration
      metadata: {name: default}
      spec:
        serviceClusterIPs: [{cidr: 10.96.0.0/16}]
        serviceExternalIPs: [{cidr: 198.51.100.0/24}, {cidr: 203.0.113.7/32}]
        communities: [{name: services, value: "64512:96"}]
        prefixAdvertisements: [{cidr: 10.96.0.0/16, communities: [services, "64512:9:6"]}]
      """;

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %s, namespace: default}
      spec:
        type: NodePort
        clusterIP: %s
        externalIPs: [%s]
        externalTrafficPolicy: %s
        ports: [{port: 80}]
      """;

  /** Of 1.20, which has no v1 yet. */
  private static final String SLICE =
      """
      apiVersion: discovery.k8s.io/v1beta1
      kind: EndpointSlice
      metadata: {name: %1$s-1, namespace: default, labels: {kubernetes.io/service-name: %1$s}}
      addressType: IPv4
      endpoints:
        - addresses: [10.87.0.5]
          conditions: {ready: %2$s}
          topology: {kubernetes.io/hostname: %3$s}
      ports: [{name: "", port: 80}]
      """;

  @TempDir static Path directory;
  private static Rack rack;

  @BeforeAll
  static void aRack() throws IOException {
    rack = Rack.start(directory, CLUSTER);
  }

  @AfterAll
  static void end() {
    if (rack != null) {
      rack.close();
    }
  }

  private static void sees(String... prefixes) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(rack.prefixes()).isEqualTo(List.of(prefixes)));
  }

  private static void kernelHas(String route) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(rack.kernelRoutes()).anyMatch(each -> each.startsWith(route)));
  }

  @Test
  @Order(1)
  void aSessionWaitsForItsSecretAndComesUpWithIt() throws IOException {
    rack.router("password \"first\";");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(rack.nodeStatus())
                    .contains("Secret kube-system/bgp-passwords", "is not there"));
    assertThat(rack.established()).isFalse();

    rack.apply(SECRET.formatted("first"));

    await().atMost(PATIENCE).until(rack::established);
    assertThat(rack.nodeStatus()).doesNotContain("Secret");
  }

  @Test
  @Order(2)
  void aChangedPasswordIsTakenUp() throws IOException {
    rack.apply(SECRET.formatted("second"));
    await().atMost(PATIENCE).until(() -> !rack.established());

    rack.router("password \"second\";");

    await().atMost(PATIENCE).until(rack::established);
  }

  @Test
  @Order(3)
  void rangesOfServicesAreAnnouncedWithTheirCommunities() {
    sees();
    kernelHas("10.96.77.0/24 via " + Rack.ROUTER); // nothing special so far
    rack.apply(SETTINGS);

    sees("10.96.0.0/16", "198.51.100.0/24");
    assertThat(rack.routes())
        .contains("BGP.community: (64512,96)", "BGP.large_community: (64512, 9, 6)");
  }

  @Test
  @Order(4)
  void aLocalServiceIsAnnouncedWhileAnEndpointHereIsReady() {
    rack.apply(SERVICE.formatted("web", "10.96.0.10", "198.51.100.10", "Local"));
    rack.apply(SLICE.formatted("web", "true", "another-node"));
    rack.apply(SERVICE.formatted("all", "10.96.0.11", "203.0.113.7", "Cluster"));
    sees("10.96.0.0/16", "198.51.100.0/24", "203.0.113.7/32");

    rack.apply(SLICE.formatted("web", "true", Rack.NODE));
    sees("10.96.0.0/16", "10.96.0.10/32", "198.51.100.0/24", "198.51.100.10/32", "203.0.113.7/32");

    rack.apply(SLICE.formatted("web", "false", Rack.NODE));
    sees("10.96.0.0/16", "198.51.100.0/24", "203.0.113.7/32");

    rack.apply(SLICE.formatted("web", "true", Rack.NODE));
    sees("10.96.0.0/16", "10.96.0.10/32", "198.51.100.0/24", "198.51.100.10/32", "203.0.113.7/32");

    String _ = rack.plane().kubectl("delete", "endpointslice", "web-1");
    sees("10.96.0.0/16", "198.51.100.0/24", "203.0.113.7/32");
  }

  @Test
  @Order(5)
  void whatARouterAnnouncesOfServicesStaysOutOfTheKernel() {
    kernelHas("192.0.2.0/24 via " + Rack.ROUTER);
    assertThat(rack.kernelRoutes())
        .noneMatch(route -> route.startsWith("10.96."))
        .noneMatch(route -> route.startsWith("198.51.100."))
        .noneMatch(route -> route.startsWith("203.0.113."));
  }

  @Test
  @Order(6)
  void filtersOfAPeerComeFirstAndTheSessionStaysUp() throws IOException {
    rack.apply(
        """
        apiVersion: projectcalico.org/v3
        kind: BGPFilter
        metadata: {name: tor}
        spec:
          exportV4: [{action: Reject, cidr: 198.51.100.0/24, matchOperator: In}]
          importV4: [{action: Reject, cidr: 192.0.2.0/24, matchOperator: Equal}]
        """);
    String _ =
        rack.plane()
            .kubectl(
                "patch",
                "bgppeers.projectcalico.org",
                "tor",
                "--type=merge",
                "--patch={\"spec\":{\"filters\":[\"tor\"]}}");

    sees("10.96.0.0/16", "203.0.113.7/32");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(rack.kernelRoutes())
                    .noneMatch(route -> route.startsWith("192.0.2.0/24")));
    assertThat(Files.readString(directory.resolve("agent.log")))
        .doesNotContain("exportFilter", "importFilter");
  }

  @Test
  @Order(7)
  void aNodeLeftOutAnnouncesNoServices() {
    String label = "node.kubernetes.io/exclude-from-external-load-balancers";
    String _ = rack.plane().kubectl("label", "node", Rack.NODE, label + "=true");
    sees();

    String _ = rack.plane().kubectl("label", "node", Rack.NODE, label + "-");
    sees("10.96.0.0/16", "203.0.113.7/32");
  }

  @Test
  @Order(8)
  void withoutItsSecretASessionEnds() {
    String _ = rack.plane().kubectl("delete", "secret", "bgp-passwords", "--namespace=kube-system");

    await().atMost(PATIENCE).until(() -> !rack.established());
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(rack.nodeStatus()).contains("is not there"));
  }
}
