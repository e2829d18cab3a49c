package dev.manul.e2e.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.Convergence;
import dev.manul.e2e.lab.KernelRoutes;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.PingMatrix;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Subnets;
import dev.manul.e2e.lab.Topology;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.AgentStatus;
import dev.manul.model.EncapsulationMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows and judges mode {@code Never} on a lab that is up: nothing is encapsulated; pods of other
 * subnets are reached where the router knows the blocks, and a condition of the node says so where
 * it does not.
 */
public final class NeverCheck {

  private static final String POOL = "default-ipv4-ippool";
  private static final String CONDITION = "BlocksReachable";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Lab lab;
  private final Steps steps;
  private final Convergence convergence;
  private final boolean routerKnows;
  private final List<String> failures = new ArrayList<>();
  private final List<DemoReport.Capture> captures = new ArrayList<>();

  public NeverCheck(Lab lab, Steps steps) {
    this.lab = lab;
    this.steps = steps;
    this.convergence = new Convergence(lab);
    this.routerKnows =
        lab.topology().machines().stream()
            .anyMatch(machine -> "bgp".equals(machine.labels().get("routing")));
  }

  /** Switches the pool to {@code Never} and looks. */
  public NeverReport run() {
    String node = lab.topology().nodes().getFirst().name();
    String patch = "{\"spec\":{\"ipipMode\":\"Never\",\"vxlanMode\":\"Never\"}}";
    lab.manulctl(node, "patch", "ippool", POOL, "-p", patch).orThrow();
    Duration taken = Waiting.until("mode Never", LIMIT, steps, this::missing);
    steps.line("in force after %.1f s", taken.toMillis() / 1000.0);
    KernelRoutes.of(lab.topology().nodes().getFirst().namespace())
        .lines()
        .forEach(line -> steps.line("%s", line));
    List<String> unanswered = pingAll();
    captures(unanswered);
    List<String> tunnelRoutes = tunnelRoutes();
    expect(tunnelRoutes.isEmpty(), "routes through tunl0: " + String.join("; ", tunnelRoutes));
    List<NeverReport.NodeCondition> conditions =
        lab.topology().nodes().stream().map(this::condition).toList();
    for (NeverReport.NodeCondition condition : conditions) {
      steps.line("%s: %s %s", condition.node(), condition.status(), condition.message());
      expect(
          condition.status().equals(routerKnows ? "True" : "False"),
          condition.node() + ": condition " + CONDITION + " is " + condition.status());
    }
    return new NeverReport(
        failures.isEmpty() ? "pass" : "fail",
        List.copyOf(failures),
        lab.topology().name(),
        routerKnows,
        List.copyOf(captures),
        unanswered,
        tunnelRoutes,
        conditions);
  }

  private void expect(boolean condition, String failure) {
    if (!condition) {
      failures.add(failure);
      steps.line("FAILED: %s", failure);
    }
  }

  /** What is not yet as it ought to be: routes, sessions, and the nodes' conditions. */
  private List<String> missing() {
    List<String> missing = new ArrayList<>(convergence.sessionsDown());
    missing.addAll(routerKnows ? convergence.wrongRoutes(PoolMode.NEVER) : tunnelRoutes());
    for (Topology.Machine node : lab.topology().nodes()) {
      if (lab.status(node.name()).filter(this::saysSo).isEmpty()) {
        missing.add("%s: condition %s is not %s".formatted(node.name(), CONDITION, routerKnows));
      }
    }
    return missing;
  }

  private boolean saysSo(AgentStatus status) {
    return status.conditions().stream()
        .anyMatch(
            condition -> condition.type().equals(CONDITION) && condition.status() == routerKnows);
  }

  private List<String> tunnelRoutes() {
    List<String> routes = new ArrayList<>();
    for (Topology.Machine node : lab.topology().nodes()) {
      KernelRoutes.of(node.namespace()).lines().stream()
          .filter(line -> KernelRoutes.device(line).filter("tunl0"::equals).isPresent())
          .forEach(line -> routes.add(node.name() + ": " + line));
    }
    return routes;
  }

  private NeverReport.NodeCondition condition(Topology.Machine node) {
    String output =
        lab.manulctl(node.name(), "get", "node", node.name(), "-o", "json").orThrow().output();
    try {
      for (JsonNode condition :
          new ObjectMapper().readTree(output).path("status").path("conditions")) {
        if (condition.path("type").asText().equals(CONDITION)) {
          return new NeverReport.NodeCondition(
              node.name(),
              condition.path("status").asText(),
              condition.path("reason").asText(),
              condition.path("message").asText());
        }
      }
      return new NeverReport.NodeCondition(node.name(), "absent", "", "");
    } catch (JsonProcessingException e) {
      throw new LabException("manulctl get node %s -o json: %s", node.name(), e.getMessage());
    }
  }

  private List<String> pingAll() {
    PingMatrix matrix = PingMatrix.take(lab);
    matrix.lines().forEach(line -> steps.line("%s", line));
    List<String> unanswered = new ArrayList<>();
    for (PingMatrix.Pair pair : matrix.unanswered()) {
      unanswered.add(pair.toString());
      boolean same = Subnets.same(lab.topology(), pair.from().node(), pair.to().node());
      expect(!same && !routerKnows, pair + ": no answer");
    }
    return unanswered;
  }

  private void captures(List<String> unanswered) {
    Pod from = lab.pod(lab.topology().nodes().getFirst().name(), 0);
    for (Topology.Machine other : lab.topology().nodes()) {
      Pod to = lab.pod(other.name(), 0);
      if (other.name().equals(from.node())
          || unanswered.contains(new PingMatrix.Pair(from, to).toString())) {
        continue;
      }
      WireCapture.Seen seen = WireCapture.take(lab, EncapsulationMode.NEVER, from, to);
      captures.add(seen.capture());
      steps.line("%s", seen.line());
      expect(!seen.capture().encapsulated(), "encapsulated: " + seen.line());
      expect(seen.answered(), from.name() + " > " + to.name() + ": no answer");
    }
  }
}
