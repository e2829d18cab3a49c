package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.demo.DemoReport;
import dev.manul.model.EncapsulationMode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The demo with the cluster's state in a real API server, modes switched by kubectl, and the server
 * itself frozen and killed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemoKubernetesIT {

  private static final String NAME = "demo-kubernetes";
  private static final Path REPORT = LabProgram.target().resolve(NAME + ".json");

  private DemoReport demo;

  @BeforeAll
  void runTheDemo() throws IOException, InterruptedException {
    int status =
        LabProgram.run(NAME, "demo", "--datastore", "kubernetes", "--json", REPORT.toString());
    String end = LabProgram.end(NAME);
    assertThat(status).as(() -> end).isZero();
    demo = JsonFile.read(REPORT, DemoReport.class);
  }

  @AfterAll
  void endTheLab() throws IOException, InterruptedException {
    LabProgram.run("down-kubernetes", "lab", "down");
  }

  @Test
  void theVerdictIsPass() {
    assertThat(demo.datastore()).isEqualTo("kubernetes");
    assertThat(demo.failures()).isEmpty();
    assertThat(demo.verdict()).isEqualTo("pass");
  }

  @Test
  void allPodsReachAllPods() {
    assertThat(demo.matrix()).isEqualTo(new DemoReport.Matrix(56, 56));
  }

  @Test
  void packetsAreCarriedAsThePoolSays() {
    assertThat(demo.captures())
        .hasSize(6)
        .allSatisfy(
            capture ->
                assertThat(capture.encapsulated())
                    .isEqualTo(
                        capture.mode() == EncapsulationMode.ALWAYS || !capture.sameSubnet()));
  }

  @Test
  void switchesByKubectlUnderLoadLoseNothing() {
    assertThat(demo.switches())
        .hasSize(2)
        .allSatisfy(
            change -> {
              assertThat(change.sent()).isGreaterThanOrEqualTo(1_000);
              assertThat(change.packetsPerSecond()).isGreaterThanOrEqualTo(100);
              assertThat(change.lost()).isZero();
            });
  }

  @Test
  void aKilledAgentsRestartLosesNothingAndTouchesNoRoute() {
    assertThat(demo.restart().lost()).isZero();
    assertThat(demo.restart().routeEvents()).isEmpty();
  }

  @Test
  void anApiServerThatIsAwayChangesNothingAndChangesAreTakenOnItsReturn() {
    assertThat(demo.outages())
        .singleElement()
        .satisfies(
            outage -> {
              assertThat(outage.frozenSeconds()).isGreaterThanOrEqualTo(10);
              assertThat(outage.goneSeconds()).isGreaterThanOrEqualTo(5);
              assertThat(outage.sent())
                  .as("100 a second, however long the server takes to come back")
                  .isGreaterThanOrEqualTo(
                      (long) (100 * (outage.frozenSeconds() + outage.goneSeconds())));
              assertThat(outage.lost()).isZero();
              assertThat(outage.routeEvents()).isEmpty();
              assertThat(outage.changeMillis()).isPositive();
            });
  }
}
