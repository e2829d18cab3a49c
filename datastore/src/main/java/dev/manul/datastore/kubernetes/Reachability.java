package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the server can be reached. While it cannot, one small request at a time looks for it, and
 * all others wait for what that finds.
 *
 * <p>Were they to try by themselves, each of an agent's twenty watches would open a connection of
 * its own, and a server that has just started, with all agents of a cluster before its door, would
 * be so busy with greetings that none is complete before its client gives up and begins another.
 */
final class Reachability {
  /** A failure younger than this answers all who ask: trying again would find nothing else. */
  private static final long FRESH_NANOS = Duration.ofMillis(500).toNanos();

  private final Runnable probe;
  private final Patience patience;

  private CompletableFuture<Void> found = CompletableFuture.completedFuture(null); // by this
  private int failures; // since it was lost; guarded by this
  private DatastoreException failure; // the newest of them, or null; guarded by this
  private long failedAt; // guarded by this
  private boolean wanted; // somebody would rather not wait for the pause's end; guarded by this
  private boolean closed; // guarded by this

  /**
   * A server that can be reached until it shows otherwise.
   *
   * @param probe asks the server something, and throws a {@link DatastoreException} when it cannot
   *     be reached
   */
  Reachability(Runnable probe, Patience patience) {
    this.probe = probe;
    this.patience = patience;
  }

  /** The server may be out of reach: it is looked for until it is found. */
  synchronized void lost() {
    if (closed || !found.isDone()) {
      return;
    }
    found = new CompletableFuture<>();
    failures = 0;
    failure = null;
    Thread.ofVirtual().name("kube-seek").start(this::seek);
  }

  private void seek() {
    while (true) {
      DatastoreException problem = problem();
      synchronized (this) {
        if (problem == null || closed) {
          found.complete(null);
          notifyAll();
          return;
        }
        failures++;
        failure = problem;
        failedAt = System.nanoTime();
        wanted = false;
        notifyAll();
        try {
          pause(patience.pause(failures, ThreadLocalRandom.current()));
        } catch (InterruptedException e) {
          throw new IllegalStateException("nobody interrupts this thread", e);
        }
      }
    }
  }

  private DatastoreException problem() {
    try {
      probe.run();
      return null;
    } catch (DatastoreException e) {
      return e;
    }
  }

  private synchronized void pause(long millis) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    for (long left; !closed && !wanted && (left = until - System.nanoTime()) > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /**
   * Returns when the server can be reached, as far as is known.
   *
   * @throws DatastoreException what is in the way
   * @throws TimeoutException when that is not known within the time
   */
  synchronized void await(Duration within) throws InterruptedException, TimeoutException {
    if (found.isDone()) {
      return;
    }
    int known = failures;
    long now = System.nanoTime();
    if (known == 0 || now - failedAt >= FRESH_NANOS) {
      wanted = true;
      notifyAll();
      while (!found.isDone() && failures == known) {
        long left = now + within.toNanos() - System.nanoTime();
        if (left <= 0) {
          throw new TimeoutException();
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }
    if (!found.isDone()) {
      throw new DatastoreException(failure.getMessage(), failure);
    }
  }

  /** Done once the server can be reached, or is not looked for any more. */
  synchronized CompletableFuture<Void> found() {
    return found;
  }

  /** Ends the search. */
  synchronized void close() {
    closed = true;
    found.complete(null);
    notifyAll();
  }
}
