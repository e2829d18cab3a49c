package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.demo.NeverReport;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mode Never where the router, BIRD, learns the nodes' blocks. */
class NeverIT {

  @Test
  void podsReachEachOtherThroughTheRouterWithoutEncapsulation()
      throws IOException, InterruptedException {
    int up = LabProgram.run("router-up", "lab", "up", "topologies/router-bird.clab.yaml");
    assertThat(up).as(LabProgram.output("router-up")).isZero();
    Path json = LabProgram.target().resolve("never-router.json");

    int status = LabProgram.run("router-never", "lab", "never", "--json", json.toString());

    assertThat(status).as(LabProgram.output("router-never")).isZero();
    NeverReport report = NeverReport.read(json);
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

  @AfterEach
  void endTheLab() throws IOException, InterruptedException {
    LabProgram.run("router-down", "lab", "down");
  }
}
