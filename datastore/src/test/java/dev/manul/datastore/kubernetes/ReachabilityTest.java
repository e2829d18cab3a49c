package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.DatastoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ReachabilityTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  /** Pauses between attempts that no test could sit through. */
  private static final Patience PATIENT =
      new Patience(LONG, LONG, Duration.ofDays(1), Duration.ofDays(1));

  /** What the probes under way are told: "" that there is an answer, or what is in the way. */
  private final SynchronousQueue<String> answers = new SynchronousQueue<>();

  private final AtomicInteger probes = new AtomicInteger();
  private final Reachability reachability = new Reachability(this::probe, PATIENT);

  private void probe() {
    probes.incrementAndGet();
    try {
      String answer = answers.take();
      if (!answer.isEmpty()) {
        throw new DatastoreException(answer);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    reachability.close();
    boolean _ = answers.offer(""); // to the probe under way, if there is one
  }

  private List<CompletableFuture<Void>> manyWaiting() {
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      CompletableFuture<Void> result = new CompletableFuture<>();
      waiting.add(result);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      reachability.await(LONG);
                      result.complete(null);
                    } catch (DatastoreException | InterruptedException | TimeoutException e) {
                      result.completeExceptionally(e);
                    }
                  }));
    }
    await()
        .atMost(LONG)
        .until(() -> threads.stream().allMatch(t -> t.getState() == Thread.State.TIMED_WAITING));
    return waiting;
  }

  @Test
  void nobodyWaitsForAServerThatHasNotBeenLost() {
    assertThatCode(() -> reachability.await(Duration.ZERO)).doesNotThrowAnyException();
    assertThat(probes).hasValue(0);
  }

  @Test
  void allWaitForOneProbeAndGoOnWithItsAnswer() throws Exception {
    reachability.lost();
    List<CompletableFuture<Void>> waiting = manyWaiting();
    reachability.lost(); // said again, changes nothing
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    answers.put("");
    for (CompletableFuture<Void> each : waiting) {
      assertThatCode(each::get).doesNotThrowAnyException();
    }
    assertThat(probes).hasValue(1);
  }

  @Test
  void allFailWithWhatTheOneProbeFound() throws Exception {
    reachability.lost();
    List<CompletableFuture<Void>> waiting = manyWaiting();
    answers.put("connection refused");
    for (CompletableFuture<Void> each : waiting) {
      assertThatThrownBy(each::get)
          .hasRootCauseInstanceOf(DatastoreException.class)
          .hasRootCauseMessage("connection refused");
    }
    assertThat(reachability.found()).isNotDone();
  }

  @Test
  void aFailureIsToldAllWhoAskUntilItIsTriedAgain() throws Exception {
    reachability.lost();
    answers.put("connection refused");
    List<CompletableFuture<Void>> asking = new ArrayList<>();
    await()
        .atMost(LONG)
        .until(
            () -> {
              asking.add(
                  CompletableFuture.runAsync(this::awaitUnchecked, Thread::startVirtualThread));
              return probes.get() == 2;
            });
    answers.put("");
    assertThat(reachability.found()).succeedsWithin(LONG);
    assertThat(asking.getFirst())
        .failsWithin(LONG)
        .withThrowableThat()
        .withMessageContaining("connection refused");
    assertThatCode(() -> reachability.await(Duration.ZERO)).doesNotThrowAnyException();
  }

  private void awaitUnchecked() {
    try {
      reachability.await(LONG);
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoWaitsNoLongerThanItsTimeIsToldThatItIsOver() {
    reachability.lost();
    assertThatThrownBy(() -> reachability.await(Duration.ofMillis(20)))
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void theEndReleasesAllWhoWait() throws Exception {
    reachability.lost();
    List<CompletableFuture<Void>> waiting = manyWaiting();
    reachability.close();
    for (CompletableFuture<Void> each : waiting) {
      assertThatCode(each::get).doesNotThrowAnyException();
    }
    assertThat(reachability.found()).isCompleted();
  }
}
