package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.demo.ModesCheck;
import dev.manul.e2e.demo.ModesReport;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.SteadyPings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All switches of a live lab between the modes that any kernel has, UDP's among them: in this
 * kernel, where the agents have processors enough to carry each packet.
 */
class HostModesIT {

  private static final int RATE = 100;

  @TempDir private Path directory;

  @AfterEach
  void endTheLab() {
    Lab.down(directory.resolve("lab"));
  }

  @Test
  void noPingIsLostInAnySwitchFromOneModeToAnother() {
    Path root = Path.of("..").toAbsolutePath().normalize();
    Path topology = Path.of("topologies/router-bird.clab.yaml");
    Lab lab = Lab.up(directory.resolve("lab"), root.resolve("dist/bin"), topology, Progress.NONE);
    Set<PoolMode> modes = EnumSet.allOf(PoolMode.class);
    modes.removeIf(mode -> mode.carrier() == PoolMode.Carrier.IPIP);

    ModesReport report =
        new ModesCheck(
                lab,
                SteadyPings.program(root),
                new ModesCheck.Rates(RATE, RATE),
                modes,
                new Steps(System.out))
            .run();

    assertThat(report.failures()).isEmpty();
    RouterLabIT.assertNothingLost(report);
  }
}
