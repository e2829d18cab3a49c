package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.demo.ModesReport;
import dev.manul.e2e.demo.NeverReport;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A lab whose router, BIRD, learns the nodes' blocks, so that no mode leaves a pod unreachable. */
class RouterLabIT {

  @BeforeAll
  static void makeTheLab() throws IOException, InterruptedException {
    int up = LabProgram.run("router-up", "lab", "up", "topologies/router-bird.clab.yaml");
    assertThat(up).as(LabProgram.end("router-up")).isZero();
  }

  @AfterAll
  static void endTheLab() throws IOException, InterruptedException {
    LabProgram.run("router-down", "lab", "down");
  }

  @Test
  void inModeNeverPodsReachEachOtherThroughTheRouterWithoutEncapsulation()
      throws IOException, InterruptedException {
    Path json = LabProgram.target().resolve("never-router.json");

    int status = LabProgram.run("router-never", "lab", "never", "--json", json.toString());

    assertThat(status).as(LabProgram.end("router-never")).isZero();
    NeverReport report = JsonFile.read(json, NeverReport.class);
    assertThat(report.verdict()).isEqualTo("pass");
    assertThat(report.routerKnows()).isTrue();
    assertThat(report.unanswered()).isEmpty();
    assertThat(report.tunnelRoutes()).isEmpty();
    assertThat(report.captures())
        .hasSize(3)
        .allSatisfy(capture -> assertThat(capture.encapsulated()).isFalse());
    assertThat(report.conditions())
        .allSatisfy(condition -> assertThat(condition.status()).isEqualTo("True"));
  }

  @Test
  void noPingIsLostInAnySwitchFromOneModeToAnother() throws IOException, InterruptedException {
    Path json = LabProgram.target().resolve("modes.json");

    int status = LabProgram.run("router-modes", "lab", "modes", "--json", json.toString());

    assertThat(status).as(LabProgram.end("router-modes")).isZero();
    ModesReport report = JsonFile.read(json, ModesReport.class);
    assertNothingLost(report);
  }

  /** All of the twenty switches between five modes were made, and none lost a ping. */
  static void assertNothingLost(ModesReport report) {
    assertThat(report.verdict()).isEqualTo("pass");
    assertThat(report.pairs()).isEqualTo(48);
    assertThat(report.lost()).isZero();
    assertThat(report.switches())
        .hasSize(20)
        .allSatisfy(
            change -> {
              assertThat(change.sent()).isPositive();
              assertThat(change.lost()).isZero();
            });
  }
}
