package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two real agents in network namespaces of their own, on one subnet and one datastore directory,
 * mode Never: what needs no tunnel device and so runs on every kernel.
 */
class AgentIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> NODES = List.of("mnag-a", "mnag-b");

  @TempDir private Path directory;
  private AgentCluster cluster;

  @BeforeEach
  void network() throws Exception {
    cluster = new AgentCluster(directory, NODES);
  }

  @AfterEach
  void clear() {
    cluster.close();
  }

  @Test
  void blocksOfTheOtherNodeBecomeRoutesAndSurviveAKill() throws Exception {
    for (String node : NODES) {
      start(node);
    }
    NODES.forEach(this::awaitReady);

    // A block belongs to a node from its first address on; without a tunnel nobody has one yet.
    try (Datastore datastore = FileDatastore.open(directory.resolve("datastore"))) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      for (String node : NODES) {
        assertThat(ipam.autoAssign(request(node)).addresses()).hasSize(1);
      }
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(AgentCluster.routes("mnag-a"))
                  .anyMatch(
                      line ->
                          line.matches("10\\.77\\.\\S+/26 via 10\\.9\\.0\\.2 dev eth0 proto 77.*"))
                  .anyMatch(line -> line.matches("blackhole 10\\.77\\.\\S+/26 proto 77.*"));
              assertThat(AgentCluster.routes("mnag-b"))
                  .anyMatch(
                      line ->
                          line.matches("10\\.77\\.\\S+/26 via 10\\.9\\.0\\.1 dev eth0 proto 77.*"));
            });
    List<String> before = AgentCluster.routes("mnag-a");

    // The kernel tells every touch of a route to a monitor; an untouched one makes no event.
    Path events = directory.resolve("events");
    Process monitor =
        new ProcessBuilder("ip", "-n", "mnag-a", "monitor", "route")
            .redirectOutput(events.toFile())
            .start();
    Path peerEvents = directory.resolve("peer-events");
    Process peerMonitor =
        new ProcessBuilder("ip", "-n", "mnag-b", "monitor", "route")
            .redirectOutput(peerEvents.toFile())
            .start();
    try {
      String first = status("mnag-a").path("startedAt").asText();
      cluster.kill("mnag-a");
      start("mnag-a");
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> !status("mnag-a").path("startedAt").asText().equals(first));
      awaitReady("mnag-a");
      awaitReady("mnag-b");
    } finally {
      monitor.destroy();
      monitor.waitFor();
      peerMonitor.destroy();
      peerMonitor.waitFor();
    }

    assertThat(AgentCluster.routes("mnag-a")).isEqualTo(before);
    assertThat(Files.readAllLines(events)).noneMatch(line -> line.contains("proto 77"));
    assertThat(Files.readAllLines(peerEvents)).noneMatch(line -> line.contains("proto 77"));
  }

  @Test
  void aRouteDeletedByHandComesBackAndAForeignOneStays() throws Exception {
    start("mnag-a");
    awaitReady("mnag-a");
    try (Datastore datastore = FileDatastore.open(directory.resolve("datastore"))) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      assertThat(ipam.autoAssign(request("mnag-a")).addresses()).hasSize(1);
    }
    await().atMost(PATIENCE).until(() -> !blackholes().isEmpty());
    AgentCluster.ip(
        "-n", "mnag-a", "route", "add", "10.77.99.0/26", "via", "10.9.0.9", "proto", "static");
    String block = blackholes().getFirst().split(" ", 3)[1];

    AgentCluster.ip("-n", "mnag-a", "route", "del", "blackhole", block);

    await().atMost(PATIENCE).until(() -> !blackholes().isEmpty());
    assertThat(AgentCluster.routes("mnag-a"))
        .anyMatch(line -> line.startsWith("10.77.99.0/26 via 10.9.0.9"));
  }

  @Test
  void bothFamiliesAreRoutedOverSessionsOfTheirOwn() throws Exception {
    Map<String, String> dualStack =
        Map.of("IP6", "autodetect", "CALICO_IPV6POOL_CIDR", "fd77::/48");
    for (String node : NODES) {
      cluster.start(node, dualStack);
    }
    NODES.forEach(this::awaitReady);
    try (Datastore datastore = FileDatastore.open(directory.resolve("datastore"))) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      assertThat(ipam.autoAssign(request("mnag-b").withCounts(1, 1)).addresses()).hasSize(2);
    }

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(AgentCluster.routes("mnag-a"))
                  .anyMatch(
                      line -> line.matches("10\\.77\\.\\S+/26 via 10\\.9\\.0\\.2 dev eth0 .*"));
              assertThat(AgentCluster.ip("-6", "-n", "mnag-a", "route"))
                  .anyMatch(line -> line.matches("fd77:\\S+/122 via fd09::2 dev eth0 proto 77 .*"));
            });
    assertThat(status("mnag-a").path("sessions")).hasSize(2);
  }

  @Test
  void aMeshWithAPasswordWaitsForItsSecretAndComesUpWithIt() throws Exception {
    try (Datastore datastore = FileDatastore.open(directory.resolve("datastore"))) {
      create(
          datastore,
          """
          apiVersion: projectcalico.org/v3
          kind: BGPConfiguration
          metadata: {name: default}
          spec: {nodeMeshPassword: {secretKeyRef: {name: mesh, key: password}}}
          """);
      for (String node : NODES) {
        start(node);
      }
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(status("mnag-a").path("conditions").toString())
                      .contains("PeersConfigured", "Secret kube-system/mesh"));
      assertThat(status("mnag-a").path("sessions")).isEmpty();

      create(
          datastore,
          """
          apiVersion: v1
          kind: Secret
          metadata: {name: mesh, namespace: kube-system}
          stringData: {password: open sesame}
          """);
    }
    for (String node : NODES) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () ->
                  assertThat(status(node).path("sessions").path(0).path("state").asText())
                      .isEqualTo("up"));
      assertThat(status(node).path("conditions").toString()).doesNotContain("PeersConfigured");
      assertThat(Files.readString(directory.resolve(node + ".log"))).doesNotContain("sesame");
    }
  }

  private static void create(Datastore datastore, String yaml) {
    var _ = datastore.create(ResourceText.parse(yaml, "test").getFirst().resource());
  }

  @Test
  void losingTheDatastoreEndsNoForwarding() throws Exception {
    start("mnag-a");
    awaitReady("mnag-a");
    Path store = directory.resolve("datastore");
    try (Datastore datastore = FileDatastore.open(store)) {
      Ipam ipam = new Ipam(datastore, Clock.systemUTC());
      assertThat(ipam.autoAssign(request("mnag-a")).addresses()).hasSize(1);
    }
    await().atMost(PATIENCE).until(() -> !blackholes().isEmpty());
    List<String> before = AgentCluster.routes("mnag-a");

    Path away = directory.resolve("away");
    Files.move(store, away);
    // The agent learns of it as soon as anything happens to what it watches.
    Files.delete(away.resolve("ippools/default-ipv4-ippool.yaml"));

    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> status("mnag-a").path("conditions").toString().contains("is away"));
    assertThat(AgentCluster.routes("mnag-a")).isEqualTo(before);
    assertThat(store).doesNotExist();

    Files.move(away, store);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> !status("mnag-a").path("conditions").toString().contains("is away"));
    assertThat(AgentCluster.routes("mnag-a")).isEqualTo(before);
  }

  @Test
  void wrongConfigurationIsOneLineAndExitCodeOne() throws Exception {
    Process process =
        cluster
            .agent("mnag-a", Map.of("CALICO_IPV4POOL_IPIP", "Sometimes"))
            .redirectError(directory.resolve("err").toFile())
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(Files.readAllLines(directory.resolve("err")))
        .containsExactly(
            "manul-agent: CALICO_IPV4POOL_IPIP: \"Sometimes\" is not Always, CrossSubnet or Never");
    assertThat(directory.resolve("datastore")).doesNotExist();
  }

  private static AutoAssignRequest request(String node) {
    return AutoAssignRequest.of(node, IntendedUse.WORKLOAD)
        .withCounts(1, 0)
        .withHandle("pod-" + node);
  }

  private List<String> blackholes() throws Exception {
    return AgentCluster.routes("mnag-a").stream()
        .filter(line -> line.startsWith("blackhole"))
        .toList();
  }

  private void start(String node) throws IOException {
    cluster.start(node, Map.of());
  }

  private void awaitReady(String node) {
    cluster.awaitReady(node);
  }

  private JsonNode status(String node) throws IOException {
    return cluster.status(node);
  }
}
