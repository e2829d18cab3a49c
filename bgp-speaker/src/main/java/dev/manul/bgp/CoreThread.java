package dev.manul.bgp;

import dev.manul.bgp.session.Scheduler;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that owns sessions and RIB: a queue of tasks, and timers. */
final class CoreThread implements Executor, Scheduler {
  private static final Logger log = LoggerFactory.getLogger(CoreThread.class);

  private final TimeSource time;
  private final Runnable afterBatch;
  private final Thread thread = new Thread(this::run, "bgp-core");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();

  /** Guarded by {@code lock}. */
  private List<Runnable> tasks = new ArrayList<>();

  /** Guarded by {@code lock}. */
  private boolean stopped;

  /** This thread only. */
  private final PriorityQueue<Waiting> timers = new PriorityQueue<>();

  private long timersMade;

  /**
   * A thread that is not started yet.
   *
   * @param afterBatch runs after the tasks and timers that were due together
   */
  CoreThread(TimeSource time, Runnable afterBatch) {
    this.time = time;
    this.afterBatch = afterBatch;
    thread.setDaemon(true);
  }

  void start() {
    time.onAdvance(() -> execute(() -> {}));
    thread.start();
  }

  /** Lets the tasks that wait run, and then ends the thread. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of the thread. */
  void join() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean isCurrent() {
    return Thread.currentThread().equals(thread);
  }

  /** Runs a task on this thread. Tasks that come after {@link #stop} are dropped. */
  @Override
  public void execute(Runnable task) {
    tryExecute(task);
  }

  /** See {@link #execute}; false when the thread has been stopped. */
  boolean tryExecute(Runnable task) {
    lock.lock();
    try {
      if (stopped) {
        return false;
      }
      tasks.add(task);
      if (tasks.size() == 1) {
        work.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long nanos() {
    return time.nanos();
  }

  @Override
  public Instant now() {
    return time.now();
  }

  @Override
  public Timer schedule(long millis, Runnable task) {
    Waiting timer = new Waiting(time.nanos() + millis * 1_000_000, timersMade++, task);
    timers.add(timer);
    return timer;
  }

  private void run() {
    for (List<Runnable> batch = take(); batch != null; batch = take()) {
      batch.forEach(CoreThread::runSafely);
      runDueTimers();
      runSafely(afterBatch);
    }
  }

  /** The tasks that wait; empty when only timers are due; null at the end. */
  private List<Runnable> take() {
    lock.lock();
    try {
      while (tasks.isEmpty() && !stopped) {
        long nanos = nanosToNextTimer();
        if (nanos <= 0) {
          return List.of();
        }
        if (nanos == Long.MAX_VALUE || time.manual()) {
          work.awaitUninterruptibly();
        } else {
          awaitNanos(nanos);
        }
      }
      if (tasks.isEmpty()) {
        return null;
      }
      List<Runnable> batch = tasks;
      tasks = new ArrayList<>();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the caller loops
  private void awaitNanos(long nanos) {
    try {
      boolean signalled = work.await(nanos, TimeUnit.NANOSECONDS);
      log.trace("core thread wakes signalled={}", signalled);
    } catch (InterruptedException e) {
      log.debug("the core thread ignores interrupts", e);
    }
  }

  private long nanosToNextTimer() {
    while (!timers.isEmpty() && timers.peek().cancelled) {
      timers.poll();
    }
    return timers.isEmpty() ? Long.MAX_VALUE : timers.peek().due - time.nanos();
  }

  private void runDueTimers() {
    while (nanosToNextTimer() <= 0) {
      Waiting timer = timers.poll();
      timer.cancelled = true;
      runSafely(timer.task);
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("task of the BGP core thread failed", e);
    }
  }

  private static final class Waiting implements Timer, Comparable<Waiting> {
    private final long due;
    private final long order;
    private final Runnable task;
    private boolean cancelled;

    Waiting(long due, long order, Runnable task) {
      this.due = due;
      this.order = order;
      this.task = task;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public int compareTo(Waiting other) {
      int byDue = Long.compare(due, other.due);
      return byDue != 0 ? byDue : Long.compare(order, other.order);
    }
  }
}
