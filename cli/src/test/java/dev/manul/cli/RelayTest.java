package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is asked by a program beside it, here a process of its own. */
class RelayTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  private RelayLine relay() {
    return new RelayLine(
        "on node b",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            RelayCommand.NAME),
        Map.of("MANUL_RUN_DIR", directory.resolve("run").toString()));
  }

  private static RelayLine shell(String script) {
    return new RelayLine("on node b", List.of("/bin/sh", "-c", script), Map.of());
  }

  @Test
  void manyRequestsShareOneProgram() throws Exception {
    String body = "{\"text\": \"" + "äx".repeat(100_000) + "\"}";
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(body), true);
        RelayLine relay = relay();
        ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
      AgentClient client = new AgentClient(relay, LIMIT);
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        answers.add(askers.submit(() -> client.get("/v1/status")));
      }
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo(body);
      }
      ByteArrayOutputStream downloaded = new ByteArrayOutputStream();
      client.download("/v1/bgp/mrt", downloaded);
    }
  }

  @Test
  void anAnswerIsPassedOnAsItComes() throws IOException {
    String chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    try (FakeAgent _ = new FakeAgent(directory, chunked, false);
        RelayLine relay = relay()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      new AgentClient(relay, LIMIT).download("/v1/bgp/mrt", out);
      assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("abcde");
      assertThat(new AgentClient(relay, LIMIT).get("/v1/status")).isEqualTo("abcde");
    }
  }

  @Test
  void anAgentThatIsNotThereIsNamedByItsNode() {
    try (RelayLine relay = relay()) {
      AgentClient client = new AgentClient(relay, LIMIT);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> client.get("/v1/status"))
            .isInstanceOf(CommandFailure.class)
            .hasMessageStartingWith("the agent does not answer on node b: ");
      }
    }
  }

  @Test
  void whyAProgramHasEndedIsTold() {
    try (RelayLine gone = shell("echo first >&2; echo 'pods \"b\" not found' >&2; exit 1")) {
      assertThatThrownBy(() -> new AgentClient(gone, LIMIT).get("/v1/status"))
          .hasMessage(
              "the agent does not answer on node b: /bin/sh has ended: pods \"b\" not found");
    }
    try (RelayLine none = new RelayLine("on node b", List.of("/no/kubectl"), Map.of())) {
      assertThatThrownBy(() -> new AgentClient(none, LIMIT).get("/v1/status"))
          .hasMessage("the agent does not answer on node b: /no/kubectl is not there");
    }
    try (RelayLine dies = shell("printf '\\0\\0\\0\\0\\0\\0\\0\\0'; read -r _; echo killed >&2")) {
      assertThatThrownBy(() -> new AgentClient(dies, LIMIT).get("/v1/status\n"))
          .hasMessage("the agent does not answer on node b: /bin/sh has ended: killed");
    }
  }

  @Test
  void filesHaveNoNodesToBeAskedThroughAnApi() {
    Ran.apply(directory, Samples.NODES);
    assertThat(Ran.of(directory, "node", "status", "--node=b").errLines())
        .containsExactly(
            "--node asks through the Kubernetes API, and the datastore is one of files; run the"
                + " command on node b");
    assertThat(Ran.of(directory, "bgp", "peers", "--node=b", "--socket=/x").errLines())
        .containsExactly("--socket and --node name two agents; give one only");
  }
}
