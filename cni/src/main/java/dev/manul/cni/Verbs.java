package dev.manul.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.manul.cni.CniException.Code;
import dev.manul.cni.Invocation.Verb;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a request asks for and says how it went. Safe for use by many threads. */
final class Verbs {
  private static final Logger LOG = LoggerFactory.getLogger(Verbs.class);

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

  /** Serves a request; whatever goes wrong is in the answer. */
  Frame.Answer serve(Frame frame) {
    String version = "";
    try {
      Verb verb = Invocation.verb(frame);
      if (verb == Verb.VERSION) {
        return new Frame.Answer(true, Json.text(CniVersion.report(versionIn(frame))));
      }
      ObjectNode configuration = NetworkConfiguration.decode(frame.input());
      version = NetworkConfiguration.versionIn(configuration);
      return new Frame.Answer(true, run(Invocation.of(verb, frame, configuration)));
    } catch (RuntimeException e) {
      return failed(frame, version, e);
    }
  }

  /** A configuration that cannot be read does not keep anybody from asking for the versions. */
  private static String versionIn(Frame frame) {
    try {
      return NetworkConfiguration.versionIn(NetworkConfiguration.decode(frame.input()));
    } catch (CniException _) {
      return "";
    }
  }

  private String run(Invocation invocation) {
    Deadline deadline = new Deadline(options.timeLimit());
    long began = System.nanoTime();
    switch (invocation.verb()) {
      case ADD -> {
        Attachment attachment = attaching.add(invocation, deadline);
        String result = Json.text(CniResult.ofAdd(invocation.configuration(), attachment));
        took(adds, invocation, began, attachment.workload() + " " + attachment.addresses());
        return result;
      }
      case DEL -> {
        detaching.delete(invocation, deadline);
        took(deletions, invocation, began, Workload.of(invocation).toString());
      }
      case CHECK -> inspection.check(invocation, deadline);
      case GC ->
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
      case STATUS -> inspection.status();
      case VERSION -> throw new IllegalStateException("VERSION needs no configuration");
    }
    return "";
  }

  private static void took(Latencies latencies, Invocation invocation, long began, String what) {
    long nanos = System.nanoTime() - began;
    latencies.add(nanos);
    LOG.atInfo().log(
        "verb={} container={} pod=\"{}\" ms={}",
        invocation.verb(),
        invocation.key(),
        what,
        Math.round(nanos / 1e4) / 100.0);
  }

  private Frame.Answer failed(Frame frame, String version, RuntimeException e) {
    CniException problem = CniException.of(e);
    failures.incrementAndGet();
    lastError =
        frame.variable("CNI_COMMAND")
            + " "
            + frame.variable("CNI_CONTAINERID")
            + ": "
            + problem.getMessage()
            + (problem.details().isEmpty() ? "" : ": " + problem.details());
    if (problem.code() == Code.INTERNAL) {
      LOG.error("request=\"{}\"", lastError, e);
    } else {
      LOG.atWarn().log("code={} request=\"{}\"", problem.code().number(), lastError);
    }
    return new Frame.Answer(false, Json.text(CniResult.error(version, problem)));
  }
}
