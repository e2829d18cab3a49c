package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of a {@link GarbageCollector}: when there is a pass, and what is known in between. */
final class CollectorThread {
  private static final Logger LOG = LoggerFactory.getLogger(CollectorThread.class);

  /** How long what went is gathered before it is looked at. */
  private static final Duration GATHER = Duration.ofSeconds(1);

  /** How often everything is looked at when the grace is zero. */
  private static final Duration IDLE_PERIOD = Duration.ofMinutes(5);

  /** After a pass that failed; doubled each time. */
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

  private static final Duration LAST_RETRY = Duration.ofSeconds(30);

  private final Datastore datastore;
  private final Ipam ipam;
  private final GarbageOptions options;
  private final Clock clock;
  private final Thread thread = Thread.ofPlatform().name("garbage").daemon().unstarted(this::run);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private boolean leading; // guarded by lock
  private boolean closed; // guarded by lock
  private Optional<Instant> gone = Optional.empty(); // guarded by lock: when something went first

  private volatile GarbageStatus status = GarbageStatus.IDLE;

  CollectorThread(Datastore datastore, Ipam ipam, GarbageOptions options, Clock clock) {
    this.datastore = datastore;
    this.ipam = ipam;
    this.options = options;
    this.clock = clock;
  }

  void start() {
    thread.start();
  }

  GarbageStatus status() {
    return status;
  }

  void inOffice(boolean now) {
    lock.lock();
    try {
      leading = now;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread and waits for it. */
  void close() {
    lock.lock();
    try {
      closed = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean serving() {
    lock.lock();
    try {
      return leading && !closed;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitOffice()) {
        try (Surroundings surroundings =
            Surroundings.watch(datastore, options.pods(), this::news)) {
          serve(surroundings);
        } catch (RuntimeException e) {
          LOG.error("event=garbage-collection-failed", e);
          problem(e.getMessage());
          sleep(LAST_RETRY);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits to be elected; false at the end. */
  private boolean awaitOffice() throws InterruptedException {
    lock.lock();
    try {
      status = leads(false);
      while (!leading && !closed) {
        news.await();
      }
      status = leads(!closed);
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private GarbageStatus leads(boolean now) {
    GarbageStatus s = status;
    return new GarbageStatus(
        now,
        s.candidates(),
        s.confirmed(),
        s.releasedAddresses(),
        s.releasedBlocks(),
        s.lastPass(),
        s.problem());
  }

  /** Something is different: at once what a wait may be for, and after a while what went. */
  private void news(boolean something) {
    lock.lock();
    try {
      if (something && gone.isEmpty()) {
        gone = Optional.of(clock.instant().plus(GATHER));
      }
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void serve(Surroundings surroundings) throws InterruptedException {
    GarbagePass pass = new GarbagePass(datastore, ipam, surroundings, options, this::serving);
    Duration retry = FIRST_RETRY;
    while (serving()) {
      if (!surroundings.complete()) {
        awaitComplete(surroundings);
        continue;
      }
      Instant now = clock.instant();
      GarbagePass.Result result = pass.run(now);
      told(now, result);
      Instant next;
      if (result.problem().isPresent()) {
        next = now.plus(retry);
        retry = min(retry.multipliedBy(2), LAST_RETRY);
      } else {
        Duration period =
            result.grace().isZero() ? IDLE_PERIOD : result.grace().dividedBy(2).plusMillis(1);
        next = now.plus(period);
        retry = FIRST_RETRY;
      }
      awaitPass(result.due().filter(next::isAfter).orElse(next));
    }
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void awaitComplete(Surroundings surroundings) throws InterruptedException {
    lock.lock();
    try {
      while (leading && !closed && !surroundings.complete()) {
        surroundings.problem().ifPresent(this::problem);
        news.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a time, or until what went has been gathered; not longer than the office. */
  private void awaitPass(Instant time) throws InterruptedException {
    lock.lock();
    try {
      while (leading && !closed) {
        Instant until = gone.filter(time::isAfter).orElse(time);
        long left = Duration.between(clock.instant(), until).toNanos();
        if (left <= 0) {
          break;
        }
        var _ = news.awaitNanos(left);
      }
      gone = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void sleep(Duration time) throws InterruptedException {
    lock.lock();
    try {
      long left = time.toNanos();
      while (left > 0 && leading && !closed) {
        left = news.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void told(Instant now, GarbagePass.Result result) {
    GarbageStatus s = status;
    status =
        new GarbageStatus(
            s.leading(),
            result.candidates(),
            result.confirmed(),
            s.releasedAddresses() + result.addresses(),
            s.releasedBlocks() + result.blocks(),
            Optional.of(now),
            result.problem());
  }

  private void problem(String line) {
    GarbageStatus s = status;
    status =
        new GarbageStatus(
            s.leading(),
            s.candidates(),
            s.confirmed(),
            s.releasedAddresses(),
            s.releasedBlocks(),
            s.lastPass(),
            Optional.of(String.valueOf(line)));
  }
}
