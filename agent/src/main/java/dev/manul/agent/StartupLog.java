package dev.manul.agent;

import dev.manul.model.AgentStatus.StartupStep;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The named steps of the agent's start, each with the time it took and what it waits for. Safe for
 * many threads: steps begin and end on several.
 */
final class StartupLog {
  private static final Logger log = LoggerFactory.getLogger(StartupLog.class);

  private final InstantSource clock;
  private final List<Step> steps = new ArrayList<>();

  StartupLog(InstantSource clock) {
    this.clock = clock;
  }

  /** One step; begins when made. */
  final class Step {
    private final String name;
    private final long began = clock.millis();
    private String waitsFor;
    private long ended = -1;

    private Step(String name, String waitsFor) {
      this.name = name;
      this.waitsFor = waitsFor;
    }

    /** Says what this step waits for now. */
    void waitsFor(String what) {
      synchronized (steps) {
        waitsFor = what;
      }
    }

    /** Ends the step; only the first call counts. */
    void done() {
      synchronized (steps) {
        if (ended >= 0) {
          return;
        }
        ended = clock.millis();
        waitsFor = "";
      }
      log.info("start step=\"{}\" took={}", name, Duration.ofMillis(ended - began));
    }
  }

  /** Begins a step that waits for {@code what}, or for nothing when that is empty. */
  Step begin(String name, String what) {
    Step step = new Step(name, what);
    synchronized (steps) {
      steps.add(step);
    }
    return step;
  }

  /** The steps so far, in order. */
  List<StartupStep> steps() {
    synchronized (steps) {
      long now = clock.millis();
      return steps.stream()
          .map(
              step ->
                  new StartupStep(
                      step.name,
                      step.ended >= 0 ? "done" : step.waitsFor.isEmpty() ? "running" : "waiting",
                      (step.ended >= 0 ? step.ended : now) - step.began,
                      step.waitsFor))
          .toList();
    }
  }
}
