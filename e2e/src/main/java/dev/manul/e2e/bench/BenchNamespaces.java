package dev.manul.e2e.bench;

import static java.util.stream.Collectors.joining;

import dev.manul.e2e.lab.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Network namespaces of a benchmark. They are taken down when it is done, when the program is asked
 * to end before that, and at the next start when it was killed.
 */
final class BenchNamespaces implements AutoCloseable {

  private static final Path DIRECTORY = Path.of("/run/netns");
  private static final int TRIES = 3;

  private final List<String> names;
  private final Thread atTheEnd = new Thread(this::delete);

  private BenchNamespaces(List<String> names) {
    this.names = names;
  }

  static BenchNamespaces of(String... names) {
    var namespaces = new BenchNamespaces(List.of(names));
    namespaces.delete();
    Runtime.getRuntime().addShutdownHook(namespaces.atTheEnd);
    namespaces.add();
    return namespaces;
  }

  private synchronized void add() {
    Run.of(List.of("ip", "-batch", "-"), lines("add")).orThrow();
  }

  /** Tries again where a signal to the whole process group ended ip as well. */
  private synchronized void delete() {
    for (int i = 0; i < TRIES && !allGone(); i++) {
      Run.of(List.of("ip", "-force", "-batch", "-"), lines("delete"));
    }
  }

  private boolean allGone() {
    return names.stream().noneMatch(name -> Files.exists(DIRECTORY.resolve(name)));
  }

  private String lines(String verb) {
    return names.stream().map(name -> "netns " + verb + " " + name + "\n").collect(joining());
  }

  @Override
  public void close() {
    delete();
    var _ = Runtime.getRuntime().removeShutdownHook(atTheEnd);
  }
}
