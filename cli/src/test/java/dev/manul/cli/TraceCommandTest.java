package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.model.NodeTrace;
import dev.manul.model.NodeTrace.Hop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceCommandTest {
  private static final Hop POD = hop("host-interface", "there", "ok", "cali0 is up", 1450);
  private static final Hop ROUTE = hop("kernel-route", "there", "ok", "a route", 0);
  private static final Hop BACK = hop("kernel-route", "back", "ok", "the way back", 0);
  private static final Hop PROBED = hop("probe", "there", "ok", "answered", 0);
  private static final Hop SILENT = hop("probe", "there", "broken", "no answer within 1 s", 0);

  @TempDir Path directory;

  @BeforeEach
  void twoPods() {
    Ran.apply(directory, Samples.ENDPOINTS);
  }

  private static Hop hop(String name, String direction, String status, String summary, int mtu) {
    return new Hop(name, direction, status, summary, mtu);
  }

  private static String answer(String node, Hop... hops) throws IOException {
    return FakeAgent.ok(
        new ObjectMapper()
            .writeValueAsString(
                new NodeTrace(node, "10.244.84.129", "10.244.85.1", List.of(hops))));
  }

  /** With an agent of node-1 here and one of node-2 brought here. */
  private Ran trace(String here, String there, String... more) throws IOException {
    Path other = directory.resolve("other");
    String[] command = {
      "trace", "kube-system/coredns", "web", "--agent", other.resolve("run").toString()
    };
    String[] all = new String[command.length + more.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    try (FakeAgent _ = new FakeAgent(directory, here, false);
        FakeAgent _ = new FakeAgent(other, there, false)) {
      return Ran.of(directory, all);
    }
  }

  @Test
  void bothNodesPartsInTheOrderOfTheWay() throws IOException {
    Ran ran =
        trace(
            answer("node-1", POD, ROUTE, BACK, PROBED),
            answer("node-2", hop("mtu", "there", "ok", "up to 1450", 1450), BACK),
            "--to-port",
            "80");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .isEqualTo(
            """
            Reaches
            kube-system/coredns (10.244.84.129, node node-1) -> default/web (10.244.85.1, node node-2), TCP port 80
            longest packet: 1450 octets

            There, on node node-1
              ok      host-interface    cali0 is up
              ok      kernel-route      a route

            There, on node node-2
              ok      mtu               up to 1450

            Back, on node node-2
              ok      kernel-route      the way back

            Back, on node node-1
              ok      kernel-route      the way back

            Tried
              ok      probe             answered
            """);
    assertThat(ran.code()).isZero();
  }

  @Test
  void theFirstBrokenHopIsNamed() throws IOException {
    Ran ran =
        trace(
            answer("node-1", POD, ROUTE, hop("kernel-route", "back", "broken", "later", 0), SILENT),
            answer("node-2", hop("policy", "there", "broken", "denied, ingress: a rule", 0)),
            "-o",
            "json");
    assertThat(ran.code()).isEqualTo(ExitCode.BROKEN);
    JsonNode tree = new ObjectMapper().readTree(ran.out());
    assertThat(tree.at("/verdict").textValue()).isEqualTo("broken");
    assertThat(tree.at("/broken/hop").textValue()).isEqualTo("policy");
    assertThat(tree.at("/broken/node").textValue()).isEqualTo("node-2");
    assertThat(tree.at("/hops")).hasSize(5);
  }

  @Test
  void whatOneNodeSendsMayBeTooLongForTheOther() throws IOException {
    Ran ran =
        trace(
            answer("node-1", POD, ROUTE),
            answer("node-2", hop("tunnel-device", "there", "ok", "vxlan.calico is up", 1300)));
    assertThat(ran.code()).isEqualTo(ExitCode.BROKEN);
    assertThat(ran.out())
        .startsWith(
            "Broken at mtu on node node-2: the pod sends up to 1450 octets, and tunnel-device of"
                + " node node-2 takes 1300");
  }

  @Test
  void aProbeThatFailsForNoReasonThatWasSeenIsSaid() throws IOException {
    Ran ran = trace(answer("node-1", POD, ROUTE, SILENT), answer("node-2", BACK));
    assertThat(ran.code()).isEqualTo(ExitCode.BROKEN);
    assertThat(ran.out()).startsWith("Broken where it could not be seen: no answer within 1 s\n");
  }

  @Test
  void whoCannotBeAskedIsSaid() throws IOException {
    try (FakeAgent _ = new FakeAgent(directory, answer("node-1", POD, ROUTE), false)) {
      Ran ran = Ran.of(directory, "trace", "kube-system/coredns", "web", "--no-probe");
      assertThat(ran.code()).isEqualTo(ExitCode.UNDECIDED);
      assertThat(ran.out())
          .contains("Not seen\n  node node-2: its agent answers on its own machine only");
    }
    try (FakeAgent _ =
        new FakeAgent(directory.resolve("again"), answer("node-1", POD, ROUTE, PROBED), false)) {
      Ran ran =
          Ran.of(
              directory,
              "trace",
              "kube-system/coredns",
              "web",
              "--agent",
              directory.resolve("again/run").toString());
      assertThat(ran.out()).startsWith("Reaches\n").contains("Not seen\n");
      assertThat(ran.code()).as("an answer has come, whoever cannot be asked").isZero();
    }
  }

  @Test
  void aRouteOfTheKernelsFileIsRead() {
    assertThat(
            LocalLook.KernelRoute.of(
                "vxlan.calico\t4002F40A\t4102F40A\t0003\t0\t0\t0\tC0FFFFFF\t0\t0\t0"))
        .get()
        .extracting(LocalLook.KernelRoute::text)
        .isEqualTo("10.244.2.64/26 via 10.244.2.65 dev vxlan.calico");
    assertThat(LocalLook.KernelRoute.of("*\t0000F40A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0"))
        .get()
        .extracting(LocalLook.KernelRoute::refuses)
        .isEqualTo(true);
    assertThat(LocalLook.KernelRoute.of("short")).isEmpty();
  }
}
