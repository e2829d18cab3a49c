package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.model.AgentStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStatusCommandTest {
  @TempDir Path directory;

  private static AgentStatus status(boolean ready) {
    return new AgentStatus(
        "worker",
        "v0.1.0",
        "2026-03-01T09:13:50Z",
        ready,
        List.of(
            new AgentStatus.Condition(
                "Ready", ready, ready ? "InSync" : "BgpDown", "no peer is up"),
            new AgentStatus.Condition("BlocksReachable", true, "AllDirect", "")),
        List.of(
            new AgentStatus.StartupStep("datastore", "done", 12, ""),
            new AgentStatus.StartupStep("bgp", "waiting", 340, "End-of-RIB of 10.0.0.1")),
        List.of(
            new AgentStatus.Session(
                "10.0.0.12",
                "node-to-node mesh",
                "up",
                "2026-03-01T09:14:02.123Z",
                "Established",
                "10.0.0.11",
                64512,
                64512,
                3,
                2,
                0),
            new AgentStatus.Session(
                "10.0.0.1:1790",
                "global",
                "start",
                "2026-02-28T23:59:59Z",
                "Active Connection refused",
                "10.0.0.11",
                64512,
                65001,
                0,
                0,
                7)),
        new AgentStatus.Routes(
            5, 4, 1, "2026-03-01T11:59:00Z", List.of("10.1.0.0/26: EINVAL"), List.of()),
        new AgentStatus.Policy("nft", true, 2, 3, 4, 1, "2026-03-01T11:58:00Z", 2345),
        List.of(
            new AgentStatus.Encapsulation("ipip", false, "operation not supported (EOPNOTSUPP)"),
            new AgentStatus.Encapsulation("vxlan", true, "")),
        List.of(new AgentStatus.Carried("manul-udp", 70_000, 69_998, 1, 2, 3, 4)));
  }

  private static String json(AgentStatus status) throws IOException {
    return new ObjectMapper().writeValueAsString(status);
  }

  @Test
  void showsBothFamiliesInTables() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(json(status(true))), false)) {
      Ran ran = Ran.of(directory, "node", "status");
      assertThat(ran.out())
          .isEqualTo(
              """
              Manul process is running.

              IPv4 BGP status
              +---------------+-------------------+-------+------------+---------------------------+
              | PEER ADDRESS  |     PEER TYPE     | STATE |   SINCE    |           INFO            |
              +---------------+-------------------+-------+------------+---------------------------+
              | 10.0.0.12     | node-to-node mesh | up    | 09:14:02   | Established               |
              | 10.0.0.1:1790 | global            | start | 2026-02-28 | Active Connection refused |
              +---------------+-------------------+-------+------------+---------------------------+

              IPv6 BGP status
              No IPv6 peers found.

              """);
      assertThat(ran.err()).isEmpty();
      assertThat(ran.code()).isZero();
    }
  }

  @Test
  void wideShowsBothEndsAndTheAgent() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(json(status(true))), true)) {
      assertThat(Ran.of(directory, "node", "status", "-o", "wide").out())
          .contains("| PEER AS | LOCAL ADDRESS | LOCAL AS | RECEIVED | ADVERTISED | FLAPS |")
          .contains("|   65001 | 10.0.0.11     |    64512 |        0 |          0 |     7 |")
          .contains(
              """
              Agent
              NODE     VERSION   STARTED    READY
              worker   v0.1.0    09:13:50   yes

              Start
              STEP        STATE     MS    WAITS FOR
              datastore   done      12
              bgp         waiting   340   End-of-RIB of 10.0.0.1

              Conditions
              TYPE              STATUS   REASON      MESSAGE
              Ready             True     InSync      no peer is up
              BlocksReachable   True     AllDirect

              Routes
              DESIRED   INSTALLED   REPAIRED   FAILING   LAST FULL CHECK
              5         4           1          1         11:59:00

              failing: 10.1.0.0/26: EINVAL
              Policy
              BACKEND   IN FORCE   ENDPOINTS   POLICIES   SETS   REPAIRED   LAST CHANGE MS   LAST FULL CHECK
              nft       yes        2           3          4      1          2.3              11:58:00

              Encapsulations of this kernel
              NAME    AVAILABLE   PROBLEM
              ipip    no          operation not supported (EOPNOTSUPP)
              vxlan   yes

              Packets carried in UDP
              DEVICE      SENT    RECEIVED   NO NODE   UNKNOWN SENDER   MALFORMED   REFUSED
              manul-udp   70000   69998      1         2                3           4
              """);
    }
  }

  @Test
  void jsonIsTheWholeStatus() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(json(status(true))), false)) {
      Ran ran = Ran.of(directory, "node", "status", "-o", "json");
      assertThat(new ObjectMapper().readValue(ran.out(), AgentStatus.class))
          .isEqualTo(status(true));
    }
  }

  @Test
  void anUnreadyNodeIsAFailureWithItsReason() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(json(status(false))), false)) {
      Ran ran = Ran.of(directory, "node", "status");
      assertThat(ran.code()).isEqualTo(1);
      assertThat(ran.err()).isEqualTo("node worker is not ready: no peer is up\n");
      assertThat(ran.out()).startsWith("Manul process is running.");
    }
  }

  @Test
  void readsChunkedAnswers() throws IOException {
    String body = json(status(true));
    String answer =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            + "a;x=y\r\n"
            + body.substring(0, 10)
            + "\r\n"
            + Integer.toHexString(body.length() - 10)
            + "\r\n"
            + body.substring(10)
            + "\r\n0\r\n\r\n";
    try (FakeAgent _ = new FakeAgent(directory, answer, false)) {
      assertThat(Ran.of(directory, "node", "status", "-o", "json").out().strip()).isEqualTo(body);
    }
  }

  @Test
  void anIpv6PeerIsInItsOwnTable() throws IOException {
    String body =
        """
        {"node":"n","ready":true,"sessions":[{"peerAddress":"[2001:db8::1]:1790","info":"Idle"}]}
        """;
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(body), false)) {
      assertThat(Ran.of(directory, "node", "status").out())
          .contains("IPv4 BGP status\nNo IPv4 peers found.\n")
          .contains("| [2001:db8::1]:1790 |");
    }
  }

  @Test
  void anAgentThatIsAwayIsOneLineWithTheSocket() {
    Ran ran = Ran.of(directory, "node", "status");
    assertThat(ran.code()).isEqualTo(3);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.errLines())
        .singleElement()
        .asString()
        .startsWith("the agent does not answer on " + directory.resolve("run/agent.sock") + ": ")
        .endsWith("; is manul-agent running?");
  }

  @Test
  void anAnswerThatIsNotUnderstoodIsOneLine() throws IOException {
    for (String answer :
        List.of(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            "SSH-2.0-OpenSSH\r\n\r\n",
            FakeAgent.ok("[1]"),
            FakeAgent.ok("{"))) {
      Path own = directory.resolve("a" + Math.floorMod(answer.hashCode(), 10_000));
      try (FakeAgent _ = new FakeAgent(own, answer, true)) {
        Ran ran = Ran.of(own, "node", "status");
        assertThat(ran.code()).as(answer).isEqualTo(3);
        assertThat(ran.errLines()).as(answer).hasSize(1);
      }
    }
  }

  @Test
  void anAgentThatHangsIsGivenUp() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, "", false)) {
      Ran ran = Ran.of(directory, "node", "status", "--timeout", "1");
      assertThat(ran.code()).isEqualTo(3);
      assertThat(ran.err()).contains("no answer within 1000 ms");
    }
  }

  @Test
  void versionAsksTheAgent() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, FakeAgent.ok(json(status(true))), false)) {
      Ran ran = Ran.of(directory, "version");
      assertThat(ran.out()).matches("Client Version:    v\\d\\S*\nAgent Version:     v0.1.0\n");
      assertThat(ran.code()).as("there is no datastore").isEqualTo(1);
      assertThat(ran.err()).startsWith("Unable to detect installed version: the datastore ");
      assertThat(
              new ObjectMapper()
                  .readTree(Ran.of(directory, "version", "-o", "json").out())
                  .get("agentVersion")
                  .textValue())
          .isEqualTo("v0.1.0");
    }
    Ran.apply(directory, Samples.POOL);
    assertThat(Ran.outputOf(directory, "version"))
        .endsWith("\nCluster Version:   unknown\nCluster Type:      unknown\n");
    Ran away = Ran.of(directory, "version", "--client");
    assertThat(away.code()).isZero();
    assertThat(away.out()).matches("Client Version:    v\\d\\S*\n");
  }
}
