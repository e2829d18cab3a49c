package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniException.Code;
import dev.manul.cni.Invocation.Verb;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a request asks for and says how it went. Safe for use by many threads. */
final class Verbs {
  private static final Logger LOG = LoggerFactory.getLogger(Verbs.class);

  /** How long an ADD waits for the agent to be ready, and how often it looks. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration PACE = Duration.ofMillis(10);

  private final CniOptions options;
  private final Attaching attaching;
  private final Detaching detaching;
  private final Inspection inspection;
  private final Latencies adds = new Latencies();
  private final Latencies deletions = new Latencies();
  private final AtomicLong failures = new AtomicLong();
  private volatile String lastError = "";

  Verbs(Work work) {
    this.options = work.options();
    this.detaching = new Detaching(work);
    this.attaching = new Attaching(work, detaching);
    this.inspection = new Inspection(work);
  }

  Detaching detaching() {
    return detaching;
  }

  Latencies adds() {
    return adds;
  }

  Latencies deletions() {
    return deletions;
  }

  long failures() {
    return failures.get();
  }

  String lastError() {
    return lastError;
  }

  /**
   * Serves a request; whatever goes wrong is in the answer. What is to be noted is noted after it,
   * so that nobody waits for that.
   *
   * @param reply takes the answer
   */
  void serve(Frame frame, Consumer<Frame.Answer> reply) {
    String version = "";
    try {
      Verb verb = Invocation.verb(frame);
      if (verb == Verb.VERSION) {
        reply.accept(new Frame.Answer(true, Json.text(CniVersion.report(versionIn(frame)))));
        return;
      }
      ObjectNode configuration = NetworkConfiguration.decode(frame.input());
      version = NetworkConfiguration.versionIn(configuration);
      Invocation invocation = Invocation.of(verb, frame, configuration);
      long began = System.nanoTime();
      Done done = run(invocation);
      long nanos = System.nanoTime() - began;
      Optional<Latencies> latencies = latencies(verb);
      latencies.ifPresent(kept -> kept.add(nanos));
      reply.accept(new Frame.Answer(true, done.result()));
      if (latencies.isPresent()) {
        note(invocation, nanos, done.what());
      }
    } catch (RuntimeException e) {
      CniException problem = CniException.of(e);
      failures.incrementAndGet();
      String request = said(frame, problem);
      lastError = request;
      reply.accept(new Frame.Answer(false, Json.text(CniResult.error(version, problem))));
      note(problem, request, e);
    }
  }

  /**
   * A request that was carried out.
   *
   * @param result for the standard output
   * @param what it was about, for the log; "" where that is not noted
   */
  private record Done(String result, String what) {
    static final Done NOTHING_TO_SAY = new Done("", "");
  }

  /** A configuration that cannot be read does not keep anybody from asking for the versions. */
  private static String versionIn(Frame frame) {
    try {
      return NetworkConfiguration.versionIn(NetworkConfiguration.decode(frame.input()));
    } catch (CniException _) {
      return "";
    }
  }

  private Done run(Invocation invocation) {
    Deadline deadline = new Deadline(options.timeLimit());
    return switch (invocation.verb()) {
      case ADD -> {
        awaitReadiness(deadline);
        Attachment attachment = attaching.add(invocation, deadline);
        awaitPolicy(invocation.configuration().policyWait(), attachment, deadline);
        yield new Done(
            Json.text(CniResult.ofAdd(invocation.configuration(), attachment)),
            attachment.workload() + " " + attachment.addresses());
      }
      case DEL -> {
        detaching.delete(invocation, deadline);
        yield new Done("", Workload.of(invocation).toString());
      }
      case CHECK -> {
        inspection.check(invocation, deadline);
        yield Done.NOTHING_TO_SAY;
      }
      case GC -> {
        collect(invocation, deadline);
        yield Done.NOTHING_TO_SAY;
      }
      case STATUS -> {
        inspection.status();
        yield Done.NOTHING_TO_SAY;
      }
      case VERSION -> throw new IllegalStateException("VERSION needs no configuration");
    };
  }

  /**
   * Waits until the agent can serve pods: one that is wired before network policy has been written
   * for the first time would be open to all. Not for long, since others wait for a worker.
   */
  private void awaitReadiness(Deadline deadline) {
    long end = System.nanoTime() + Math.min(PATIENCE.toNanos(), deadline.remainingNanos());
    while (!options.ready().get()) {
      if (System.nanoTime() - end >= 0) {
        throw new CniException(
            Code.TRY_AGAIN_LATER, "manul-agent is not ready yet: no network policy is in force");
      }
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  /**
   * Waits until the policy of a pod is in force, so that its first packets are not dropped. As with
   * Calico the pod comes nonetheless when that takes too long: it is closed until then.
   */
  private void awaitPolicy(Duration patience, Attachment attachment, Deadline deadline) {
    Workload workload = attachment.workload();
    if (patience.isZero() || !workload.hasEndpoint()) {
      return;
    }
    CompletableFuture<Void> inForce =
        options
            .policy()
            .inForce(
                workload.endpointNamespace(),
                workload.endpointName(options.nodeName()),
                attachment.addresses());
    try {
      var _ =
          inForce.get(
              Math.min(patience.toNanos(), deadline.remainingNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | CancellationException | ExecutionException e) {
      LOG.atWarn()
          .log(
              "event=policy_not_awaited pod=\"{}\" cause={}",
              workload,
              e.getClass().getSimpleName());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      inForce.cancel(false);
    }
  }

  private void collect(Invocation invocation, Deadline deadline) {
    detaching.collect(
        invocation.configuration(),
        invocation
            .configuration()
            .validAttachments()
            .orElseThrow(
                () ->
                    new CniException(
                        Code.INVALID_CONFIGURATION,
                        "cni.dev/valid-attachments is missing, and GC needs it")),
        deadline);
  }

  private Optional<Latencies> latencies(Verb verb) {
    return switch (verb) {
      case ADD -> Optional.of(adds);
      case DEL -> Optional.of(deletions);
      case CHECK, GC, STATUS, VERSION -> Optional.empty();
    };
  }

  private static void note(Invocation invocation, long nanos, String what) {
    LOG.atInfo().log(
        "verb={} container={} pod=\"{}\" ms={}",
        invocation.verb(),
        invocation.key(),
        what,
        Math.round(nanos / 1e4) / 100.0);
  }

  private static String said(Frame frame, CniException problem) {
    return frame.variable("CNI_COMMAND")
        + " "
        + frame.variable("CNI_CONTAINERID")
        + ": "
        + problem.getMessage()
        + (problem.details().isEmpty() ? "" : ": " + problem.details());
  }

  private static void note(CniException problem, String request, RuntimeException e) {
    if (problem.code() == Code.INTERNAL) {
      LOG.error("request=\"{}\"", request, e);
    } else {
      LOG.atWarn().log("code={} request=\"{}\"", problem.code().number(), request);
    }
  }
}
