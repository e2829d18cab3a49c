package dev.manul.e2e.demo;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.Convergence;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.PingMatrix;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.SteadyPings;
import dev.manul.e2e.lab.Topology;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Switches the pool of a lab that is up from every mode to every other while all pods ping all pods
 * of other nodes, and judges that nothing is lost.
 *
 * <p>The nodes filter loosely by reverse path, as most distributions have it: packets that come in
 * by a device that is not quite set up are dropped then, which without the filter would pass.
 */
public final class ModesCheck {

  private static final Key POOL = Key.of("default-ipv4-ippool");
  private static final Duration LIMIT = Duration.ofMinutes(4);

  /**
   * How much of a processor's time the pings may take: on a slow machine with one processor the
   * agents that make the switches would have none left.
   */
  private static final double SHARE = 0.5;

  /** How much of the rate asked for must be kept for the check to count. */
  private static final double ENOUGH = 0.1;

  /** Before the first switch, after each and after the last, beside what the switch takes. */
  private static final Duration REST = Duration.ofMillis(250);

  private final Lab lab;
  private final Path pings;
  private final Rates rates;
  private final Set<PoolMode> modes;
  private final Steps steps;
  private final Convergence convergence;
  private final List<String> failures = new ArrayList<>();

  /** A switch that was made, and how long it took. */
  private record Switched(PoolMode from, PoolMode to, long milliseconds) {}

  /**
   * How often a second each pod pings.
   *
   * @param inUdp the same while UDP is left or come to, and agents carry each packet: where all of
   *     them share one processor, what is lost for want of it tells nothing
   */
  public record Rates(int inKernel, int inUdp) {
    int of(PoolMode from, PoolMode to) {
      return isInUdp(from, to) ? inUdp : inKernel;
    }
  }

  /**
   * @param pings the program, see {@link SteadyPings#program}
   * @param modes to go through, {@link PoolMode#NEVER} among them
   */
  public ModesCheck(Lab lab, Path pings, Rates rates, Set<PoolMode> modes, Steps steps) {
    this.lab = lab;
    this.pings = pings;
    this.rates = rates;
    this.modes = Set.copyOf(modes);
    this.steps = steps;
    this.convergence = new Convergence(lab);
    if (lab.topology().machines().stream()
        .noneMatch(machine -> "bgp".equals(machine.labels().get("routing")))) {
      throw new LabException(
          "lab %s: in mode Never its router would have to know the nodes' blocks; take a lab whose"
              + " router speaks BGP, such as router-bird",
          lab.topology().name());
    }
  }

  /** Makes all switches, and leaves the pool in mode Never. */
  public ModesReport run() {
    for (Topology.Machine node : lab.topology().nodes()) {
      Run.in(node.namespace(), "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=2");
    }
    List<PoolMode> tour = ModeTour.from(PoolMode.NEVER, modes);
    var _ = switchTo(tour.getFirst());
    Waiting.until("all pods to answer", LIMIT, steps, () -> PingMatrix.take(lab).silent());
    List<SteadyPings.Pair> pairs = SteadyPings.betweenNodes(lab.pods());
    List<Switched> switches = new ArrayList<>();
    try (SteadyPings load = SteadyPings.start(pings, pairs, requests(rates.inKernel()), SHARE)) {
      var _ = Waiting.pass(REST);
      for (int i = 1; i < tour.size(); i++) {
        load.nextLeg(requests(rates.of(tour.get(i - 1), tour.get(i))));
        Duration taken = switchTo(tour.get(i));
        var _ = Waiting.pass(REST);
        switches.add(new Switched(tour.get(i - 1), tour.get(i), taken.toMillis()));
      }
      return report(pairs.size(), switches, load.stop());
    }
  }

  /** A second, of all pods together. */
  private int requests(int each) {
    return Math.max(1, each * lab.pods().size());
  }

  private static boolean isInUdp(PoolMode from, PoolMode to) {
    return from.carrier() == PoolMode.Carrier.UDP || to.carrier() == PoolMode.Carrier.UDP;
  }

  /** Leg 0 is before the first switch. */
  private ModesReport report(int pairs, List<Switched> made, SteadyPings.Count count) {
    List<ModesReport.Switch> switches = new ArrayList<>();
    List<SteadyPings.Leg> byKernel = new ArrayList<>();
    List<SteadyPings.Leg> byAgents = new ArrayList<>();
    for (int i = 0; i < made.size(); i++) {
      Switched one = made.get(i);
      SteadyPings.Leg leg = count.legs().get(i + 1);
      (isInUdp(one.from(), one.to()) ? byAgents : byKernel).add(leg);
      switches.add(
          new ModesReport.Switch(
              one.from(),
              one.to(),
              leg.sent(),
              leg.lost(),
              leg.slowestMillis(),
              one.milliseconds()));
      steps.line(
          "%-17s to %-17s %5.1f s, %5d sent, %d lost, slowest answer %4.0f ms",
          one.from(),
          one.to(),
          one.milliseconds() / 1e3,
          leg.sent(),
          leg.lost(),
          leg.slowestMillis());
    }
    double perPod = perPod(byKernel);
    double perPodInUdp = perPod(byAgents);
    steps.line(
        "%d packets sent, by each pod %.0f a second (%d asked for)%s; %d lost",
        count.sent(),
        perPod,
        rates.inKernel(),
        byAgents.isEmpty() ? "" : ", %.0f to and from UDP".formatted(perPodInUdp),
        count.lost());
    count.losses().forEach(line -> steps.line("  %s", line));
    expect(count.lost() == 0, "%d of %d packets lost".formatted(count.lost(), count.sent()));
    expect(
        perPod >= ENOUGH * rates.inKernel()
            && (byAgents.isEmpty() || perPodInUdp >= ENOUGH * rates.inUdp()),
        "a machine too busy to send as often as it was asked to");
    return new ModesReport(
        failures.isEmpty() ? "pass" : "fail",
        List.copyOf(failures),
        lab.topology().name(),
        pairs,
        count.sent(),
        count.lost(),
        perPod,
        perPodInUdp,
        List.copyOf(switches));
  }

  private double perPod(List<SteadyPings.Leg> legs) {
    double seconds = legs.stream().mapToDouble(SteadyPings.Leg::seconds).sum();
    long sent = legs.stream().mapToLong(SteadyPings.Leg::sent).sum();
    return legs.isEmpty() ? 0 : sent / seconds / lab.pods().size();
  }

  private void expect(boolean condition, String failure) {
    if (!condition) {
      failures.add(failure);
      steps.line("FAILED: %s", failure);
    }
  }

  /** Changes the pool, and waits until all nodes' routes are those of the new mode. */
  private Duration switchTo(PoolMode mode) {
    long start = System.nanoTime();
    try (Datastore datastore = lab.store().open()) {
      boolean written = false;
      while (!written) {
        IPPool pool =
            datastore
                .get(IPPool.KIND, POOL)
                .orElseThrow(() -> new LabException("no pool %s", POOL.name()));
        written = datastore.update(mode.of(pool)) instanceof WriteResult.Written<IPPool>;
      }
    }
    Duration _ = convergence.awaitRoutes(mode, LIMIT, steps);
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
