package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.Condition;
import dev.manul.model.Key;
import dev.manul.model.Node;
import dev.manul.routes.Encapsulation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel of this machine can wrap packets in, whatever that is, and what comes of it. */
class EncapsulationIT {

  private static final String NODE = "mnen-a";

  @TempDir private Path directory;

  /** Whether {@code ip} gets a device of a kind, in a namespace of its own. */
  private static boolean makes(String... type) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("unshare", "--net", "ip", "link", "add", "p", "type"));
    command.addAll(List.of(type));
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }

  @Test
  void whatIsTriedIsWhatOthersGetToo() throws Exception {
    boolean ipip = makes("ipip", "remote", "192.0.2.1");
    boolean vxlan = makes("vxlan", "id", "1", "dstport", "4789");

    assertThat(Encapsulation.probe())
        .extracting(Encapsulation::name, one -> one.problem().isEmpty())
        .containsExactly(tuple("ipip", ipip), tuple("vxlan", vxlan));
  }

  /** A node whose kernel has no IP-in-IP says so, and offers no other node its tunnel. */
  @Test
  void aPoolInIpipMakesANodeReadyOnlyWhereTheKernelHasIt() throws Exception {
    boolean ipip = makes("ipip", "remote", "192.0.2.1");
    try (AgentCluster cluster = new AgentCluster(directory, List.of(NODE))) {
      cluster.start(NODE, Map.of("CALICO_IPV4POOL_IPIP", "Always"));

      await()
          .atMost(AgentCluster.PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                JsonNode status = cluster.status(NODE);
                JsonNode ready = status.path("conditions").path(0);
                assertThat(ready.path("type").asText()).isEqualTo("Ready");
                assertThat(ready.path("status").asBoolean()).isEqualTo(ipip);
                assertThat(ready.path("reason").asText())
                    .isEqualTo(ipip ? "InSync" : "TunnelDeviceMissing");
                assertThat(ready.path("message").asText()) // with the kernel's own words within
                    .matches(
                        ipip
                            ? ""
                            : "device tunl0 is not there and could not be created: operation not"
                                + " supported \\(EOPNOTSUPP\\).*; load the kernel's module ipip,"
                                + " or set the pool's ipipMode to Never");
                JsonNode first = status.path("encapsulations").path(0);
                assertThat(first.path("name").asText()).isEqualTo("ipip");
                assertThat(first.path("available").asBoolean()).isEqualTo(ipip);
              });
      try (Datastore datastore = FileDatastore.open(cluster.datastore())) {
        await()
            .atMost(AgentCluster.PATIENCE)
            .untilAsserted(
                () -> {
                  Node node = datastore.get(Node.KIND, Key.of(NODE)).orElseThrow();
                  Condition condition =
                      node.status().conditions().stream()
                          .filter(one -> one.type().equals("EncapsulationAvailable"))
                          .findFirst()
                          .orElseThrow();
                  assertThat(condition.status()).isEqualTo(ipip ? "True" : "False");
                  assertThat(condition.message().contains("module ipip")).isEqualTo(!ipip);
                  assertThat(node.spec().bgp().orElseThrow().ipv4IPIPTunnelAddr().isPresent())
                      .isEqualTo(ipip);
                });
      }
    }
  }
}
