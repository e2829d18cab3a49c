package dev.manul.e2e.demo;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.WriteResult;
import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.Convergence;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.PingLoad;
import dev.manul.e2e.lab.PingMatrix;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Topology;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Switches the pool of a lab that is up from every mode to every other while all pods ping all pods
 * of other nodes, and judges that nothing is lost.
 *
 * <p>The nodes filter loosely by reverse path, as most distributions have it: packets that come in
 * by a device that is not quite set up are dropped then, which without the filter would pass.
 */
public final class ModesCheck {

  private static final Key POOL = Key.of("default-ipv4-ippool");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Requests a second of all pods together, as many as a guest on a busy machine can do. */
  private static final int REQUESTS_PER_SECOND = 100;

  /** How fping is run: what measures must not wait for what is measured. */
  private static final List<String> FIRST = List.of("chrt", "--fifo", "1");

  /** Before the first switch, after each and after the last, beside what the switch takes. */
  private static final Duration REST = Duration.ofMillis(500);

  private final Lab lab;
  private final Steps steps;
  private final Convergence convergence;
  private final List<String> failures = new ArrayList<>();

  /** A switch that was made, and when it began and the next could. */
  private record Leg(PoolMode from, PoolMode to, double begun, double ended, long milliseconds) {}

  public ModesCheck(Lab lab, Steps steps) {
    this.lab = lab;
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
    List<PoolMode> tour = ModeTour.from(PoolMode.NEVER);
    var _ = switchTo(tour.getFirst());
    Waiting.until("all pods to answer", LIMIT, steps, () -> PingMatrix.take(lab).silent());
    List<PingLoad.Sender> senders = PingLoad.betweenNodes(lab.pods(), FIRST);
    int pairs = senders.stream().mapToInt(sender -> sender.addresses().size()).sum();
    PingLoad load =
        PingLoad.start(senders, Duration.ofSeconds(pairs).dividedBy(REQUESTS_PER_SECOND));
    rest();
    List<Leg> legs = new ArrayList<>();
    for (int i = 1; i < tour.size(); i++) {
      double begun = PingLoad.uptime();
      Duration taken = switchTo(tour.get(i));
      rest();
      legs.add(new Leg(tour.get(i - 1), tour.get(i), begun, PingLoad.uptime(), taken.toMillis()));
    }
    boolean sending = load.isSending();
    PingLoad.Count count = load.stop();
    expect(sending, "a pod stopped pinging before the end");
    return report(senders, legs, count);
  }

  private ModesReport report(List<PingLoad.Sender> senders, List<Leg> legs, PingLoad.Count count) {
    List<ModesReport.Switch> switches = new ArrayList<>();
    for (Leg leg : legs) {
      PingLoad.Round round = count.between(leg.begun(), leg.ended());
      switches.add(
          new ModesReport.Switch(
              leg.from(), leg.to(), round.sent(), round.lost(), leg.milliseconds()));
      steps.line(
          "%-17s to %-17s %5.1f s, %5d sent, %d lost",
          leg.from(), leg.to(), leg.milliseconds() / 1e3, round.sent(), round.lost());
    }
    steps.line(
        "%d packets sent at %.0f a second, %d lost",
        count.sent(), count.packetsPerSecond(), count.lost());
    count.losses().forEach(line -> steps.line("  %s", line));
    expect(count.lost() == 0, "%d of %d packets lost".formatted(count.lost(), count.sent()));
    return new ModesReport(
        failures.isEmpty() ? "pass" : "fail",
        List.copyOf(failures),
        lab.topology().name(),
        senders.stream().mapToInt(sender -> sender.addresses().size()).sum(),
        count.sent(),
        count.lost(),
        count.packetsPerSecond(),
        List.copyOf(switches));
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

  private static void rest() {
    long end = System.nanoTime() + REST.toNanos();
    Duration _ =
        Waiting.until(
            "the time",
            LIMIT,
            Progress.NONE,
            () -> System.nanoTime() < end ? List.of("its end") : List.of());
  }
}
