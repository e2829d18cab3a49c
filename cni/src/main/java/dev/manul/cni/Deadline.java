package dev.manul.cni;

import dev.manul.cni.CniException.Code;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** When a request is given up. */
final class Deadline {
  private final Duration limit;
  private final long at;

  Deadline(Duration limit) {
    this.limit = limit;
    this.at = System.nanoTime() + limit.toNanos();
  }

  long remainingNanos() {
    return Math.max(0, at - System.nanoTime());
  }

  /**
   * Waits for what somebody else does, and throws what that threw.
   *
   * @throws CniException when it is not done in time
   */
  <T> T await(String what, CompletableFuture<T> future) {
    try {
      return future.get(remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (TimeoutException e) {
      throw passed(what);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CniException(Code.TRY_AGAIN_LATER, "the agent is being stopped");
    }
  }

  /**
   * Ends what has taken its time.
   *
   * @throws CniException when no time is left
   */
  void check(String what) {
    if (remainingNanos() == 0) {
      throw passed(what);
    }
  }

  private CniException passed(String what) {
    return new CniException(
        Code.TRY_AGAIN_LATER, what + " took longer than " + limit.toSeconds() + " s");
  }
}
