package dev.manul.agent;

import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread {@code agent}, which owns what an agent knows: tasks run on it one at a time. */
final class AgentThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentThread.class);

  private static final long BEAT_MILLIS = 500;
  private static final long LIVE_MILLIS = 20_000;

  private final Clock clock;
  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("agent").factory());
  private volatile long lastBeat;

  AgentThread(Clock clock) {
    this.clock = clock;
    this.lastBeat = clock.millis();
  }

  /** Runs a task after those posted before it; dropped once this is closed. Any thread. */
  void post(Runnable task) {
    post(task, 0);
  }

  /** Runs a task so many nanoseconds from now. */
  void post(Runnable task, long nanos) {
    try {
      var _ = executor.schedule(guarded(task), nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("stopping, task dropped");
    }
  }

  /** From now on runs a task twice a second, and so shows that it gets its work done. */
  void beat(Runnable task) {
    Runnable beat =
        guarded(
            () -> {
              lastBeat = clock.millis();
              task.run();
            });
    var _ = executor.scheduleWithFixedDelay(beat, 0, BEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Whether it gets its work done, so that the process is worth keeping. Any thread. */
  boolean isLive() {
    return clock.millis() - lastBeat < LIVE_MILLIS;
  }

  /** A task whose failure is logged instead of ending the thread's schedule without a word. */
  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        log.error("a task of the agent failed; the next change or check tries again", e);
      }
    };
  }

  /** Drops what is not begun. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
