package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.bench.NetlinkBench;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The netlink driver against a bare program in C. */
class NetlinkSpeedIT {

  @Test
  void routesAreInPlaceAlmostAsFastAsCanBe() throws IOException, InterruptedException {
    Path json = LabProgram.target().resolve("bench-netlink.json");

    int status = LabProgram.run("bench-netlink", "bench", "netlink", "--json", json.toString());

    assertThat(status).as(LabProgram.output("bench-netlink")).isZero();
    assertThat(NetlinkBench.Figures.read(json).ratio()).isLessThanOrEqualTo(1.3);
  }
}
