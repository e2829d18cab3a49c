package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.demo.DemoReport;
import dev.manul.e2e.demo.MtuReport;
import dev.manul.e2e.demo.NeverReport;
import dev.manul.model.EncapsulationMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The demo on the default topology, and mode Never on the lab it leaves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemoIT {

  private static final Path DEMO = LabProgram.target().resolve("demo.json");
  private static final Path NEVER = LabProgram.target().resolve("never.json");

  /** What the agent would mend at once is broken, and traced, while the agent is frozen. */
  private static final String TRACE_WITH_TUNNEL_DOWN =
      """
      pid=$(ss -xlpH src "$MANUL_RUN_DIR/agent.sock" | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p')
      kill -STOP "$pid"
      ip link set tunl0 down
      manulctl trace lab/control-plane-0 lab/worker2-0 --timeout 2
      status=$?
      kill -CONT "$pid"
      exit $status
      """;

  private static final Path MTU = LabProgram.target().resolve("mtu.json");

  private DemoReport demo;
  private int traceStatus;
  private NeverReport never;
  private MtuReport mtu;

  @BeforeAll
  void runTheDemo() throws IOException, InterruptedException {
    int demoStatus = LabProgram.run("demo", "demo", "--keep", "--json", DEMO.toString());
    assertThat(demoStatus).as(() -> outputOf("demo")).isZero();
    demo = JsonFile.read(DEMO, DemoReport.class);
    traceStatus =
        LabProgram.run(
            "trace", "lab", "exec", "control-plane", "--", "sh", "-c", TRACE_WITH_TUNNEL_DOWN);
    int neverStatus = LabProgram.run("never", "lab", "never", "--json", NEVER.toString());
    assertThat(neverStatus).as(() -> outputOf("never")).isZero();
    never = JsonFile.read(NEVER, NeverReport.class);
    int mtuStatus = LabProgram.run("mtu", "lab", "mtu", "--way", "IPIP", "--json", MTU.toString());
    assertThat(mtuStatus).as(() -> outputOf("mtu")).isZero();
    mtu = JsonFile.read(MTU, MtuReport.class);
  }

  private static String outputOf(String name) {
    try {
      return LabProgram.end(name);
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  @AfterAll
  void endTheLab() throws IOException, InterruptedException {
    LabProgram.run("down", "lab", "down");
  }

  @Test
  void theVerdictIsPass() {
    assertThat(demo.verdict()).isEqualTo("pass");
    assertThat(demo.failures()).isEmpty();
  }

  @Test
  void allPodsReachAllPods() {
    assertThat(demo.matrix()).isEqualTo(new DemoReport.Matrix(56, 56));
  }

  @Test
  void alwaysEncapsulatesEverything() {
    assertThat(captures(EncapsulationMode.ALWAYS))
        .hasSize(4)
        .allSatisfy(
            capture -> {
              assertThat(capture.encapsulated()).isTrue();
              assertThat(capture.outer()).startsWith("10.1.5.10 > 10.1.");
              assertThat(capture.inner()).matches("10\\.244\\.\\S+ > 10\\.244\\.\\S+");
            });
  }

  @Test
  void crossSubnetEncapsulatesOnlyAcrossSubnets() {
    assertThat(captures(EncapsulationMode.CROSS_SUBNET))
        .hasSize(2)
        .allSatisfy(capture -> assertThat(capture.encapsulated()).isEqualTo(!capture.sameSubnet()));
  }

  @Test
  void packetsTooLongForIpipAreToldOfAndStreamsGoOn() {
    assertThat(mtu.findings()).extracting(MtuReport.Finding::deviceMtu).containsExactly(1480, 1380);
    assertThat(mtu.findings()).extracting(MtuReport.Finding::reported).containsExactly(1480, 1380);
    assertThat(mtu.findings())
        .allSatisfy(
            finding -> {
              assertThat(finding.answered()).isFalse();
              assertThat(finding.fitting()).isTrue();
            });
  }

  private List<DemoReport.Capture> captures(EncapsulationMode mode) {
    return demo.captures().stream().filter(capture -> capture.mode() == mode).toList();
  }

  @Test
  void switchesUnderLoadLoseNothing() {
    assertThat(demo.switches())
        .hasSize(2)
        .allSatisfy(
            change -> {
              assertThat(change.sent()).isGreaterThanOrEqualTo(5_000);
              assertThat(change.lost()).isZero();
              assertThat(change.packetsPerSecond()).isGreaterThanOrEqualTo(500);
            });
  }

  @Test
  void aKilledAgentsRestartLosesNothingAndTouchesNoRoute() {
    assertThat(demo.restart().lost()).isZero();
    assertThat(demo.restart().sent()).isGreaterThanOrEqualTo(1_000);
    assertThat(demo.restart().routeEvents()).isEmpty();
  }

  @Test
  void aDeletedRouteIsBackInNoTimeAndAForeignOneIsLeftAlone() {
    assertThat(demo.repair().milliseconds()).isBetween(0.0, 100.0);
    assertThat(demo.repair().foreignKept()).isTrue();
  }

  @Test
  void everyAgentHoldsItsSessionsInLittleMemory() {
    assertThat(demo.nodes())
        .hasSize(4)
        .allSatisfy(
            node -> {
              assertThat(node.sessions()).isEqualTo(3);
              assertThat(node.rssMiB()).isBetween(1L, 110L);
            });
  }

  @Test
  void traceNamesATunnelThatIsDown() {
    assertThat(outputOf("trace"))
        .contains("Broken at tunnel-device on node control-plane")
        .contains("tunl0 is down");
    assertThat(traceStatus).isEqualTo(6);
  }

  @Test
  void neverEncapsulatesNothingAndSaysWhatItCannotReach() {
    assertThat(never.routerKnows()).isFalse();
    assertThat(never.tunnelRoutes()).isEmpty();
    assertThat(never.captures())
        .isNotEmpty()
        .allSatisfy(
            capture -> {
              assertThat(capture.encapsulated()).isFalse();
              assertThat(capture.sameSubnet()).isTrue();
            });
    assertThat(never.unanswered()).isNotEmpty();
    assertThat(never.conditions())
        .hasSize(4)
        .allSatisfy(
            condition -> {
              assertThat(condition.status()).isEqualTo("False");
              assertThat(condition.message()).isNotEmpty();
            });
  }
}
