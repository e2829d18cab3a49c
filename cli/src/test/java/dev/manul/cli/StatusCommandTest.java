package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
  private static final String AGENT =
      """
      {"node": "node-1", "version": "v0.1.0", "ready": %s, "conditions": [],
       "sessions": [{"peerAddress": "10.0.0.12", "state": "up"},
                    {"peerAddress": "10.0.0.13", "state": "start"}],
       "routes": {"desired": 5, "installed": 4}}
      """;

  @TempDir Path directory;

  @BeforeEach
  void store() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES + "---\n" + Samples.ENDPOINTS);
    reported("node-1", "True", "RoutesResolved");
    reported("node-2", "True", "RoutesResolved");
  }

  private void reported(String node, String status, String reason) {
    String condition = "{type: BlocksReachable, status: '" + status + "', reason: " + reason + "}";
    String patch = "{status: {conditions: [" + condition + "]}}";
    assertThat(Ran.of(directory, "patch", "node", node, "-p", patch).code()).isZero();
  }

  @Test
  void aClusterThatIsWell() {
    assertThat(Ran.of(directory, "status"))
        .isEqualTo(
            new Ran(
                0,
                """
                Nodes:      2, 2 of them well
                Pools:      1
                            default-ipv4-ippool 10.244.0.0/16: 0 of 65536 addresses in use
                BGP:        AS 64512, node-to-node mesh, 0 BGPPeer
                Endpoints:  2
                Policies:   0 NetworkPolicy, 0 GlobalNetworkPolicy, 0 KubernetesNetworkPolicy
                This node:  no agent on %s
                """
                    .formatted(directory.resolve("run/agent.sock")),
                ""));
  }

  @Test
  void aNodeThatIsNot() {
    reported("node-2", "False", "BlocksUnreachable");
    Ran ran = Ran.of(directory, "status");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out())
        .startsWith(
            """
            Nodes:      2, 1 of them well
                        node-2: BlocksReachable is False: BlocksUnreachable
            """);
    Ran.apply(directory, Samples.NODES.replace("node-2", "node-3"));
    assertThat(Ran.of(directory, "status").out())
        .contains("Nodes:      3, 1 of them well\n", "  node-3: its agent has not reported yet\n");
  }

  @Test
  void theAgentHere() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(AGENT.formatted("true")), true)) {
      Ran ran = Ran.of(directory, "status");
      assertThat(ran.code()).isZero();
      assertThat(ran.out())
          .endsWith(
              "This node:  node-1, v0.1.0, ready; 1 of 2 BGP sessions up; 4 of 5 routes installed\n");
    }
  }

  @Test
  void anAgentThatIsNotReady() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(AGENT.formatted("false")), true)) {
      Ran ran = Ran.of(directory, "status", "-o", "json");
      assertThat(ran.code()).isEqualTo(1);
      JsonNode tree = new ObjectMapper().readTree(ran.out());
      assertThat(tree.path("agent").path("ready").booleanValue()).isFalse();
      assertThat(tree.path("nodes").path("count").intValue()).isEqualTo(2);
      assertThat(tree.path("pools").path(0).path("total").intValue()).isEqualTo(65536);
    }
  }
}
