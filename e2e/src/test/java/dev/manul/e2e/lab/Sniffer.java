package dev.manul.e2e.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** What passes a device, as tcpdump prints it with its Ethernet addresses. */
final class Sniffer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process tcpdump;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** Returns once it listens. */
  Sniffer(String namespace, String device, String filter) {
    List<String> words = new ArrayList<>(List.of("tcpdump", "-l", "-n", "-e", "-t", "-i", device));
    words.add(filter);
    try {
      tcpdump =
          new ProcessBuilder(Run.inNamespace(namespace, words)).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::read);
    var _ = await("listening on");
  }

  private void read() {
    try (BufferedReader reader = tcpdump.inputReader()) {
      reader.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException _) {
      // it was ended
    }
  }

  /** The first line that has all of these. */
  String await(String... parts) {
    Predicate<String> wanted = line -> List.of(parts).stream().allMatch(line::contains);
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> lines.stream().anyMatch(wanted) || !tcpdump.isAlive());
    return lines.stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + List.of(parts) + " in " + lines));
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    tcpdump.destroy();
  }
}
