package dev.manul.e2e.lab;

import dev.manul.model.AgentStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether every node's kernel has the routes that a mode asks for, and what is missing. */
public final class Convergence {

  private final Lab lab;

  public Convergence(Lab lab) {
    this.lab = lab;
  }

  /** Waits until all sessions are up and all nodes route all pods as {@code mode} says. */
  public Duration await(PoolMode mode, Duration limit, Progress progress) {
    return Waiting.until(
        "routes of mode " + mode,
        limit,
        progress,
        () -> {
          List<String> missing = new ArrayList<>(sessionsDown());
          missing.addAll(wrongRoutes(mode));
          return missing;
        });
  }

  /** Waits for the routes alone: what a switch of the mode changes. */
  public Duration awaitRoutes(PoolMode mode, Duration limit, Progress progress) {
    return Waiting.until("routes of mode " + mode, limit, progress, () -> wrongRoutes(mode));
  }

  /** A line for each node with sessions that are not established. */
  public List<String> sessionsDown() {
    List<String> down = new ArrayList<>();
    int others = lab.topology().nodes().size() - 1;
    for (Topology.Machine node : lab.topology().nodes()) {
      List<AgentStatus.Session> sessions =
          lab.status(node.name()).map(AgentStatus::sessions).orElse(List.of());
      long up = sessions.stream().filter(session -> session.state().equals("up")).count();
      if (up < Math.max(others, sessions.size())) {
        down.add(
            "%s: %d of %d sessions".formatted(node.name(), up, Math.max(others, sessions.size())));
      }
    }
    return down;
  }

  /** A line for each node whose kernel lacks a route to a pod, or has it through another device. */
  public List<String> wrongRoutes(PoolMode mode) {
    List<String> wrong = new ArrayList<>();
    for (Topology.Machine node : lab.topology().nodes()) {
      KernelRoutes routes = KernelRoutes.of(node.namespace());
      long bad =
          lab.pods().stream()
              .filter(pod -> !isRight(node, pod, mode, routes.ours(pod.address())))
              .count();
      if (bad > 0) {
        wrong.add("%s: %d of %d pods".formatted(node.name(), bad, lab.pods().size()));
      }
    }
    return wrong;
  }

  private boolean isRight(Topology.Machine node, Pod pod, PoolMode mode, Optional<String> line) {
    if (line.isEmpty()) {
      return false;
    }
    Optional<String> device = KernelRoutes.device(line.get());
    if (pod.node().equals(node.name())) {
      return device.equals(Optional.of(pod.device()));
    }
    boolean sameSubnet = Subnets.same(lab.topology(), node.name(), pod.node());
    return device.filter(name -> mode.fits(name, sameSubnet)).isPresent();
  }
}
