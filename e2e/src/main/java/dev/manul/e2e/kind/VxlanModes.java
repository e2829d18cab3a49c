package dev.manul.e2e.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.KernelRoutes;
import dev.manul.e2e.lab.PingLoad;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Waiting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pool in VXLAN, always and across subnets alone, and then as it was: who is reached how, by
 * the kernels' routes and on the wire, while every pod pings every other.
 */
final class VxlanModes {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration PING_PERIOD = Duration.ofMillis(20);
  private static final String POOL = "default-ipv4-ippool";
  private static final String HEADER = "VXLAN, flags [I] (0x08), vni 4096";

  private final Cluster cluster;
  private final Steps steps;
  private final List<Cluster.Node> nodes;
  private final List<Cluster.Pod> pods;

  VxlanModes(Cluster cluster, Steps steps, List<Cluster.Node> nodes, List<Cluster.Pod> pods) {
    this.cluster = cluster;
    this.steps = steps;
    this.nodes = nodes;
    this.pods = pods;
  }

  /**
   * Tries both modes and goes back.
   *
   * @param senders who pings meanwhile: those who must not lose anything
   */
  List<KindReport.Check> run(List<PingLoad.Sender> senders) {
    JsonNode spec = cluster.get("ippool", POOL).path("spec");
    PoolMode before =
        PoolMode.of(spec.path("ipipMode").asText("Never"), spec.path("vxlanMode").asText("Never"));
    List<KindReport.Check> checks = new ArrayList<>();
    PingLoad load = PingLoad.start(senders, PING_PERIOD);
    for (PoolMode mode : List.of(PoolMode.VXLAN_ALWAYS, PoolMode.VXLAN_CROSS_SUBNET)) {
      switchTo(mode);
      checks.add(onTheWire(mode));
    }
    switchTo(before);
    boolean sending = load.isSending();
    PingLoad.Count count = load.stop();
    steps.line("%d pings, %d lost", count.sent(), count.lost());
    List<String> wrong = new ArrayList<>(count.losses());
    if (!sending) {
      wrong.add("a pod stopped pinging before the end");
    }
    checks.add(
        new KindReport.Check(
            "no ping lost in switches to VXLAN and back",
            (int) count.sent(),
            (int) (count.sent() - count.lost()),
            wrong));
    return checks;
  }

  private void switchTo(PoolMode mode) {
    cluster.kubectl("patch", "ippool", POOL, "--type", "merge", "-p", mode.patch()).orThrow();
    Duration taken = Waiting.until("routes of mode " + mode, LIMIT, steps, () -> wrongRoutes(mode));
    steps.line("%s: all nodes' routes are those after %.1f s", mode, taken.toMillis() / 1e3);
  }

  private List<String> wrongRoutes(PoolMode mode) {
    List<String> wrong = new ArrayList<>();
    for (Cluster.Node node : nodes) {
      KernelRoutes routes =
          new KernelRoutes(
              cluster.onNode(node.name(), "ip", "-4", "route", "show").orThrow().lines().stream()
                  .map(String::strip)
                  .toList());
      for (Cluster.Pod pod : pods) {
        boolean same = sameSubnet(node.name(), pod.node());
        Optional<String> device =
            routes.ours(pod.address()).flatMap(line -> KernelRoutes.device(line));
        if (!pod.node().equals(node.name())
            && device.filter(name -> mode.fits(name, same)).isEmpty()) {
          wrong.add(node.name() + " to " + pod.name() + ": " + device.orElse("no route"));
        }
      }
    }
    return wrong;
  }

  /** Both subnets have prefixes of 24 bits. */
  private boolean sameSubnet(String one, String other) {
    return subnet(one).equals(subnet(other));
  }

  private String subnet(String name) {
    String address =
        nodes.stream()
            .filter(node -> node.name().equals(name))
            .map(Cluster.Node::address)
            .findFirst()
            .orElseThrow(() -> new LabException("no node %s", name));
    return address.substring(0, address.lastIndexOf('.'));
  }

  /** One ping from the first pod to a pod of the same subnet, and one to a pod of the other. */
  private KindReport.Check onTheWire(PoolMode mode) {
    Cluster.Pod from = pods.getFirst();
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (boolean same : new boolean[] {true, false}) {
      Optional<Cluster.Pod> to =
          pods.stream()
              .filter(pod -> !pod.equals(from) && sameSubnet(from.node(), pod.node()) == same)
              .findFirst();
      tried++;
      if (to.isEmpty()) {
        wrong.add("no pod in the " + (same ? "same" : "other") + " subnet");
        continue;
      }
      String before = captured(from, to.get());
      boolean wrapped = before.contains(HEADER);
      steps.line(
          "%s subnet, %s to %s: %s",
          same ? "same" : "other", from.name(), to.get().name(), wrapped ? before : "plain");
      if (wrapped != mode.encapsulates(same)) {
        wrong.add(
            "%s to %s: %s".formatted(from.name(), to.get().name(), wrapped ? before : "plain"));
      }
    }
    return new KindReport.Check(mode + ", on the wire", tried, tried - wrong.size(), wrong);
  }

  /**
   * What tcpdump on the sender's node prints before the line of a request from one pod to another:
   * of one in VXLAN, the line of the headers around it.
   */
  private String captured(Cluster.Pod from, Cluster.Pod to) {
    List<String> command =
        List.of(
            "docker",
            "exec",
            from.node(),
            "timeout",
            "20",
            "tcpdump",
            "-l",
            "-n",
            "-t",
            "-i",
            "net0",
            "udp port 4789 or icmp");
    Process tcpdump = null;
    boolean started = false;
    try {
      tcpdump = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (BufferedReader lines = tcpdump.inputReader()) {
        String request = from.address() + " > " + to.address() + ": ICMP echo request";
        String before = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.contains("listening on")) {
            started = true;
          }
          if (line.contains(request)) {
            return before.strip();
          }
          before = line;
        }
      }
      throw new LabException(
          "%s > %s: nothing on the wire%s",
          from.name(), to.name(), started ? "" : ", as tcpdump did not start");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (tcpdump != null) {
        tcpdump.destroy();
      }
    }
  }
}
