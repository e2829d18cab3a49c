package dev.manul.bgp;

import dev.manul.bgp.bfd.BfdStatus;
import dev.manul.bgp.bmp.BmpStation;
import dev.manul.bgp.session.Neighbor;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** A BGP speaker. All methods may be called from any thread. */
public final class Speaker implements AutoCloseable {
  private static final long STATUS_WAIT_MILLIS = 500;

  private final CoreThread thread;
  private final SpeakerCore core;
  private final AtomicReference<SpeakerConfiguration> waiting = new AtomicReference<>();
  private final AtomicBoolean nextHopsWait = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile SpeakerStatus lastStatus =
      new SpeakerStatus(
          0, Ipv4Address.UNSPECIFIED, false, List.of(), List.of(), 0, 0, List.of(), List.of());

  private Speaker(
      SpeakerOptions options,
      NextHopResolver resolver,
      BestPathListener listener,
      TimeSource time) {
    this.thread = new CoreThread(time, this::settle);
    this.core = new SpeakerCore(options, resolver, listener, thread);
  }

  /** Starts a speaker that has no configuration yet: it neither listens nor connects. */
  public static Speaker start(
      SpeakerOptions options, NextHopResolver resolver, BestPathListener listener) {
    return start(options, resolver, listener, TimeSource.SYSTEM);
  }

  static Speaker start(
      SpeakerOptions options,
      NextHopResolver resolver,
      BestPathListener listener,
      TimeSource time) {
    Speaker speaker = new Speaker(options, resolver, listener, time);
    speaker.thread.start();
    return speaker;
  }

  private void settle() {
    core.settle();
  }

  /**
   * Sets the whole configuration. Returns at once; only the latest of several that wait counts. A
   * session whose configuration has not changed is never disturbed.
   */
  public void configure(SpeakerConfiguration configuration) {
    if (waiting.getAndSet(configuration) == null) {
      thread.execute(() -> core.configure(waiting.getAndSet(null)));
    }
  }

  /** A snapshot; cheap. When the core thread is busy for long, it is the one before. */
  public SpeakerStatus status() {
    if (thread.isCurrent()) {
      return core.status();
    }
    CompletableFuture<SpeakerStatus> answer = new CompletableFuture<>();
    if (!thread.tryExecute(() -> answer.complete(core.status()))) {
      return lastStatus;
    }
    try {
      lastStatus = answer.get(STATUS_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      return lastStatus;
    }
    return lastStatus;
  }

  /** Sets which stations are told what neighbours announce (RFC 7854). Returns at once. */
  public void monitor(List<BmpStation> stations) {
    List<BmpStation> wanted = List.copyOf(stations);
    thread.execute(() -> core.monitor(wanted));
  }

  /** How BFD sees a neighbour; empty when it is not watched, or not yet. */
  public Optional<BfdStatus> bfd(Address peer) {
    return core.bfd(peer);
  }

  /** Says that the resolver may answer differently from now on. */
  public void nextHopsChanged() {
    if (nextHopsWait.compareAndSet(false, true)) {
      thread.execute(
          () -> {
            nextHopsWait.set(false);
            core.nextHopsChanged();
          });
    }
  }

  /**
   * Ends the session with a neighbour, with Cease, administrative reset, and starts it again.
   *
   * @param hard whether routes go even where graceful restart would keep them (RFC 8538)
   * @param text for the neighbour (RFC 9003); may be ""
   */
  public void reset(Address peer, boolean hard, String text) {
    thread.execute(() -> core.with(peer, neighbor -> neighbor.reset(hard, text)));
  }

  /** Asks a neighbour to send all its routes again, if it understands that (RFC 2918). */
  public void requestRefresh(Address peer) {
    thread.execute(() -> core.with(peer, Neighbor::requestRefresh));
  }

  /** Every path known, best first within a prefix. Waits for the core thread. */
  public List<RibEntry> localRib() {
    return ask(core::localRib);
  }

  /** What a neighbour has announced. Empty for an unknown neighbour. Waits for the core thread. */
  public List<RibEntry> adjRibIn(Address peer) {
    return ask(() -> core.adjRibIn(peer));
  }

  /**
   * What has been announced to a neighbour. Empty for an unknown neighbour. Waits for the core
   * thread.
   */
  public List<RibEntry> adjRibOut(Address peer) {
    return ask(() -> core.adjRibOut(peer));
  }

  /**
   * Some routes of a table, for tables of any size: ask again with {@link RibPage#next} until that
   * is {@link RibPage#END}. Empty for an unknown neighbour. Waits for the core thread.
   *
   * @param from 0, or where the page before ended
   * @param count how many prefixes to look at; not all may be in this table
   */
  public RibPage page(RibTable table, int from, int count) {
    return ask(() -> core.page(table, from, count), new RibPage(List.of(), RibPage.END));
  }

  /** The routes of one prefix, which is compared exactly. Waits for the core thread. */
  public List<RibEntry> lookUp(RibTable table, Prefix prefix) {
    return ask(() -> core.lookUp(table, prefix), List.of());
  }

  /**
   * Why the routes of a prefix are as they are, or those of the longest known prefix that contains
   * it; empty when there is none. Waits for the core thread.
   */
  public Optional<RouteExplanation> why(Prefix prefix) {
    return ask(() -> core.why(prefix), Optional.empty());
  }

  private List<RibEntry> ask(Supplier<List<RibEntry>> question) {
    return ask(question, List.of());
  }

  private <T> T ask(Supplier<T> question, T whenEnded) {
    if (thread.isCurrent()) {
      return question.get();
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    boolean running =
        thread.tryExecute(
            () -> {
              try {
                answer.complete(question.get());
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    return running ? answer.join() : whenEnded;
  }

  /**
   * Ends the speaker and drops its connections without a NOTIFICATION, so that neighbours which
   * know graceful restart go on forwarding. Waits until the connections are closed. Must not be
   * called on the core thread.
   */
  @Override
  public void close() {
    end(false, core::abandon);
  }

  /** Ends the speaker with Cease, administrative shutdown (RFC 4486), to every neighbour. */
  public void closeWithCease() {
    closeWithCease("");
  }

  /** The same, with a text for the neighbours (RFC 9003). */
  public void closeWithCease(String text) {
    end(true, () -> core.cease(text));
  }

  private void end(boolean orderly, Runnable farewell) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    thread.execute(farewell);
    thread.stop();
    thread.join();
    core.closeTransport(orderly);
  }
}
