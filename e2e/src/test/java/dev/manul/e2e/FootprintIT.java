package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.bench.AgentBench;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * An agent's memory on this machine's own kernel, and that it gets ready. How soon it does is a
 * figure of the benchmark, not of a test.
 */
class FootprintIT {

  @Test
  void anAgentIsSmall() throws IOException, InterruptedException {
    Path json = LabProgram.target().resolve("bench-agent.json");

    int status = LabProgram.run("bench-agent", "bench", "agent", "--json", json.toString());

    assertThat(status).as(LabProgram.end("bench-agent")).isZero();
    AgentBench.Figures figures = JsonFile.read(json, AgentBench.Figures.class);
    assertThat(figures.maxRssMiB()).isLessThanOrEqualTo(110);
    assertThat(figures.medianReadyMs()).isPositive();
  }
}
