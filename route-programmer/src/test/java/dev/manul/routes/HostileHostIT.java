package dev.manul.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.EncapsulationMode;
import dev.manul.model.Prefix;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteSelection;
import dev.manul.netlink.RouteSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@link RouteKeeperPropertyTest} shows in memory, on a real kernel: others meddle at random,
 * and in the end the kernel has what is wanted and others' routes are as they left them.
 */
class HostileHostIT {

  private static final int STEPS = 60;
  private static final List<EncapsulationMode> MODES = List.of(EncapsulationMode.values());
  private static final List<String> DESTINATIONS =
      List.of(
          "10.244.0.0/26", "10.244.0.64/26", "10.244.0.128/26", "10.245.0.0/26", "10.244.1.5/32");

  private final TestHost host = new TestHost();
  private final Set<String> foreign = new TreeSet<>();
  private final Map<Prefix, LearnedRoute> learned = new HashMap<>();
  private final Sketch.View view = Sketch.view().tunnelAddress("10.244.9.0");

  @AfterEach
  void removeNamespaces() {
    host.close();
  }

  private static EncapsulationMode anyMode(RandomGenerator random) {
    return MODES.get(random.nextInt(MODES.size()));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void kernelComesToWhatIsWanted(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    RouteProgrammer programmer = host.programmer();
    RouteSocket socket = host.socket();
    view.own("10.244.1.0/26").workload("10.244.1.5/32", "cali1");
    programmer.inSync();
    for (int i = 0; i < STEPS; i++) {
      step(random, programmer, socket);
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> check(programmer.underlay(), socket));
    assertThat(foreignShown()).isEqualTo(foreign);
  }

  private void step(RandomGenerator random, RouteProgrammer programmer, RouteSocket socket) {
    String destination = DESTINATIONS.get(random.nextInt(DESTINATIONS.size()));
    Prefix prefix = Sketch.prefix(destination);
    Optional<Route> present =
        socket.routes(RouteSelection.ofTable(Route.MAIN_TABLE)).stream()
            .filter(route -> route.destination().equals(prefix))
            .findFirst();
    boolean ours =
        present.filter(r -> r.protocol() == ProgrammerOptions.MANUL_PROTOCOL).isPresent();
    switch (random.nextInt(8)) {
      case 0 -> {
        view.pools(
            Sketch.pool("10.244.0.0/16", anyMode(random)),
            Sketch.pool("10.245.0.0/16", anyMode(random)));
        programmer.view(view.get());
      }
      case 1, 2, 3 -> {
        String nextHop = random.nextBoolean() ? "10.1.5.10" : "10.1.8.10";
        LearnedRoute route = Sketch.learned(destination, nextHop);
        learned.put(prefix, route);
        programmer.learned(List.of(new LearnedChange(prefix, Optional.of(route))));
      }
      case 4 -> {
        learned.remove(prefix);
        programmer.learned(List.of(LearnedChange.withdrawn(prefix)));
      }
      case 5 -> {
        if (ours) {
          host.ipMayFail("route del " + destination + " proto 77");
        }
      }
      case 6 -> {
        quiet(programmer);
        if (!foreign.contains(destination) && (ours || present.isEmpty())) {
          host.ip("route replace " + destination + " via 10.1.5.7 dev eth0 proto static");
          foreign.add(destination);
        }
      }
      default -> {
        if (foreign.remove(destination)) {
          host.ip("route del " + destination + " proto static");
        } else {
          host.ip("link set cali1 down");
          host.ip("link set cali1 up");
        }
      }
    }
  }

  /** Another's route may only be put where nothing of ours is just being written. */
  private static void quiet(RouteProgrammer programmer) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> programmer.report().failing().stream().allMatch(f -> f.contains("left alone")));
  }

  private Set<String> foreignShown() {
    Set<String> shown = new TreeSet<>();
    host.ip("route show proto static")
        .lines()
        .filter(line -> line.contains("10.1.5.7"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .map(text -> Sketch.prefix(text).toString())
        .forEach(shown::add);
    return shown;
  }

  private void check(Underlay underlay, RouteSocket socket) {
    RouteCalculation calculation = new RouteCalculation(underlay, view.get(), TestHost.OPTIONS);
    Set<Route> wanted = new HashSet<>();
    calculation.local().values().forEach(d -> d.wanted().ifPresent(wanted::add));
    learned.forEach(
        (prefix, route) -> {
          if (!calculation.isLocal(prefix)) {
            calculation.learned(route).wanted().ifPresent(wanted::add);
          }
        });
    wanted.removeIf(route -> foreign.contains(route.destination().toString()));
    assertThat(TestHost.ours(socket)).containsExactlyInAnyOrderElementsOf(wanted);
  }
}
