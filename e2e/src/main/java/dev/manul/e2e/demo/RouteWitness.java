package dev.manul.e2e.demo;

import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything the kernel tells of the routes of a namespace, from the moment this is opened, as
 * {@code ip monitor} writes it down with the time.
 *
 * <p>IPv4 routes have no age in the kernel; that no notification came is the proof that a route was
 * not touched.
 */
final class RouteWitness implements AutoCloseable {

  private static final String DELETED = "Deleted ";

  /** A route of the witness's own, of TEST-NET-1, whose notifications are not counted. */
  private static final String PROBE = "192.0.2.77";

  private static final Duration PROBE_LIMIT = Duration.ofSeconds(10);

  private final Process monitor;
  private final List<Event> events = new ArrayList<>();
  private boolean heard;

  /**
   * A notification.
   *
   * @param time when it came
   * @param deleted whether the route went
   * @param route the route as {@code ip route} writes it
   */
  record Event(LocalDateTime time, boolean deleted, String route) {

    /** The destination, without the route's type. */
    String destination() {
      String[] words = route.split(" ", -1);
      return words[0].matches("[0-9].*") || words.length == 1 ? words[0] : words[1];
    }

    @Override
    public String toString() {
      return (deleted ? DELETED : "") + route;
    }
  }

  private RouteWitness(Process monitor) {
    this.monitor = monitor;
  }

  /** Starts listening, and returns when the monitor is heard. */
  static RouteWitness open(String namespace) {
    RouteWitness witness = start(namespace);
    Waiting.until(
        "ip monitor of " + namespace,
        PROBE_LIMIT,
        Progress.NONE,
        () -> {
          Run.ok("ip", "-n", namespace, "route", "add", "blackhole", PROBE);
          Run.ok("ip", "-n", namespace, "route", "del", "blackhole", PROBE);
          return witness.isHeard() ? List.of() : List.of("its first event");
        });
    return witness;
  }

  private static RouteWitness start(String namespace) {
    try {
      Process process =
          new ProcessBuilder(
                  Run.inNamespace(namespace, List.of("ip", "-4", "-tshort", "monitor", "route")))
              .redirectErrorStream(true)
              .start();
      var witness = new RouteWitness(process);
      Thread.ofPlatform().daemon().name("monitor " + namespace).start(witness::read);
      return witness;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines are {@code [2026-01-31T12:00:00.000001] [Deleted ]ROUTE}. */
  private void read() {
    try (var lines = monitor.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int end = line.indexOf("] ");
        if (line.startsWith("[") && end > 0) {
          String rest = line.substring(end + 2).strip();
          boolean deleted = rest.startsWith(DELETED);
          add(
              new Event(
                  LocalDateTime.parse(line.substring(1, end)),
                  deleted,
                  deleted ? rest.substring(DELETED.length()) : rest));
        }
      }
    } catch (IOException e) {
      // Closed while reading.
    }
  }

  private synchronized void add(Event event) {
    if (event.destination().equals(PROBE)) {
      heard = true;
    } else {
      events.add(event);
    }
  }

  private synchronized boolean isHeard() {
    return heard;
  }

  synchronized List<Event> events() {
    return List.copyOf(events);
  }

  /** Between the last deletion of a route to {@code destination} and its coming back. */
  Optional<Duration> absence(String destination) {
    LocalDateTime gone = null;
    Duration absence = null;
    for (Event event : events()) {
      if (event.destination().equals(destination)) {
        if (event.deleted()) {
          gone = event.time();
          absence = null;
        } else if (gone != null && absence == null) {
          absence = Duration.between(gone, event.time());
        }
      }
    }
    return Optional.ofNullable(absence);
  }

  @Override
  public void close() {
    monitor.destroy();
  }
}
