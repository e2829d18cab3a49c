package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Installs 100,000 routes by this package and by the bare program {@code bare_routes.c}, in turns,
 * each time in a fresh namespace, and compares the medians.
 *
 * <p>Arguments: the compiled C program, the JSON file to write, and optionally the number of turns
 * and of routes. What is measured is from the list of routes to the last acknowledgement; for the C
 * program, from its first message. A cold run is the first of a JVM; the warm ones follow in one
 * JVM, as in the agent.
 */
public final class RouteBenchmark {

  private static final Address GATEWAY = Address.parse("10.1.5.11");
  private static final int WARM_UP = 3;

  private final Path bare;
  private final int turns;
  private final int count;

  private RouteBenchmark(Path bare, int turns, int count) {
    this.bare = bare;
    this.turns = turns;
    this.count = count;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2 && arguments[0].equals("--once")) {
      RouteBenchmark once = new RouteBenchmark(Path.of("none"), 1, Integer.parseInt(arguments[1]));
      System.out.println(once.java());
      return;
    }
    if (arguments.length < 2) {
      System.err.println("usage: RouteBenchmark BARE_ROUTES JSON_FILE [TURNS [ROUTES]]");
      System.exit(2);
    }
    int turns = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 9;
    int count = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 100_000;
    new RouteBenchmark(Path.of(arguments[0]), turns, count).run(Path.of(arguments[1]));
  }

  private void run(Path json) throws IOException, InterruptedException {
    double[] each = new double[turns];
    double[] last = new double[turns];
    double[] cold = new double[Math.min(turns, 5)];
    double[] warm = new double[turns];
    for (int i = 0; i < WARM_UP; i++) {
      double _ = java();
    }
    for (int i = 0; i < turns; i++) {
      each[i] = inNamespace((_, where, link) -> c(where, link, "each"));
      warm[i] = java();
      last[i] = inNamespace((_, where, link) -> c(where, link, "last"));
      if (i < cold.length) {
        cold[i] = coldJava();
      }
    }
    double base = median(each);
    StringBuilder table = new StringBuilder();
    table.append(String.format("%,d routes, median of %d turns%n", count, turns));
    row(table, "bare C, every message acknowledged", each, base);
    row(table, "bare C, last of a send acknowledged", last, base);
    row(table, "this package, warm JVM", warm, base);
    row(table, "this package, first run of a JVM", cold, base);
    System.out.print(table);
    String text =
        String.format(
            Locale.ROOT,
            "{\"benchmark\":\"netlink\",\"routes\":%d,\"turns\":%d,\"unit\":\"ms\","
                + "\"bareEach\":%s,\"bareLast\":%s,\"warm\":%s,\"cold\":%s,"
                + "\"ratioWarm\":%.3f,\"ratioCold\":%.3f,\"ratioWarmToLast\":%.3f}%n",
            count,
            turns,
            list(each),
            list(last),
            list(warm),
            list(cold),
            median(warm) / base,
            median(cold) / base,
            median(warm) / median(last));
    Files.writeString(json, text);
  }

  private static void row(StringBuilder table, String what, double[] values, double base) {
    double median = median(values);
    table.append(
        String.format(
            Locale.ROOT,
            "  %-38s %8.1f ms   (%.1f to %.1f)   %.2f x%n",
            what,
            median,
            Arrays.stream(values).min().orElse(0),
            Arrays.stream(values).max().orElse(0),
            median / base));
  }

  private static String list(double[] values) {
    List<String> texts = new ArrayList<>();
    for (double value : values) {
      texts.add(String.format(Locale.ROOT, "%.1f", value));
    }
    return "{\"median\":"
        + String.format(Locale.ROOT, "%.1f", median(values))
        + ",\"runs\":["
        + String.join(",", texts)
        + "]}";
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** What is measured inside a namespace that has a link to route through. */
  @FunctionalInterface
  private interface Measured {
    double milliseconds(RouteSocket socket, NetworkNamespace where, int link)
        throws IOException, InterruptedException;
  }

  private static double inNamespace(Measured measured) throws IOException, InterruptedException {
    try (TestNamespaces namespaces = new TestNamespaces()) {
      NetworkNamespace where = namespaces.fresh();
      try (RouteSocket socket = RouteSocket.open(where)) {
        TestNamespaces.ok(
            socket.apply(
                List.of(new Change.CreateLink(LinkSpec.of("v0", LinkType.Veth.of("v1"))))));
        int link = socket.link("v0").orElseThrow().index();
        int peer = socket.link("v1").orElseThrow().index();
        TestNamespaces.ok(
            socket.apply(
                List.of(
                    new Change.SetLink(peer, LinkUpdate.NOTHING.withUp(true)),
                    new Change.AddAddress(
                        LinkAddress.of(link, InterfaceAddress.parse("10.1.5.10/24"))))));
        return measured.milliseconds(socket, where, link);
      }
    }
  }

  private double java() throws IOException, InterruptedException {
    return inNamespace(
        (socket, _, link) -> {
          List<Change> changes = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            Route route = Route.via(new Ipv4Address(0x0b00_0000 + i).toPrefix(), GATEWAY, link);
            changes.add(new Change.AddRoute(route.withProtocol(77)));
          }
          long begin = System.nanoTime();
          ApplyReport report = socket.apply(changes);
          double milliseconds = (System.nanoTime() - begin) / 1e6;
          TestNamespaces.ok(report);
          return milliseconds;
        });
  }

  private double c(NetworkNamespace where, int link, String acknowledge)
      throws IOException, InterruptedException {
    return number(
        "ip",
        "netns",
        "exec",
        TestNamespaces.name(where),
        bare.toString(),
        Integer.toString(count),
        Integer.toString(link),
        GATEWAY.text(),
        acknowledge);
  }

  private double coldJava() throws IOException, InterruptedException {
    return number(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx64m",
        "-cp",
        System.getProperty("java.class.path"),
        RouteBenchmark.class.getName(),
        "--once",
        Integer.toString(count));
  }

  private static double number(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException(String.join(" ", command) + ": " + output);
    }
    return Double.parseDouble(output.strip());
  }
}
