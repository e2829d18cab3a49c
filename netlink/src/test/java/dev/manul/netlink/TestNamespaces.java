package dev.manul.netlink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Fresh namespaces for a test, taken away when it is closed; and what {@code ip} says of them. */
final class TestNamespaces implements AutoCloseable {

  private static final AtomicInteger NEXT = new AtomicInteger();

  private final Deque<NetworkNamespace> made = new ArrayDeque<>();

  /** A new namespace, with {@code lo} up. */
  NetworkNamespace fresh() {
    NetworkNamespace namespace = bare();
    try (RouteSocket socket = RouteSocket.open(namespace)) {
      ok(socket.apply(List.of(new Change.SetLink(1, LinkUpdate.NOTHING.withUp(true)))));
    }
    return namespace;
  }

  /** A new namespace as the kernel makes it. */
  NetworkNamespace bare() {
    NetworkNamespace namespace =
        NetworkNamespace.create(
            "mnnl-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet());
    made.push(namespace);
    return namespace;
  }

  static String name(NetworkNamespace namespace) {
    return namespace.path().orElseThrow().getFileName().toString();
  }

  static void ok(ApplyReport report) {
    if (!report.ok()) {
      throw new AssertionError(report.failures().toString());
    }
  }

  /** The output of {@code ip} inside a namespace, without blanks at the ends of lines. */
  static String ip(NetworkNamespace namespace, String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "-n", name(namespace)));
    Collections.addAll(command, arguments);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + ": " + output);
      }
      return output.lines().map(String::strip).reduce((a, b) -> a + "\n" + b).orElse("");
    } catch (IOException e) {
      throw new AssertionError(command.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(command.toString(), e);
    }
  }

  @Override
  public void close() {
    while (!made.isEmpty()) {
      made.pop().delete();
    }
  }
}
