package dev.manul.bgp.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the core thread has for the event loop, handed over many at a time: waking the other thread
 * costs more than most of what it is given to do. Core thread only.
 */
final class Outbox {
  private static final Logger log = LoggerFactory.getLogger(Outbox.class);
  private static final int MANY = 64;

  private final Executor eventLoop;
  private List<Runnable> tasks = new ArrayList<>();

  Outbox(Executor eventLoop) {
    this.eventLoop = eventLoop;
  }

  /** Hands a task over, no later than {@link #flush}; tasks run in order. */
  void add(Runnable task) {
    tasks.add(task);
    if (tasks.size() >= MANY) {
      flush();
    }
  }

  void flush() {
    if (tasks.isEmpty()) {
      return;
    }
    List<Runnable> now = tasks;
    tasks = new ArrayList<>();
    eventLoop.execute(() -> now.forEach(Outbox::run));
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("a task of the event loop failed", e);
    }
  }
}
