package dev.manul.routes;

import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import dev.manul.netlink.RouteSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Measures how long learned routes take into the kernel of a namespace: {@code ProgrammerBenchmark
 * [ROUTES]}, 100,000 unless told. With {@code vxlan} for ROUTES: 1,000 nodes of ten blocks each, in
 * VXLAN. Needs root.
 */
public final class ProgrammerBenchmark {

  private ProgrammerBenchmark() {}

  /** Runs three rounds of adding, changing the mode, and withdrawing. */
  public static void main(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals("vxlan")) {
      for (int round = 1; round <= 3; round++) {
        try (TestHost host = new TestHost()) {
          measureVxlan(host, round);
        }
      }
      return;
    }
    int routes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    for (int round = 1; round <= 3; round++) {
      try (TestHost host = new TestHost()) {
        measure(host, routes, round);
      }
    }
  }

  private static void measure(TestHost host, int routes, int round) {
    RouteProgrammer programmer = host.programmer();
    programmer.view(view(EncapsulationMode.ALWAYS));
    programmer.inSync();
    await(() -> programmer.status().settled());
    List<LearnedChange> all = new ArrayList<>(routes);
    List<LearnedChange> none = new ArrayList<>(routes);
    int first = ((Ipv4Address) Sketch.address("10.244.0.0")).value();
    for (int i = 0; i < routes; i++) {
      var prefix = new Ipv4Address(first + i * 4).toPrefix();
      var nextHop = new Ipv4Address(((Ipv4Address) Sketch.address("10.1.5.20")).value() + i % 100);
      all.add(LearnedChange.learned(prefix, List.of(nextHop)));
      none.add(LearnedChange.withdrawn(prefix));
    }
    double added = seconds(programmer, () -> programmer.learned(all), routes);
    try (RouteSocket socket = RouteSocket.open(host.namespace())) {
      if (TestHost.ours(socket).size() != routes) {
        throw new IllegalStateException("the kernel has not all routes");
      }
    }
    double one =
        seconds(
            programmer,
            () -> programmer.learned(List.of(Sketch.change("172.16.0.0/24", "10.1.5.20"))),
            routes + 1);
    double switched =
        seconds(programmer, () -> programmer.view(view(EncapsulationMode.CROSS_SUBNET)), -1);
    double removed = seconds(programmer, () -> programmer.learned(none), 1);
    System.out.printf(
        "round %d: %,d routes added %.3f s, one more %.4f s, mode changed %.3f s, removed %.3f s%n",
        round, routes, added, one, switched, removed);
  }

  /**
   * Nodes at 10.2.0.1 and on, each with the blocks of a /22 and its tunnel address in the first.
   */
  private static void measureVxlan(TestHost host, int round) {
    int nodes = 1_000;
    int blocks = 10;
    int firstNode = ((Ipv4Address) Sketch.address("10.2.0.1")).value();
    int firstBlock = ((Ipv4Address) Sketch.address("10.16.0.0")).value();
    List<LearnedChange> learned = new ArrayList<>();
    String[] others = new String[nodes];
    for (int node = 0; node < nodes; node++) {
      var address = new Ipv4Address(firstNode + node);
      int block = firstBlock + node * 1024;
      others[node] = address + " " + new Ipv4Address(block + 1);
      for (int i = 0; i < blocks; i++) {
        Prefix prefix = Prefix.of(new Ipv4Address(block + i * 64), 26);
        learned.add(LearnedChange.learned(prefix, List.of(address)));
      }
    }
    NodeView view =
        Sketch.view()
            .pools(Sketch.pool("10.16.0.0/12", EncapsulationMode.NEVER, EncapsulationMode.ALWAYS))
            .vxlan(AddressFamily.IPV4, "10.31.255.1", others)
            .get();
    RouteProgrammer programmer = host.programmer();
    programmer.inSync();
    programmer.learned(learned);
    double all = seconds(programmer, () -> programmer.view(view), nodes * blocks + nodes);
    long neighbours = host.ip("neighbour show dev vxlan.calico nud permanent").lines().count();
    long entries = host.bridge("fdb show dev vxlan.calico").lines().count();
    if (neighbours != nodes || entries != nodes) {
      throw new IllegalStateException(neighbours + " neighbours and " + entries + " entries");
    }
    System.out.printf(
        "round %d: %,d nodes with %d blocks each in VXLAN, device and all: %.3f s%n",
        round, nodes, blocks, all);
  }

  private static NodeView view(EncapsulationMode mode) {
    return Sketch.view().pools(Sketch.pool("10.0.0.0/8", mode)).tunnelAddress("10.3.0.1").get();
  }

  /** How long it takes until so many routes are installed; -1: until {@code lines} differ. */
  private static double seconds(RouteProgrammer programmer, Runnable action, int installed) {
    long begin = System.nanoTime();
    action.run();
    if (installed < 0) {
      // A question is answered once what came before it is done.
      programmer.report();
    } else {
      await(() -> programmer.status().settled() && programmer.status().installed() == installed);
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(100_000);
    }
  }
}
