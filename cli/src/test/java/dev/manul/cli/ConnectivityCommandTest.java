package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectivityCommandTest {
  private static final String AGENT =
      """
      {"node": "%s", "hops": [
        {"name": "kernel-route", "direction": "there", "status": "%s", "summary": "a route"},
        {"name": "probe", "direction": "there", "status": "%s", "summary": "tried"}]}
      """;

  @TempDir Path directory;

  @BeforeEach
  void twoPods() {
    Ran.apply(directory, Samples.ENDPOINTS);
  }

  private FakeAgent agent(Path where, String node, String route, String probe) throws IOException {
    return new FakeAgent(where, FakeAgent.ok(AGENT.formatted(node, route, probe)), false);
  }

  private Ran test(String... more) {
    String[] command = {
      "connectivity", "test", "--agent", directory.resolve("other/run").toString()
    };
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(more));
    if (!all.contains("--wait")) {
      all.addAll(List.of("--wait", "0"));
    }
    return Ran.of(directory, all.toArray(String[]::new));
  }

  @Test
  void everyPathIsTried() throws IOException {
    try (FakeAgent _ = agent(directory, "node-1", "ok", "ok");
        FakeAgent _ = agent(directory.resolve("other"), "node-2", "ok", "ok")) {
      Ran ran = test();
      assertThat(ran.errLines()).containsExactly("2 pods, 2 paths");
      assertThat(ran.out()).isEqualTo("2 paths (ICMP): 2 reached, 0 failed, 0 not tried\n");
      assertThat(ran.code()).isZero();
    }
  }

  @Test
  void aPathThatFailsIsTraced() throws IOException {
    try (FakeAgent _ = agent(directory, "node-1", "broken", "broken");
        FakeAgent _ = agent(directory.resolve("other"), "node-2", "ok", "ok")) {
      Ran ran = test("-o", "json");
      assertThat(ran.errLines())
          .containsExactly("2 pods, 2 paths", "tracing kube-system/coredns to default/web");
      JsonNode tree = new ObjectMapper().readTree(ran.out());
      assertThat(tree.at("/failed").intValue()).isEqualTo(1);
      assertThat(tree.at("/paths/1/broken/hop").textValue()).isEqualTo("kernel-route");
      assertThat(ran.code()).isEqualTo(ExitCode.BROKEN);
    }
  }

  /** An agent hears of a pod that has just been attached a moment later than who attached it. */
  @Test
  void anAgentThatDoesNotKnowThePodYetIsAskedAgain() throws IOException {
    String known = FakeAgent.ok(AGENT.formatted("node-1", "ok", "ok"));
    List<String> answers = List.of(known, FakeAgent.refused("neither is a pod of node-1"), known);
    try (FakeAgent _ = new FakeAgent(directory, answers, false);
        FakeAgent _ = agent(directory.resolve("other"), "node-2", "ok", "ok")) {
      Ran ran = test("--wait", "60");
      assertThat(ran.errLines())
          .containsExactly("2 pods, 2 paths", "paths that do not work yet, and are tried again: 1");
      assertThat(ran.out()).isEqualTo("2 paths (ICMP): 2 reached, 0 failed, 0 not tried\n");
      assertThat(ran.code()).isZero();
    }
  }

  @Test
  void aPathThatNobodyCanTryIsNotCountedAsReached() throws IOException {
    try (FakeAgent _ = agent(directory, "node-1", "ok", "ok")) {
      Ran ran = test();
      assertThat(ran.out())
          .startsWith("2 paths (ICMP): 1 reached, 0 failed, 1 not tried\n")
          .containsPattern(
              "default/web +kube-system/coredns +not tried +- +the agent of node node-2");
      assertThat(ran.code()).isEqualTo(ExitCode.UNDECIDED);
    }
  }

  @Test
  void withoutAgentsOrPodsThereIsNothingToTest() throws IOException {
    Ran ran = test();
    assertThat(ran.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.errLines()).singleElement().asString().startsWith("no agent can be asked: ");
    try (FakeAgent _ = agent(directory, "node-1", "ok", "ok")) {
      Ran one = Ran.of(directory, "connectivity", "test", "-n", "default");
      assertThat(one.code()).isEqualTo(ExitCode.FAILED);
      assertThat(one.errLines())
          .containsExactly(
              "there are fewer than two pods to test with; on a node with files --create makes"
                  + " some");
    }
  }
}
