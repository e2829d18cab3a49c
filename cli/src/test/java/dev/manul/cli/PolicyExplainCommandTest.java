package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.model.FlowExplanation;
import dev.manul.model.FlowExplanation.Half;
import dev.manul.model.FlowExplanation.Line;
import dev.manul.model.FlowExplanation.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyExplainCommandTest {
  private static final Half ELSEWHERE =
      new Half(
          "egress", "10.244.84.129", "", "elsewhere", "", List.of(), "", "", "", "", List.of());

  @TempDir Path directory;

  @BeforeEach
  void twoPods() {
    Ran.apply(directory, Samples.ENDPOINTS);
  }

  private static Half ingress(String verdict) {
    return new Half(
        "ingress",
        "10.244.85.1",
        "WorkloadEndpoint default/node--2-k8s-web-eth0",
        verdict,
        "rule 2 of ingress of NetworkPolicy default/web",
        List.of(
            new Step(
                "default",
                "StagedNetworkPolicy default/soon",
                true,
                "rule 1 of ingress would deny"),
            new Step("default", "NetworkPolicy default/web", false, "rule 2 of ingress denies")),
        "nft",
        "filter",
        "manul-pi-np/default/web",
        "manul-tw-cali11111111111",
        List.of(new Line(3, "-A manul-pi-np/default/web -p 6 -j DROP", 12, 720)));
  }

  private static String answer(Half egress, Half ingress) throws IOException {
    return FakeAgent.ok(
        new ObjectMapper()
            .writeValueAsString(
                new FlowExplanation(
                    "node-2",
                    egress.address(),
                    ingress.address(),
                    "TCP",
                    80,
                    "undecided",
                    List.of(egress, ingress))));
  }

  private Ran explain(String answer, String... more) throws IOException {
    String[] command = {"policy", "explain", "--from", "kube-system/coredns", "--to", "web"};
    String[] all = new String[command.length + more.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    try (FakeAgent _ = new FakeAgent(directory, answer, false)) {
      return Ran.of(directory, all);
    }
  }

  @Test
  void theVerdictIsFirstThenEachHalf() throws IOException {
    Ran ran = explain(answer(ELSEWHERE, ingress("denied")), "--port", "80");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .isEqualTo(
            """
            Denied: kube-system/coredns (10.244.84.129) -> default/web (10.244.85.1), TCP port 80

            Egress of kube-system/coredns: decided elsewhere
              node node-1 decides; run the same command there

            Ingress of default/web: denied
              by rule 2 of ingress of NetworkPolicy default/web
              asked:
                tier default, StagedNetworkPolicy default/soon (staged): rule 1 of ingress would deny
                tier default, NetworkPolicy default/web: rule 2 of ingress denies
              iptables (nft, table filter), from chain manul-tw-cali11111111111:
                -A manul-pi-np/default/web -p 6 -j DROP
                  rule 3 of its chain, 12 packets, 720 bytes
            """);
    assertThat(ran.code()).isEqualTo(ExitCode.DENIED);
  }

  @Test
  void whatAnotherNodeDecidesIsNotAllowedYet() throws IOException {
    Ran ran = explain(answer(ELSEWHERE, ingress("allowed")), "--port", "80");
    assertThat(ran.out()).startsWith("Not decided on this node alone: kube-system/coredns ");
    assertThat(ran.code()).isEqualTo(ExitCode.UNDECIDED);
  }

  @Test
  void anAddressOutsideTheClusterHasNoPolicy() throws IOException {
    String answer = answer(ELSEWHERE, ingress("allowed"));
    try (FakeAgent _ = new FakeAgent(directory, answer, false)) {
      Ran ran =
          Ran.of(
              directory,
              "policy",
              "explain",
              "--from",
              "192.0.2.1",
              "--to",
              "10.244.85.1",
              "--port",
              "80");
      assertThat(ran.out())
          .startsWith("Allowed: 192.0.2.1")
          .contains("Egress of 192.0.2.1: nothing to ask")
          .contains("Ingress of default/web: allowed");
      assertThat(ran.code()).isZero();
    }
  }

  @Test
  void jsonHasTheWholeAnswer() throws IOException {
    Ran ran = explain(answer(ELSEWHERE, ingress("allowed")), "--port", "80", "-o", "json");
    JsonNode json = new ObjectMapper().readTree(ran.out());
    assertThat(json.at("/verdict").textValue()).isEqualTo("undecided");
    assertThat(json.at("/from/node").textValue()).isEqualTo("node-1");
    assertThat(json.at("/halves/1/lines/0/packets").intValue()).isEqualTo(12);
  }

  @Test
  void whatIsWrongIsOneLine() throws IOException {
    Ran noPort = explain(answer(ELSEWHERE, ELSEWHERE));
    assertThat(noPort.errLines()).containsExactly("--port is needed with TCP");
    assertThat(noPort.code()).isEqualTo(ExitCode.USAGE);
    Ran noPod =
        Ran.of(directory, "policy", "explain", "--from", "gone", "--to", "web", "--port", "80");
    assertThat(noPod.errLines())
        .singleElement()
        .asString()
        .startsWith("no pod default/gone with a network of its own");
    assertThat(noPod.code()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void whatTheAgentRefusesIsOneLine() throws IOException {
    String refused =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 29\r\n\r\n{\"error\":\"port: is no number\"}";
    Ran bad = explain(refused, "--port", "80");
    assertThat(bad.err()).contains("the agent refuses: ").contains("port: is no number");
    assertThat(bad.code()).isEqualTo(ExitCode.FAILED);
  }
}
