package dev.manul.e2e.demo;

import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.ClusterStore;
import dev.manul.e2e.lab.Convergence;
import dev.manul.e2e.lab.KernelRoutes;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.PingMatrix;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.SteadyPings;
import dev.manul.e2e.lab.Subnets;
import dev.manul.e2e.lab.Topology;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.AgentStatus;
import dev.manul.model.EncapsulationMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The demo's steps, in order, on a lab that is up in {@code Always}. Each prints what it shows and
 * notes what is not as it should be; one that cannot be done ends the demo.
 */
public final class Demo {

  private static final String POOL = "default-ipv4-ippool";
  private static final String FOREIGN_ROUTE = "198.51.100.0/24";
  private static final Duration CONVERGENCE_LIMIT = Duration.ofMinutes(2);

  /**
   * How the pods ping while something happens, all ordered pairs of nodes together, of which there
   * are twelve.
   *
   * @param rate requests a second
   * @param leastRate what of that must have been sent
   * @param leastSent how many requests it must have been
   */
  private record Load(int rate, double leastRate, long leastSent) {}

  private static final Load HEAVY = new Load(550, 500, 5_000);

  /**
   * While an API server or an agent has much to do. A guest of user-mode Linux has one processor
   * and takes up to a millisecond of it for a request and its answer, and pings go before all
   * others: what they leave must do for a start in less time than neighbours wait for it.
   */
  private static final Load LIGHT = new Load(150, 100, 1_000);

  /** Before what happens under load, and after it is seen to be over. */
  private static final Duration MARGIN = Duration.ofSeconds(1);

  /** A load's least duration, for enough requests however quick it is that happens. */
  private static final Duration LEAST_LOAD = Duration.ofSeconds(10);

  private static final Duration FROZEN = Duration.ofSeconds(10);
  private static final Duration GONE = Duration.ofSeconds(5);
  private static final double MAX_ABSENCE_MILLIS = 100;

  private final Lab lab;
  private final Path pings;
  private final Load ofSwitches;
  private final Steps steps;
  private final Convergence convergence;
  private final Topology.Machine first;
  private final List<String> failures = new ArrayList<>();
  private final List<DemoReport.Capture> captures = new ArrayList<>();
  private final List<DemoReport.Switch> switches = new ArrayList<>();

  /**
   * @param pings the program, see {@link SteadyPings#program}
   */
  public Demo(Lab lab, Path pings, Steps steps) {
    this.lab = lab;
    this.pings = pings;
    this.ofSwitches = lab.store().outage().isPresent() ? LIGHT : HEAVY;
    this.steps = steps;
    this.convergence = new Convergence(lab);
    this.first = lab.topology().nodes().getFirst();
  }

  /** Runs all steps. */
  public DemoReport run() {
    step("convergence", "Convergence in mode Always", this::converge);
    step("status", "manulctl node status, on " + first.name(), this::showStatus);
    step("routes", "ip route, on " + first.name(), this::showRoutes);
    var matrix = steps.step("matrix", "Pings between all pods", this::pingAll);
    step("captures", "On the wire, mode Always", () -> capture(EncapsulationMode.ALWAYS));
    step(
        "switches",
        "Switch from Always to CrossSubnet under load",
        () -> change(EncapsulationMode.ALWAYS, EncapsulationMode.CROSS_SUBNET));
    step("routes", "ip route, on " + first.name(), this::showRoutes);
    step(
        "captures", "On the wire, mode CrossSubnet", () -> capture(EncapsulationMode.CROSS_SUBNET));
    step(
        "switches",
        "Switch back from CrossSubnet to Always under load",
        () -> change(EncapsulationMode.CROSS_SUBNET, EncapsulationMode.ALWAYS));
    step("captures", "On the wire, mode Always again", () -> capture(EncapsulationMode.ALWAYS));
    var restart = steps.step("restart", "An agent killed and restarted under load", this::restart);
    var repair = steps.step("repair", "A route deleted by hand", this::repair);
    var outages = lab.store().outage().map(this::outage).stream().toList();
    var nodes = steps.step("nodes", "The agents", this::figures);
    return new DemoReport(
        failures.isEmpty() ? "pass" : "fail",
        List.copyOf(failures),
        lab.store().outage().isPresent() ? "kubernetes" : "file",
        lab.topology().name(),
        System.getProperty("os.version"),
        matrix,
        List.copyOf(captures),
        List.copyOf(switches),
        restart,
        repair,
        outages,
        nodes,
        steps.seconds());
  }

  private void step(String key, String heading, Runnable work) {
    steps.step(
        key,
        heading,
        () -> {
          work.run();
          return null;
        });
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private void expect(boolean condition, String failure, Object... arguments) {
    if (!condition) {
      String text = String.format(Locale.ROOT, failure, arguments);
      failures.add(text);
      steps.line("FAILED: %s", text);
    }
  }

  private void converge() {
    Duration taken = convergence.await(PoolMode.IPIP_ALWAYS, CONVERGENCE_LIMIT, steps);
    steps.line(
        "all sessions up, all %d nodes route to all %d pods, %.1f s after the last pod",
        lab.topology().nodes().size(), lab.pods().size(), taken.toMillis() / 1000.0);
    // Another owner's route: it must outlive everything that follows.
    Run.ok(
        "ip",
        "-n",
        first.namespace(),
        "route",
        "add",
        "blackhole",
        FOREIGN_ROUTE,
        "proto",
        "static");
  }

  private void showStatus() {
    Run run = lab.manulctl(first.name(), "node", "status");
    steps.block(run.output());
    expect(run.status() == 0, "manulctl node status: exit status %d", run.status());
  }

  private void showRoutes() {
    KernelRoutes.of(first.namespace()).lines().forEach(line -> steps.line("%s", line));
  }

  private DemoReport.Matrix pingAll() {
    PingMatrix matrix = PingMatrix.take(lab);
    matrix.lines().forEach(line -> steps.line("%s", line));
    var figures =
        new DemoReport.Matrix(matrix.pairs(), matrix.pairs() - matrix.unanswered().size());
    expect(
        figures.answered() == figures.pairs(),
        "%d of %d pings between pods were answered",
        figures.answered(),
        figures.pairs());
    return figures;
  }

  /** One ping to another node of the same subnet and one to a node of another. */
  private void capture(EncapsulationMode mode) {
    Pod from = lab.pod(first.name(), 0);
    for (boolean sameSubnet : new boolean[] {true, false}) {
      Optional<Topology.Machine> other =
          lab.topology().nodes().stream()
              .filter(node -> !node.equals(first))
              .filter(node -> Subnets.same(lab.topology(), first.name(), node.name()) == sameSubnet)
              .findFirst();
      if (other.isPresent()) {
        WireCapture.Seen seen = WireCapture.take(lab, mode, from, lab.pod(other.get().name(), 0));
        captures.add(seen.capture());
        judge(mode, seen);
      }
    }
  }

  private void judge(EncapsulationMode mode, WireCapture.Seen seen) {
    DemoReport.Capture capture = seen.capture();
    steps.line(
        "%s subnet, %s to %s: %s",
        capture.sameSubnet() ? "same" : "cross",
        capture.from(),
        capture.to(),
        capture.encapsulated() ? "IP protocol 4" : "plain ICMP");
    steps.line("  %s", seen.line());
    boolean wanted =
        switch (mode) {
          case ALWAYS -> true;
          case CROSS_SUBNET -> !capture.sameSubnet();
          case NEVER -> false;
        };
    expect(seen.answered(), "%s to %s: no answer", capture.from(), capture.to());
    expect(
        capture.encapsulated() == wanted,
        "mode %s, %s to %s: %s",
        mode,
        capture.from(),
        capture.to(),
        capture.encapsulated() ? "encapsulated" : "not encapsulated");
  }

  private SteadyPings start(Load asked) {
    List<Pod> pods = lab.topology().nodes().stream().map(node -> lab.pod(node.name(), 0)).toList();
    SteadyPings load = SteadyPings.start(pings, SteadyPings.betweenNodes(pods), asked.rate());
    var _ = Waiting.pass(MARGIN);
    return load;
  }

  /** Ends a load a while after what it was for, and judges it. */
  private SteadyPings.Count end(SteadyPings load, Load asked) {
    Duration missing = LEAST_LOAD.minus(load.age());
    var _ = Waiting.pass(missing.compareTo(MARGIN) > 0 ? missing : MARGIN);
    SteadyPings.Count count = load.stop();
    steps.line(
        "%d packets sent at %.0f a second, %d lost", count.sent(), count.perSecond(), count.lost());
    count.losses().forEach(line -> steps.line("  %s", line));
    expect(count.lost() == 0, "%d of %d packets lost", count.lost(), count.sent());
    expect(
        count.perSecond() >= asked.leastRate() && count.sent() >= asked.leastSent(),
        "only %d packets at %.0f a second",
        count.sent(),
        count.perSecond());
    return count;
  }

  private void change(EncapsulationMode from, EncapsulationMode to) {
    try (SteadyPings load = start(ofSwitches)) {
      long millis = setMode(to, System.nanoTime());
      steps.line("all nodes' routes are those of %s after %.1f s", to, millis / 1000.0);
      SteadyPings.Count count = end(load, ofSwitches);
      switches.add(
          new DemoReport.Switch(
              from, to, count.sent(), count.lost(), Math.round(count.perSecond()), millis));
    }
  }

  /** Gives the milliseconds from {@code start} until all routes are those of the new mode. */
  private long setMode(EncapsulationMode to, long start) {
    String patch = "{\"spec\":{\"ipipMode\":\"" + to + "\"}}";
    steps.line("%s", lab.store().patchPool(lab, POOL, patch));
    convergence.awaitRoutes(PoolMode.ofIpip(to), CONVERGENCE_LIMIT, steps);
    return (System.nanoTime() - start) / 1_000_000;
  }

  private DemoReport.Restart restart() {
    String victim = lab.topology().nodes().get(1).name();
    try (RouteWitnesses witnesses = RouteWitnesses.open(lab.topology());
        SteadyPings load = start(LIGHT)) {
      lab.killAgent(victim);
      steps.line("kill -KILL, agent of %s", victim);
      Duration ready = lab.restartAgent(victim, steps);
      steps.line("started again, ready after %.1f s", ready.toMillis() / 1000.0);
      Duration sessions = convergence.await(PoolMode.IPIP_ALWAYS, CONVERGENCE_LIMIT, steps);
      steps.line("all sessions up %.1f s later", sessions.toMillis() / 1000.0);
      SteadyPings.Count count = end(load, LIGHT);
      List<String> events = witnesses.events();
      steps.line("ip monitor route, on all nodes: %d events", events.size());
      expect(events.isEmpty(), "routes were touched: %s", String.join("; ", events));
      return new DemoReport.Restart(victim, count.sent(), count.lost(), events, ready.toMillis());
    }
  }

  private DemoReport.Repair repair() {
    String remote = lab.pod(lab.topology().nodes().getLast().name(), 0).address();
    String route =
        KernelRoutes.of(first.namespace())
            .ours(remote)
            .orElseThrow(() -> new LabException("no route to %s", remote));
    String destination = route.split(" ", -1)[0];
    try (RouteWitness witness = RouteWitness.open(first.namespace())) {
      steps.line("ip route del %s", destination);
      Run.ok("ip", "-n", first.namespace(), "route", "del", destination);
      double millis = absenceMillis(witness, destination);
      expect(millis >= 0, "%s did not come back", destination);
      expect(millis <= MAX_ABSENCE_MILLIS, "%s came back after %.1f ms", destination, millis);
      steps.line("back after %.1f ms: %s", millis, route);
      boolean kept =
          KernelRoutes.of(first.namespace()).lines().stream()
              .anyMatch(line -> line.contains(FOREIGN_ROUTE));
      expect(kept, "the foreign route to %s is gone", FOREIGN_ROUTE);
      steps.line("the foreign route to %s is untouched", FOREIGN_ROUTE);
      Run.of(List.of("ip", "-n", first.namespace(), "route", "del", FOREIGN_ROUTE));
      return new DemoReport.Repair(first.name(), route, millis, kept);
    }
  }

  private double absenceMillis(RouteWitness witness, String destination) {
    try {
      Waiting.until(
          destination,
          Duration.ofSeconds(10),
          steps,
          () -> witness.absence(destination).isEmpty() ? List.of("its return") : List.of());
    } catch (LabException e) {
      return -1;
    }
    return witness.absence(destination).map(Duration::toNanos).orElse(0L) / 1e6;
  }

  private DemoReport.Outage outage(ClusterStore.Outage server) {
    return steps.step(
        "outage", "The API server frozen and killed under load", () -> outageUnderLoad(server));
  }

  private DemoReport.Outage outageUnderLoad(ClusterStore.Outage server) {
    try (RouteWitnesses witnesses = RouteWitnesses.open(lab.topology());
        SteadyPings load = start(LIGHT)) {
      server.freeze();
      steps.line("kill -STOP, kube-apiserver");
      double frozen = Waiting.pass(FROZEN).toMillis() / 1e3;
      server.thaw();
      steps.line("kill -CONT, after %.1f s", frozen);
      server.kill();
      long gone = System.nanoTime();
      steps.line("kill -KILL, kube-apiserver");
      var _ = Waiting.pass(GONE);
      server.restart();
      double away = (System.nanoTime() - gone) / 1e9;
      steps.line("started again, and answering after %.1f s", away);
      List<String> events = witnesses.events();
      steps.line("ip monitor route, on all nodes: %d events", events.size());
      expect(events.isEmpty(), "routes were touched: %s", String.join("; ", events));
      long millis = setMode(EncapsulationMode.CROSS_SUBNET, System.nanoTime());
      steps.line("all nodes' routes are those of CrossSubnet after %.1f s", millis / 1000.0);
      SteadyPings.Count count = end(load, LIGHT);
      return new DemoReport.Outage(frozen, away, count.sent(), count.lost(), events, millis);
    }
  }

  private List<DemoReport.NodeFigures> figures() {
    List<DemoReport.NodeFigures> figures = new ArrayList<>();
    for (Topology.Machine node : lab.topology().nodes()) {
      Optional<AgentStatus> status = lab.status(node.name());
      var one =
          new DemoReport.NodeFigures(
              node.name(),
              Math.round(lab.residentMiB(node.name())),
              lab.readyTime(node.name()).toMillis(),
              (int)
                  status.map(AgentStatus::sessions).orElse(List.of()).stream()
                      .filter(session -> session.state().equals("up"))
                      .count(),
              KernelRoutes.of(node.namespace()).ours().size());
      steps.line(
          "%-14s %3d MiB, ready in %.1f s, %d sessions, %d routes",
          one.name(), one.rssMiB(), one.readyMs() / 1000.0, one.sessions(), one.routes());
      figures.add(one);
    }
    return figures;
  }
}
