package dev.manul.cni.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.manul.cni.host.HostProgram.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program against a stub of the agent, against none, and against one that misbehaves. */
class HostProgramIT {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LIMIT = 1 << 20;
  private static final String CONFIGURATION =
      "{\"cniVersion\":\"1.0.0\",\"name\":\"k8s-pod-network\",\"type\":\"manul\"}";
  private static final String VERSIONS =
      "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":"
          + "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}";

  @TempDir private Path directory;
  private Path socket;
  private Path queue;

  @BeforeEach
  void names() {
    socket = directory.resolve("cni.sock");
    queue = directory.resolve("state/cni/queue");
  }

  private Map<String, String> environment(String command) {
    Map<String, String> environment = new HashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", "c0ffee");
    environment.put("CNI_NETNS", "/run/netns/none");
    environment.put("CNI_IFNAME", "eth0");
    environment.put("MANUL_CNI_SOCKET", socket.toString());
    environment.put("MANUL_CNI_QUEUE", queue.toString());
    return environment;
  }

  private Outcome run(String command) throws IOException, InterruptedException {
    return run(environment(command), CONFIGURATION);
  }

  private static Outcome run(Map<String, String> environment, String input)
      throws IOException, InterruptedException {
    return HostProgram.run(environment, input.getBytes(StandardCharsets.UTF_8));
  }

  /** The frame that a request must make, of its variables in order and its input. */
  private static byte[] frame(String input, String... variables) {
    var body = new ByteArrayOutputStream();
    body.writeBytes("manul-cni/1\0".getBytes(StandardCharsets.UTF_8));
    for (String variable : variables) {
      body.writeBytes((variable + "\0").getBytes(StandardCharsets.UTF_8));
    }
    body.write(0);
    body.writeBytes(input.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.allocate(Integer.BYTES + body.size())
        .putInt(body.size())
        .put(body.toByteArray())
        .array();
  }

  private static void assertError(Outcome outcome, int code, String version) throws IOException {
    assertThat(outcome.status()).isEqualTo(1);
    JsonNode error = JSON.readTree(outcome.out());
    assertThat(error.path("code").asInt()).as(outcome.out()).isEqualTo(code);
    assertThat(error.path("cniVersion").asText()).isEqualTo(version);
    assertThat(error.path("msg").asText()).isNotBlank();
    assertThat(error.path("details").asText()).isNotBlank();
  }

  // ---- with an agent ---------------------------------------------------------------------------

  @Test
  void aRequestGoesToTheAgentAsItIs() throws IOException, InterruptedException {
    Map<String, String> environment = environment("ADD");
    environment.put("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=é");
    environment.put("CNI_PATH", "");
    environment.put("CNI_NETNS_OVERRIDE", "true");
    environment.put("CNI_OTHER", "not for the agent");
    String input = "{\"cniVersion\":\"1.1.0\",\0\u00ff broken";
    try (StubAgent agent = StubAgent.at(socket, _ -> StubAgent.frame(0, "{\"ips\":[]}\n"))) {
      Outcome outcome = run(environment, input);

      assertThat(agent.received())
          .isEqualTo(
              frame(
                  input,
                  "CNI_COMMAND=ADD",
                  "CNI_CONTAINERID=c0ffee",
                  "CNI_NETNS=/run/netns/none",
                  "CNI_IFNAME=eth0",
                  "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAME=é",
                  "CNI_PATH=",
                  "CNI_NETNS_OVERRIDE=true"));
      assertThat(outcome).isEqualTo(new Outcome(0, "{\"ips\":[]}\n", ""));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION"})
  void theAgentsWordIsFinalForEveryCommand(String command)
      throws IOException, InterruptedException {
    String error = "{\"cniVersion\":\"1.0.0\",\"code\":7,\"msg\":\"no\"}";
    try (var _ = StubAgent.at(socket, _ -> StubAgent.frame(1, error))) {
      assertThat(run(command)).isEqualTo(new Outcome(1, error, ""));
    }
    assertThat(queue).doesNotExist();
  }

  @Test
  void anEmptyAnswerIsOneToo() throws IOException, InterruptedException {
    try (var _ = StubAgent.at(socket, _ -> StubAgent.frame(0, ""))) {
      assertThat(run("DEL")).isEqualTo(new Outcome(0, "", ""));
    }
  }

  @Test
  void theLargestRequestAndAnswerPass() throws IOException, InterruptedException {
    int around = frame("", "CNI_COMMAND=STATUS", "MANUL").length - "MANUL".length() - 1;
    String input = " ".repeat(LIMIT + Integer.BYTES - around);
    String output = "x".repeat(LIMIT - 1);
    Map<String, String> environment = environment("STATUS");
    environment.keySet().removeAll(List.of("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"));
    try (StubAgent agent = StubAgent.at(socket, _ -> StubAgent.frame(0, output))) {
      assertThat(run(environment, input)).isEqualTo(new Outcome(0, output, ""));
      assertThat(agent.received()).hasSize(LIMIT + Integer.BYTES);
      assertError(run(environment, input + " "), 7, "1.1.0");
      assertThat(agent.heardNothing()).isTrue();
    }
  }

  @Test
  void tooLargeAnEnvironmentIsRefused() throws IOException, InterruptedException {
    Map<String, String> environment = environment("ADD");
    // The kernel takes at most 128 KiB a variable, which fits the limit: the input goes over it.
    environment.put("CNI_ARGS", "x".repeat(100_000));
    assertError(run(environment, " ".repeat(LIMIT - 100_000)), 7, "1.1.0");
  }

  // ---- the environment -------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "ADD    | CNI_COMMAND     |                   | CNI_COMMAND",
        "add    | CNI_IFNAME      | eth0              | CNI_COMMAND",
        "UPDATE | CNI_IFNAME      | eth0              | must be ADD, DEL, CHECK, GC, STATUS or VERSION",
        "ADD    | CNI_CONTAINERID |                   | CNI_CONTAINERID is not set",
        "DEL    | CNI_CONTAINERID |                   | CNI_CONTAINERID is not set",
        "CHECK  | CNI_CONTAINERID | ^^                | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | ../../etc         | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | a/b               | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | -a                | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | .a                | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | a b               | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | é                 | CNI_CONTAINERID",
        "ADD    | CNI_CONTAINERID | \"\\              | CNI_CONTAINERID",
        "ADD    | CNI_IFNAME      |                   | CNI_IFNAME is not set",
        "DEL    | CNI_IFNAME      |                   | CNI_IFNAME is not set",
        "DEL    | CNI_IFNAME      | ^^                | CNI_IFNAME",
        "DEL    | CNI_IFNAME      | .                 | CNI_IFNAME",
        "DEL    | CNI_IFNAME      | ..                | CNI_IFNAME",
        "DEL    | CNI_IFNAME      | a/b               | CNI_IFNAME",
        "DEL    | CNI_IFNAME      | eth0:1            | CNI_IFNAME",
        "DEL    | CNI_IFNAME      | e 0               | CNI_IFNAME",
        "DEL    | CNI_IFNAME      | sixteencharacter  | CNI_IFNAME",
        "ADD    | CNI_NETNS       |                   | CNI_NETNS is not set",
        "CHECK  | CNI_NETNS       | ^^                | CNI_NETNS is not set",
      })
  void aWrongEnvironmentIsCode4AndGoesNowhere(
      String command, String variable, String value, String complaint)
      throws IOException, InterruptedException {
    Map<String, String> environment = environment(command);
    if (value == null) {
      environment.remove(variable);
    } else {
      environment.put(variable, value);
    }
    try (StubAgent agent = StubAgent.at(socket, _ -> StubAgent.frame(0, ""))) {
      Outcome outcome = run(environment, CONFIGURATION);

      boolean unread = variable.equals("CNI_COMMAND");
      assertError(outcome, 4, unread ? "1.1.0" : "1.0.0");
      assertThat(JSON.readTree(outcome.out()).path("details").asText()).contains(complaint);
      assertThat(agent.heardNothing()).isTrue();
      assertThat(queue).doesNotExist();
    }
  }

  @Test
  void anIdIsAsLongAsAFilesNameAllows() throws IOException, InterruptedException {
    Map<String, String> environment = environment("DEL");
    environment.put("CNI_IFNAME", "fifteen-letters");
    environment.put("CNI_CONTAINERID", "a".repeat(200));
    assertThat(run(environment, CONFIGURATION).status()).isZero();
    assertThat(queue.resolve("a".repeat(200) + "-fifteen-letters.request")).isRegularFile();
    environment.put("CNI_CONTAINERID", "a".repeat(201));
    assertError(run(environment, CONFIGURATION), 4, "1.0.0");
  }

  @Test
  void aPersonIsToldWhatItIs() throws IOException, InterruptedException {
    Outcome outcome = run(Map.of(), "");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err())
        .startsWith("CNI plugin manul development\n")
        .contains("CNI protocol versions supported: 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n");
  }

  // ---- without an agent ------------------------------------------------------------------------

  /** A way for the agent to be away, and how the program tells of it. */
  record Absence(String name, UnaryOperator<byte[]> answer, String reason) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Absence> absences() {
    return Stream.of(
        new Absence("hangs up", _ -> new byte[0], "closed the connection"),
        new Absence("half a length", _ -> new byte[2], "closed the connection"),
        new Absence("no status", _ -> new byte[4], "an answer of 0 bytes"),
        new Absence("too long", _ -> new byte[] {0, 16, 0, 1}, "an answer of 1048577 bytes"),
        new Absence("negative", _ -> new byte[] {-1, -1, -1, -1, 0}, "bytes: must be"),
        new Absence("half an answer", _ -> new byte[] {0, 0, 0, 9, 0, '{'}, "closed"),
        new Absence("no such status", _ -> StubAgent.frame(2, "{}"), "exit status 2"),
        new Absence("silence", _ -> StubAgent.silence(), "no answer in time"));
  }

  @ParameterizedTest
  @MethodSource("absences")
  void anAgentThatDoesNotAnswerIsAway(Absence absence) throws IOException, InterruptedException {
    try (var _ = StubAgent.at(socket, absence.answer())) {
      Outcome add = run("ADD");
      assertError(add, 11, "1.0.0");
      assertThat(add.out()).contains(absence.reason()).contains(socket.toString());
      assertThat(run("DEL").status()).isZero();
      assertThat(queue.resolve("c0ffee-eth0.request")).isRegularFile();
    }
  }

  @Test
  void withoutASocketEveryCommandAnswersAtOnce() throws IOException, InterruptedException {
    awayAnswers();
  }

  @Test
  void withASocketThatNobodyHoldsEveryCommandAnswersAtOnce()
      throws IOException, InterruptedException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    awayAnswers();
  }

  private void awayAnswers() throws IOException, InterruptedException {
    assertError(run("ADD"), 11, "1.0.0");
    assertError(run("CHECK"), 11, "1.0.0");
    assertError(run("GC"), 11, "1.0.0");
    assertError(run("STATUS"), 50, "1.0.0");
    assertThat(run("VERSION")).isEqualTo(new Outcome(0, VERSIONS + "\n", ""));
    assertThat(queue).doesNotExist();
    Outcome deletion = run("DEL");
    assertThat(deletion.status()).isZero();
    assertThat(deletion.out()).isEmpty();
    assertThat(deletion.err()).contains("queued as").contains("c0ffee-eth0.request");
  }

  @Test
  void aDeletionIsQueuedAsTheFrameThatTheAgentWouldHaveGot()
      throws IOException, InterruptedException {
    Map<String, String> environment = environment("DEL");
    environment.remove("CNI_NETNS");
    assertThat(run(environment, CONFIGURATION).status()).isZero();
    assertThat(run(environment, CONFIGURATION).status()).isZero(); // the runtime asks again

    assertThat(files()).containsExactly("c0ffee-eth0.request");
    assertThat(Files.readAllBytes(queue.resolve("c0ffee-eth0.request")))
        .isEqualTo(
            frame(CONFIGURATION, "CNI_COMMAND=DEL", "CNI_CONTAINERID=c0ffee", "CNI_IFNAME=eth0"));
    assertThat(Files.getPosixFilePermissions(queue.resolve("c0ffee-eth0.request"))).hasSize(2);
    assertThat(Files.getPosixFilePermissions(queue)).hasSize(3);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(queue)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void aDeletionThatCannotBeQueuedFails() throws IOException, InterruptedException {
    Files.createDirectories(queue.getParent());
    Files.writeString(queue, "in the way");

    Outcome outcome = run("DEL");

    assertError(outcome, 5, "1.0.0");
    assertThat(outcome.out()).contains("Not a directory");
  }

  @Test
  void tooLongAPathOfTheSocketIsToldOf() throws IOException, InterruptedException {
    Map<String, String> environment = environment("ADD");
    environment.put("MANUL_CNI_SOCKET", "/" + "x".repeat(108));
    Outcome outcome = run(environment, CONFIGURATION);
    assertError(outcome, 11, "1.0.0");
    assertThat(outcome.out()).contains("more than 107 bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{\"cniVersion\":\"0.3.1\"}                                           | 0.3.1",
        "{ \"a\" : [ 1 , {\"cniVersion\":\"9\"} ] , \"cniVersion\" : \"0.4.0\" } | 0.4.0",
        "{\"cniVersion\":\"0.4.0\",\"broken                                    | 0.4.0",
        "{\"cniVersion\":\"0.4.0\",\"broken\":}                                | 0.4.0",
        "{\"plugins\":{\"cniVersion\":\"0.4.0\"}}                              | 1.1.0",
        "{\"x\":\"cniVersion\",\"y\":\"0.4.0\"}                                | 1.1.0",
        "{\"cniVersion\":1}                                                  | 1.1.0",
        "{\"cniVersion\":\"\"}                                                | 1.1.0",
        "{\"cniVersion\":\"1.0.0\\\"\"}                                        | 1.1.0",
        "{\"cniVersion\":\"1.0\\u0030\"}                                       | 1.1.0",
        "{\"cniVersion\":\"11111111111111111111111111111111\"}                | 1.1.0",
        "{\"cniVersion\":\"1.0                                                | 1.1.0",
        "{\"cniVersion\":                                                    | 1.1.0",
        "[\"cniVersion\",\"1.0.0\"]                                            | 1.1.0",
        "{                                                                   | 1.1.0",
        "^^                                                                  | 1.1.0",
      })
  void anErrorsVersionIsTheConfigurationsOrTheNewest(String configuration, String version)
      throws IOException, InterruptedException {
    assertError(run(environment("ADD"), configuration), 11, version);
  }

  @Test
  void depthHasALimit() throws IOException, InterruptedException {
    String deep = "[".repeat(100_000);
    assertError(run(environment("ADD"), "{\"a\":" + deep), 11, "1.1.0");
  }
}
