package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Candidacy;
import dev.manul.datastore.DatastoreException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate for an office that is a Lease of {@code coordination.k8s.io/v1}, held in the way of
 * Kubernetes' own components: a lease counts as abandoned when, by this machine's own clock, it has
 * not changed for its duration; what time other machines think it is does not matter.
 */
final class LeaseCandidacy extends Candidacy {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseCandidacy.class);
  private static final ObjectPath LEASES =
      new ObjectPath("/apis/coordination.k8s.io/v1", "leases", true);
  private static final String JSON = "application/json";

  /** Longest time for one request: two of them and a retry stay below the lease's duration. */
  private static final Duration ANSWER = Duration.ofSeconds(4);

  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final ApiServer api;
  private final Clock clock;
  private final LeaseTerms terms;
  private final String namespace;
  private final String office;
  private final String identity;

  // of the campaign's thread
  private Map<String, Object> lease; // as last seen, null when there is none or it is not known
  private String seenVersion = "";
  private long seenAt;
  private long renewedAt;
  private boolean holding;

  LeaseCandidacy(
      ApiServer api,
      Clock clock,
      String office,
      String candidate,
      Listener listener,
      LeaseTerms terms) {
    super(office, candidate, listener);
    this.api = api;
    this.clock = clock;
    this.terms = terms;
    this.office = office;
    this.namespace =
        Objects.requireNonNullElse(System.getenv("POD_NAMESPACE"), "").isEmpty()
            ? "kube-system"
            : System.getenv("POD_NAMESPACE");
    // a process that was restarted is another candidate: its predecessor may not be dead yet
    this.identity = candidate + "_" + UUID.randomUUID().toString().substring(0, 8);
    begin();
  }

  @Override
  protected void stand() throws InterruptedException {
    String complaint = "";
    do {
      try {
        turn();
        complaint = "";
      } catch (DatastoreException e) {
        lease = null; // to be read again
        if (!complaint.equals(e.getMessage())) {
          complaint = e.getMessage();
          LOG.atWarn().log("office-unreachable office={} reason=\"{}\"", office, complaint);
        }
      }
      if (holding && System.nanoTime() - renewedAt >= terms.deadline().toNanos()) {
        holding = false;
        lost("not renewed in time");
      }
    } while (!over.await(pause(), TimeUnit.MILLISECONDS));
  }

  private long pause() {
    long retry = terms.retry().toMillis();
    return holding ? retry : retry + ThreadLocalRandom.current().nextLong(retry / 5 + 1);
  }

  /** One attempt to renew or to win. */
  private void turn() {
    long start = System.nanoTime();
    if (!holding || lease == null) {
      read();
    }
    if (lease != null && !mayTake()) {
      if (holding) {
        holding = false;
        lost("taken by " + holder());
      }
      return;
    }
    ApiServer.Answer answer = write(identity, terms.duration());
    if (answer.isSuccess()) {
      lease = ObjectReader.object(answer, "hold the lease " + office);
      observe();
      renewedAt = start;
      holding = true;
      won();
    } else if (ApiFailure.isConflict(answer)) {
      lease = null; // somebody else was first; the next turn shows who
    } else {
      throw ApiFailure.of(answer, "hold the lease " + namespace + "/" + office, LEASES);
    }
  }

  private void read() {
    ApiServer.Answer answer = api.send("GET", LEASES.object(key()), JSON, null, ANSWER);
    if (ApiFailure.isObjectMissing(answer)) {
      lease = null;
    } else if (answer.isSuccess()) {
      lease = ObjectReader.object(answer, "read the lease " + office);
      observe();
    } else {
      throw ApiFailure.of(answer, "read the lease " + namespace + "/" + office, LEASES);
    }
  }

  private void observe() {
    if (!Fields.version(lease).equals(seenVersion)) {
      seenVersion = Fields.version(lease);
      seenAt = System.nanoTime();
    }
  }

  private String holder() {
    return Fields.text(Fields.map(lease, "spec"), "holderIdentity");
  }

  private boolean mayTake() {
    int seconds = Fields.number(Fields.map(lease, "spec"), "leaseDurationSeconds");
    return holder().isEmpty()
        || holder().equals(identity)
        || System.nanoTime() - seenAt >= TimeUnit.SECONDS.toNanos(seconds);
  }

  private dev.manul.model.Key key() {
    return new dev.manul.model.Key(namespace, office);
  }

  /** Writes the lease over the one last seen, or anew. */
  private ApiServer.Answer write(String holder, Duration duration) {
    Map<String, Object> spec = new LinkedHashMap<>();
    String now = MICRO_TIME.format(clock.instant());
    int transitions = 0;
    String acquired = now;
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", office);
    metadata.put("namespace", namespace);
    if (lease != null) {
      Map<String, Object> before = Fields.map(lease, "spec");
      boolean same = holder().equals(holder) || holder.isEmpty();
      transitions = Fields.number(before, "leaseTransitions") + (same ? 0 : 1);
      acquired = same ? Fields.text(before, "acquireTime") : now;
      metadata.put("resourceVersion", Fields.version(lease));
    }
    spec.put("holderIdentity", holder);
    spec.put("leaseDurationSeconds", Math.max(1, duration.toSeconds()));
    spec.put("acquireTime", acquired.isEmpty() ? now : acquired);
    spec.put("renewTime", now);
    spec.put("leaseTransitions", transitions);
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("apiVersion", "coordination.k8s.io/v1");
    tree.put("kind", "Lease");
    tree.put("metadata", metadata);
    tree.put("spec", spec);
    String body = ApiJson.write(tree);
    return lease == null
        ? api.send("POST", LEASES.collection(java.util.Optional.of(namespace)), JSON, body, ANSWER)
        : api.send("PUT", LEASES.object(key()), JSON, body, ANSWER);
  }

  @Override
  protected void resign() {
    if (!holding || lease == null) {
      return;
    }
    boolean interrupted = Thread.interrupted(); // which ended the campaign, not this
    try {
      ApiServer.Answer answer = write("", Duration.ofSeconds(1));
      LOG.atDebug().log("office-freed office={} status={}", office, answer.status());
    } catch (DatastoreException e) {
      LOG.atInfo().log("office-not-freed office={} reason=\"{}\"", office, e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
