package dev.manul.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.netlink.Event;
import dev.manul.netlink.Group;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetlinkMonitor;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSelection;
import dev.manul.netlink.RouteSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;

/**
 * A namespace that stands for a node: {@code eth0} with 10.1.5.11/24, {@code cali1}, and a veth
 * named {@code tunl0} where a real one would be, all with their other ends in a second namespace.
 * What others do to it is done by the {@code ip} command, which shares no code with us.
 */
final class TestHost implements AutoCloseable {

  static final ProgrammerOptions OPTIONS = ProgrammerOptions.DEFAULT.withTunnel("tunl0", "veth");

  private static final AtomicInteger COUNT = new AtomicInteger();

  final String name = "mnrt-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final String outside = name + "x";
  private final List<AutoCloseable> opened = new ArrayList<>();

  TestHost() {
    run("ip", "netns", "add", name);
    run("ip", "netns", "add", outside);
    ip("link set lo up");
    addLink("eth0");
    ip("address add 10.1.5.11/24 dev eth0");
    ip("address add 2001:db8:5::11/64 dev eth0 nodad");
    ip("route add default via 10.1.5.1");
    addLink("cali1");
    addLink("tunl0");
  }

  /** Adds a veth that is up, with its other end outside. */
  void addLink(String link) {
    ip("link add " + link + " type veth peer name p-" + link + " netns " + outside);
    run("ip", "-n", outside, "link", "set", "p-" + link, "up");
    ip("link set " + link + " up");
  }

  NetworkNamespace namespace() {
    return NetworkNamespace.named(name);
  }

  /** Runs {@code ip -n NAME} with arguments that have no blanks in them. */
  String ip(String arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "-n", name));
    command.addAll(List.of(arguments.split(" ")));
    return run(command.toArray(new String[0]));
  }

  /** The namespace at the other ends. */
  NetworkNamespace outside() {
    return NetworkNamespace.named(outside);
  }

  /** As {@link #ip}, in the namespace at the other ends. */
  String outside(String arguments) {
    return run(("ip -n " + outside + " " + arguments).split(" "));
  }

  /** Runs {@code bridge -n NAME}. */
  String bridge(String arguments) {
    return run(("bridge -n " + name + " " + arguments).split(" "));
  }

  /** As {@link #ip}, but a failure is of no interest. */
  void ipMayFail(String arguments) {
    run(false, ("ip -n " + name + " " + arguments).split(" "));
  }

  private static String run(String... command) {
    return run(true, command);
  }

  private static String run(boolean mustSucceed, String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (mustSucceed) {
        assertThat(status).as("%s: %s", List.of(command), output).isZero();
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Our routes as {@code ip route} writes them. */
  List<String> shown() {
    List<String> lines = new ArrayList<>();
    for (String family : List.of("-4", "-6")) {
      run("ip", family, "-n", name, "route")
          .lines()
          .map(String::strip)
          .filter(line -> line.contains("proto 77"))
          .forEach(lines::add);
    }
    return lines;
  }

  RouteProgrammer programmer() {
    return programmer(OPTIONS);
  }

  RouteProgrammer programmer(ProgrammerOptions options) {
    RouteProgrammer programmer =
        RouteProgrammer.start(namespace(), options, ProgrammerListener.NONE);
    opened.addFirst(programmer);
    return programmer;
  }

  /**
   * A programmer that has been told all there is to know, and has made it.
   *
   * @param installed how many routes there are then
   */
  RouteProgrammer settled(NodeView view, List<LearnedChange> learned, int installed) {
    RouteProgrammer programmer = programmer();
    programmer.view(view);
    programmer.learned(learned);
    programmer.inSync();
    eventually()
        .untilAsserted(
            () -> {
              assertThat(programmer.status().issues()).isEmpty();
              assertThat(programmer.status().failing()).isEmpty();
              assertThat(programmer.status().installed()).isEqualTo(installed);
              assertThat(programmer.status().settled()).isTrue();
            });
    return programmer;
  }

  static ConditionFactory eventually() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  /** The forwarding entries of a device, as {@code bridge} writes them. */
  List<String> forwarding(String device) {
    return bridge("fdb show dev " + device).lines().map(String::strip).toList();
  }

  /** The neighbours of a device that somebody has entered, as {@code ip} writes them. */
  List<String> neighbours(String device) {
    return ip("neighbour show dev " + device)
        .lines()
        .map(String::strip)
        .filter(line -> line.endsWith("PERMANENT"))
        .toList();
  }

  RouteSocket socket() {
    RouteSocket socket = RouteSocket.open(namespace());
    opened.addFirst(socket);
    return socket;
  }

  static List<Route> ours(RouteSocket socket) {
    return socket.routes(
        RouteSelection.ofTable(Route.MAIN_TABLE).withProtocol(ProgrammerOptions.MANUL_PROTOCOL));
  }

  /** What the kernel tells of routes with our protocol, each with its time. */
  final class Recorder implements NetlinkMonitor.Listener {

    record Told(Event event, long nanos) {}

    final List<Told> told = new CopyOnWriteArrayList<>();
    volatile boolean complete = true;

    Recorder() {
      opened.addFirst(
          NetlinkMonitor.open(namespace(), Set.of(Group.IPV4_ROUTE, Group.IPV6_ROUTE), this));
    }

    @Override
    public void changed(List<Event> events) {
      long now = System.nanoTime();
      for (Event event : events) {
        switch (event) {
          case Event.RouteAdded added when isOurs(added.route()) -> told.add(new Told(event, now));
          case Event.RouteRemoved removed when isOurs(removed.route()) ->
              told.add(new Told(event, now));
          default -> {}
        }
      }
    }

    private static boolean isOurs(Route route) {
      return route.protocol() == ProgrammerOptions.MANUL_PROTOCOL;
    }

    @Override
    public void overrun() {
      complete = false;
    }

    @Override
    public void failed(NetlinkException cause) {
      complete = false;
    }

    List<Event> events() {
      return told.stream().map(Told::event).toList();
    }
  }

  @Override
  public void close() {
    for (AutoCloseable one : opened) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    run("ip", "netns", "delete", name);
    run("ip", "netns", "delete", outside);
  }
}
