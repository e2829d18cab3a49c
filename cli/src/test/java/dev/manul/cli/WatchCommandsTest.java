package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.model.ClusterInformation;
import dev.manul.model.Metadata;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code top}, {@code status --watch} and {@code pool mode --watch}. */
class WatchCommandsTest {
  /** An agent that answers every question at once. */
  private static final String AGENT =
      """
      {"node": "node-1", "version": "v0.1.0", "ready": true,
       "routes": {"desired": 5, "installed": 4, "repaired": 1},
       "settled": %s, "waiting": [],
       "pools": [{"name": "default-ipv4-ippool", "ipipMode": "%s", "vxlanMode": "Never"}],
       "neighbors": [
         {"address": "10.0.0.12", "state": "Established", "since": "2026-03-01T11:59:00Z",
          "prefixesReceived": 3, "prefixesAdvertised": 1, "messagesIn": 10, "messagesOut": 9,
          "updatesIn": 4, "updatesOut": 3},
         {"address": "10.0.0.13", "state": "Active", "since": "2026-03-01T11:59:30Z",
          "prefixesReceived": 0, "prefixesAdvertised": 0, "messagesIn": 0, "messagesOut": 0}]}
      """;

  @TempDir Path directory;

  @BeforeEach
  void aPoolAndTwoNodes() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES);
  }

  private FakeAgent agent(String settled, String mode) throws IOException {
    return new FakeAgent(directory, FakeAgent.ok(AGENT.formatted(settled, mode)), false);
  }

  @Test
  void topHasNodesAndSessions() throws IOException {
    try (FakeAgent _ = agent("true", "Never")) {
      String out = Ran.outputOf(directory, "top", "--once", "--interval", "0.05");
      assertThat(out)
          .isEqualTo(
              """
              NODE     READY   SESSIONS   ROUTES   REPAIRED   UPDATES IN/S   OUT/S
              node-1   yes     1/2        4/5      1          0.0            0.0

              NODE     PEER        STATE         SINCE      RECEIVED   ADVERTISED   IN/S   OUT/S
              node-1   10.0.0.12   Established   00:01:00   3          1            0.0    0.0
              node-1   10.0.0.13   Active        00:00:30   0          0            0.0    0.0
              """);
    }
  }

  @Test
  void topForProgramsIsOneLineALook() throws IOException {
    try (FakeAgent _ = agent("true", "Never")) {
      String out =
          Ran.outputOf(directory, "top", "--count", "2", "--interval", "0.05", "-o", "json");
      List<String> lines = out.lines().toList();
      assertThat(lines).hasSize(2);
      JsonNode node = new ObjectMapper().readTree(lines.getFirst()).at("/nodes/0");
      assertThat(node.at("/sessionsUp").intValue()).isEqualTo(1);
      assertThat(node.at("/peers/1/state").textValue()).isEqualTo("Active");
    }
  }

  @Test
  void topWithoutAnAgentIsExitCode3() {
    Ran ran = Ran.of(directory, "top", "--once");
    assertThat(ran.code()).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(ran.errLines()).singleElement().asString().contains("does not answer");
  }

  @Test
  void ratesAreOfTheTimeBetween() {
    NodeSample before = sample(10, 0);
    NodeSample now = sample(40, 2_000_000_000L);
    assertThat(now.rate(before, "10.0.0.12", "messagesIn")).isEqualTo(15.0);
    assertThat(before.rate(now, "10.0.0.12", "messagesIn")).as("never negative").isZero();
    assertThat(now.rate(before, "10.0.0.99", "messagesIn")).isZero();
  }

  private static NodeSample sample(int messages, long nanos) {
    return new NodeSample(
        AgentReader.read("{\"node\": \"node-1\"}"),
        List.<Map<?, ?>>of(Map.of("address", "10.0.0.12", "messagesIn", messages)),
        nanos);
  }

  @Test
  void statusIsShownAgainWhenItChanges() {
    Ran ran = Ran.of(directory, "status", "--watch", "--count", "1", "-o", "json");
    assertThat(ran.out().lines()).hasSize(1);
    assertThat(ran.out()).startsWith("{\"nodes\":{\"count\":2,");
  }

  @Test
  void aPolledVersionIsToldWhenItChanges() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(
                "MANUL_DATASTORE_PATH",
                directory.resolve("store").toString(),
                "MANUL_RUN_DIR",
                directory.resolve("run").toString()),
            Ran.CLOCK);
    ExecutorService runner = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> code =
          runner.submit(() -> Main.run(new String[] {"version", "--poll=20ms"}, terminal));
      await().until(() -> out.toString(StandardCharsets.UTF_8).contains("Cluster Type:"));
      version("v3.1");
      await().until(() -> out.toString(StandardCharsets.UTF_8).contains("v3.1"));
      version("v3.2");
      await().until(() -> out.toString(StandardCharsets.UTF_8).contains("v3.2"));
      runner.shutdownNow(); // as an interrupt from the keyboard would end it
      assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
    } finally {
      runner.shutdownNow();
    }
    assertThat(out.toString(StandardCharsets.UTF_8).lines().skip(1))
        .containsExactly(
            "Cluster Version:   unknown",
            "Cluster Type:      unknown",
            "Cluster Version:   v3.1",
            "Cluster Version:   v3.2");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  /** Says what agents of a version say of the cluster. */
  private void version(String version) {
    try (FileDatastore store = FileDatastore.open(directory.resolve("store"))) {
      ClusterInformation information =
          new ClusterInformation(
              Metadata.named(ClusterInformation.DEFAULT_NAME),
              new ClusterInformation.Spec("guid", "", version, true, ClusterInformation.VARIANT));
      if (!(store.create(information) instanceof WriteResult.Written<ClusterInformation>)) {
        var _ = store.update(information);
      }
    }
  }

  @Test
  void aPoolsModeIsFollowed() throws IOException {
    try (FakeAgent _ = agent("true", "CrossSubnet")) {
      Ran ran =
          Ran.of(
              directory, "pool", "mode", "default-ipv4-ippool", "--ipip", "CrossSubnet", "--watch");
      assertThat(ran.errLines())
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("2 nodes, 1 of them can be asked"),
              line ->
                  assertThat(line).matches("node node-1 has converged after .* s \\(1 of 1\\)"));
      assertThat(ran.out())
          .startsWith("Successfully set IPPool default-ipv4-ippool to ipipMode CrossSubnet")
          .contains("node-1   converged\n", "node-2   cannot be asked from here; it publishes no");
      assertThat(ran.code()).as("node-2 cannot be asked").isEqualTo(ExitCode.UNDECIDED);
    }
  }

  @Test
  void aNodeThatDoesNotFollowIsExitCode7() throws IOException {
    try (FakeAgent _ = agent("true", "Always")) {
      assertThat(follow()).isEqualTo("has not heard of the change yet");
    }
  }

  @Test
  void aNodeWhoseRoutesAreNotThereIsExitCode7() throws IOException {
    try (FakeAgent _ = agent("false", "CrossSubnet")) {
      assertThat(follow()).isEqualTo("its routes are not in the kernel yet");
    }
  }

  private String follow() throws IOException {
    Ran ran =
        Ran.of(
            directory,
            "pool",
            "mode",
            "default-ipv4-ippool",
            "--ipip",
            "CrossSubnet",
            "--watch",
            "--timeout",
            "0",
            "-o",
            "json");
    assertThat(ran.code()).isEqualTo(ExitCode.NOT_CONVERGED);
    return new ObjectMapper().readTree(ran.out()).at("/nodes/node-1").textValue();
  }
}
