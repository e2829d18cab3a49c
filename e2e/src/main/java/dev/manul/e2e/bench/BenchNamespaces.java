package dev.manul.e2e.bench;

import dev.manul.e2e.lab.Run;
import java.util.List;

/**
 * Network namespaces of a benchmark. They are taken down when it is done, when the program is asked
 * to end before that, and at the next start when it was killed.
 */
final class BenchNamespaces implements AutoCloseable {

  private final List<String> names;
  private final Thread atTheEnd = new Thread(this::delete);

  private BenchNamespaces(List<String> names) {
    this.names = names;
  }

  static BenchNamespaces of(String... names) {
    var namespaces = new BenchNamespaces(List.of(names));
    namespaces.delete();
    Runtime.getRuntime().addShutdownHook(namespaces.atTheEnd);
    namespaces.names.forEach(name -> Run.ok("ip", "netns", "add", name));
    return namespaces;
  }

  private void delete() {
    names.forEach(name -> Run.of(List.of("ip", "netns", "delete", name)));
  }

  @Override
  public void close() {
    var _ = Runtime.getRuntime().removeShutdownHook(atTheEnd);
    delete();
  }
}
