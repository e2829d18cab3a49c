package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.AgentStatus.StartupStep;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StartupLogTest {

  private final AtomicLong now = new AtomicLong(1000);
  private final StartupLog startup = new StartupLog(() -> Instant.ofEpochMilli(now.get()));

  @Test
  void stepsTellStateTimeAndWhatTheyWaitFor() {
    StartupLog.Step reading = startup.begin("read", "");
    now.addAndGet(20);
    reading.done();
    StartupLog.Step listing = startup.begin("list", "the datastore");
    now.addAndGet(5);

    assertThat(startup.steps())
        .containsExactly(
            new StartupStep("read", "done", 20, ""),
            new StartupStep("list", "waiting", 5, "the datastore"));

    listing.waitsFor("");
    assertThat(startup.steps().getLast().state()).isEqualTo("running");
  }

  @Test
  void aStepEndsOnce() {
    StartupLog.Step step = startup.begin("once", "");
    step.done();
    now.addAndGet(50);
    step.done();

    assertThat(startup.steps()).containsExactly(new StartupStep("once", "done", 0, ""));
  }
}
