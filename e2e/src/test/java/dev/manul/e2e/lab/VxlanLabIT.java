package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.EncapsulationMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four agents in two subnets whose pool is carried in VXLAN, on whatever kernel this runs. */
class VxlanLabIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int RATE = 500;
  private static final String DEVICE = "vxlan.calico";

  private final Path pings = SteadyPings.program(Path.of("..").toAbsolutePath().normalize());

  @TempDir private Path directory;

  @AfterEach
  void endTheLab() {
    Lab.down(directory.resolve("lab"));
  }

  @Test
  void noPingIsLostWhileThePoolChangesItsMode() {
    Path programs = Path.of("../dist/bin").toAbsolutePath().normalize();
    assertThat(programs.resolve("manul-agent")).as("made by ./dev build").isExecutable();
    Path topology = Path.of("topologies/vxlan.clab.yaml");
    Lab lab = Lab.up(directory.resolve("lab"), programs, topology, Progress.NONE);
    await(lab, EncapsulationMode.ALWAYS);
    assertThat(new Convergence(lab).sessionsDown()).isEmpty();
    // A pod is closed until its policy is in place, which may be after its routes are.
    var _ =
        Waiting.until(
            "answers between all pods", LIMIT, Progress.NONE, () -> PingMatrix.take(lab).silent());

    try (SteadyPings load = SteadyPings.start(pings, SteadyPings.betweenNodes(lab.pods()), RATE)) {
      switchTo(lab, EncapsulationMode.CROSS_SUBNET);
      switchTo(lab, EncapsulationMode.ALWAYS);
      SteadyPings.Count count = load.stop();

      assertThat(count.losses()).isEmpty();
      assertThat(count.lost()).isZero();
      assertThat(count.sent()).isPositive();
    }
    for (Topology.Machine node : lab.topology().nodes()) {
      assertThat(Run.of(List.of("bridge", "-n", node.namespace(), "fdb", "show", "dev", DEVICE)))
          .satisfies(run -> assertThat(run.orThrow().lines()).hasSize(3));
    }
  }

  private static void switchTo(Lab lab, EncapsulationMode mode) {
    String patch = "{\"spec\":{\"vxlanMode\":\"%s\"}}".formatted(mode);
    lab.manulctl("vxlan-a", "patch", "ippool", "default-ipv4-ippool", "-p", patch).orThrow();
    await(lab, mode);
  }

  private static void await(Lab lab, EncapsulationMode mode) {
    Duration _ = new Convergence(lab).awaitRoutes(PoolMode.ofVxlan(mode), LIMIT, Progress.NONE);
  }
}
