package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.NativeProgram;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Link;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSocket;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast routes get into the kernel: {@link RouteSocket#apply} against the bare C program
 * e2e/bench/routes.c, which sends the same messages in batches, in turns, each into an empty table.
 * The C program asks for an acknowledgement of every route, or, like our driver, only of the last
 * of a batch.
 */
public final class NetlinkBench {

  private static final String NAMESPACE = "mlab-bench";
  private static final String LINK = "bench0";
  private static final String GATEWAY = "192.0.2.2";
  private static final int FIRST_ADDRESS = 10 << 24;
  private static final int PROTOCOL = 77;
  private static final int ROUNDS = 7;
  private static final double NANOS_PER_SECOND = 1e9;

  private NetlinkBench() {}

  /**
   * The figures.
   *
   * @param routes how many routes a round adds
   * @param eachSeconds the rounds of the C program that has every route acknowledged
   * @param lastSeconds the rounds of the C program that has the last of a batch acknowledged
   * @param driverSeconds each round of ours; the first is that of a cold JVM
   * @param ratioToEach our median over that of the first
   * @param ratioToLast our median over that of the second
   */
  public record Figures(
      int routes,
      List<Double> eachSeconds,
      List<Double> lastSeconds,
      List<Double> driverSeconds,
      double ratioToEach,
      double ratioToLast) {}

  /** Measures, in a namespace of its own that it takes down again. */
  public static Figures run(Path root, int routes, PrintStream out) {
    Path yardstick = NativeProgram.compiled(root, "bench/routes");
    List<Double> each = new ArrayList<>();
    List<Double> last = new ArrayList<>();
    List<Double> driver = new ArrayList<>();
    Run.ok("ip", "netns", "add", NAMESPACE);
    try {
      Run.ip(
          NAMESPACE,
          List.of(
              "link add " + LINK + " type veth peer name bench1",
              "address add 192.0.2.1/24 dev " + LINK,
              "link set " + LINK + " up",
              "link set bench1 up"));
      for (int round = 0; round < ROUNDS; round++) {
        each.add(yardstick(yardstick, routes, "each"));
        last.add(yardstick(yardstick, routes, "last"));
        driver.add(addRoutes(routes));
        flush(routes);
      }
    } finally {
      Run.of(List.of("ip", "netns", "delete", NAMESPACE));
    }
    var figures =
        new Figures(
            routes,
            each,
            last,
            driver,
            median(driver) / median(each),
            median(driver) / median(last));
    out.printf("%-40s %8s %8s %8s%n", routes + " routes in place, seconds", "min", "median", "max");
    print(out, "C, every route acknowledged", each);
    print(out, "C, the last of a batch acknowledged", last);
    print(out, "manul's netlink driver", driver);
    out.printf(
        "%-40s %8.2f and %.2f%n",
        "ratio of the medians to either", figures.ratioToEach(), figures.ratioToLast());
    return figures;
  }

  private static double yardstick(Path program, int routes, String acknowledged) {
    String count = Integer.toString(routes);
    double seconds =
        Double.parseDouble(
            Run.in(NAMESPACE, program.toString(), count, LINK, GATEWAY, acknowledged).strip());
    flush(routes);
    return seconds;
  }

  private static void print(PrintStream out, String name, List<Double> seconds) {
    List<Double> sorted = seconds.stream().sorted().toList();
    out.printf(
        "%-40s %8.3f %8.3f %8.3f%n", name, sorted.getFirst(), median(seconds), sorted.getLast());
  }

  private static double median(List<Double> seconds) {
    return seconds.stream().sorted().toList().get(seconds.size() / 2);
  }

  private static double addRoutes(int count) {
    try (RouteSocket socket = RouteSocket.open(NetworkNamespace.named(NAMESPACE))) {
      Link link = socket.link(LINK).orElseThrow(() -> new LabException("%s: no such link", LINK));
      Ipv4Address gateway = Ipv4Address.parse(GATEWAY);
      List<Change> changes = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        Prefix destination = Prefix.of(new Ipv4Address(FIRST_ADDRESS + i), Integer.SIZE);
        changes.add(
            new Change.AddRoute(
                Route.via(destination, gateway, link.index()).withProtocol(PROTOCOL)));
      }
      long start = System.nanoTime();
      ApplyReport report = socket.apply(changes);
      double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
      if (!report.failures().isEmpty()) {
        throw new LabException("netlink bench: %s", report.failures().getFirst());
      }
      return seconds;
    }
  }

  /** Empties the table, having seen that all routes were in it. */
  private static void flush(int expected) {
    long there =
        Run.of(List.of("ip", "-n", NAMESPACE, "route", "show", "proto", "77"))
            .orThrow()
            .lines()
            .size();
    if (there != expected) {
      throw new LabException("netlink bench: %d of %d routes in the kernel", there, expected);
    }
    Run.ok("ip", "-n", NAMESPACE, "route", "flush", "proto", "77");
  }
}
