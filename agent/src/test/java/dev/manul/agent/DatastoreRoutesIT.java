package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.ipam.AssignAddressRequest;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes without BGP: who has which block comes straight from the datastore. */
class DatastoreRoutesIT {

  private static final String A = "mndr-a";
  private static final String B = "mndr-b";
  private static final Map<String, String> WITHOUT_BGP =
      Map.of("CALICO_NETWORKING_BACKEND", "vxlan", "CALICO_IPV4POOL_VXLAN", "Always");

  @TempDir private Path directory;
  private AgentCluster cluster;
  private Datastore datastore;
  private Ipam ipam;

  @BeforeEach
  void startTheAgents() throws Exception {
    cluster = new AgentCluster(directory, List.of(A, B));
    cluster.start(A, WITHOUT_BGP);
    cluster.start(B, WITHOUT_BGP);
    cluster.awaitReady(A);
    cluster.awaitReady(B);
    datastore = FileDatastore.open(cluster.datastore());
    ipam = new Ipam(datastore, Clock.systemUTC());
  }

  @AfterEach
  void endThem() {
    datastore.close();
    cluster.close();
  }

  private static ConditionFactory eventually() {
    return await().atMost(AgentCluster.PATIENCE).ignoreExceptions();
  }

  private Prefix blockOf(String node) {
    return ipam.ownBlocks(node).iterator().next();
  }

  private Address tunnelAddress(String node) {
    return datastore
        .get(Node.KIND, Key.of(node))
        .flatMap(one -> one.spec().ipv4VXLANTunnelAddr())
        .orElseThrow();
  }

  private static void awaitRoute(String node, String route) {
    eventually().untilAsserted(() -> assertThat(AgentCluster.routes(node)).contains(route));
  }

  private void setMode(EncapsulationMode vxlan) {
    IPPool pool = datastore.get(IPPool.KIND, Key.of("default-ipv4-ippool")).orElseThrow();
    assertThat(
            datastore.update(pool.withSpec(pool.spec().withModes(EncapsulationMode.NEVER, vxlan))))
        .isInstanceOf(WriteResult.Written.class);
  }

  @Test
  void blocksAndLentAddressesAreReachedThroughTheTunnelAndWithoutIt() throws Exception {
    eventually().until(() -> !ipam.ownBlocks(A).isEmpty() && !ipam.ownBlocks(B).isEmpty());
    Prefix ofB = blockOf(B);
    Address lent = ofB.address().plus(60);
    assertThat(
            ipam.assignAddress(
                    new AssignAddressRequest(
                        lent, A, IntendedUse.WORKLOAD, Optional.of("lent"), Map.of("node", A)))
                .addresses())
        .hasSize(1);

    awaitRoute(A, ofB + " via " + tunnelAddress(B) + " dev vxlan.calico proto 77 onlink");
    awaitRoute(B, lent + " via " + tunnelAddress(A) + " dev vxlan.calico proto 77 onlink");
    eventually().untilAsserted(() -> ping(A, tunnelAddress(B)));
    assertThat(AgentCluster.ip("netns", "exec", A, "ss", "-Hltn"))
        .noneMatch(line -> line.contains(":179 "));
    assertThat(cluster.status(A).path("sessions")).isEmpty();

    setMode(EncapsulationMode.NEVER);

    awaitRoute(A, ofB + " via 10.9.0.2 dev eth0 proto 77");
    awaitRoute(B, lent + " via 10.9.0.1 dev eth0 proto 77");
    cluster.awaitReady(A);
  }

  private static void ping(String from, Address to) throws Exception {
    var _ = AgentCluster.ip("netns", "exec", from, "ping", "-c", "1", "-W", "2", to.text());
  }

  /** What flannel calls host-gw: without encapsulation a node has to be on a link. */
  @Test
  void aNodeThatIsNotOnALinkIsToldInAConditionWhenNothingIsEncapsulated() throws Exception {
    assertThat(
            datastore.create(
                ResourceText.parse(
                        """
                        apiVersion: projectcalico.org/v3
                        kind: Node
                        metadata: {name: far}
                        spec: {bgp: {ipv4Address: 10.8.0.9/24}}
                        """,
                        "test")
                    .getFirst()
                    .resource()))
        .isInstanceOf(WriteResult.Written.class);
    AutoAssignRequest request =
        AutoAssignRequest.of("far", IntendedUse.WORKLOAD).withCounts(1, 0).withHandle("pod-far");
    assertThat(ipam.autoAssign(request).addresses()).hasSize(1);
    String block = blockOf("far").toString();
    setMode(EncapsulationMode.NEVER);

    awaitCondition("NextHopUnreachable", block + ": next hop 10.8.0.9 cannot be reached: no route");

    AgentCluster.ip("-n", A, "route", "add", "default", "via", "10.9.0.2");

    awaitCondition(
        "BlocksUnreachable",
        block + " via 10.8.0.9 is behind gateway 10.9.0.2, which does not speak BGP");
    awaitRoute(A, block + " via 10.9.0.2 dev eth0 proto 77");
  }

  private void awaitCondition(String reason, String message) {
    eventually()
        .untilAsserted(
            () ->
                assertThat(datastore.get(Node.KIND, Key.of(A)).orElseThrow().status().conditions())
                    .anySatisfy(
                        condition -> {
                          assertThat(condition.type()).isEqualTo("BlocksReachable");
                          assertThat(condition.status()).isEqualTo("False");
                          assertThat(condition.reason()).isEqualTo(reason);
                          assertThat(condition.message()).contains(message);
                        }));
  }
}
