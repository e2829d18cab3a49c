package dev.manul.e2e.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.e2e.Steps;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Shows and judges the network of the cluster that is up. */
public final class ClusterNetwork {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** Between two requests of an ordered pair of pods. */
  private static final Duration PING_PERIOD = Duration.ofMillis(10);

  private static final String AGENTS = "daemonset/manul-node";
  private static final String BIRD_CONTROL = "/run/manul-kind-topology/bird.ctl";

  private final Cluster cluster;
  private final Steps steps;
  private final PolicyRecipes recipes;
  private final List<KindReport.Check> checks = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  public ClusterNetwork(Steps steps) {
    this.cluster = Cluster.open(KubeBinaries.provided());
    this.steps = steps;
    this.recipes = new PolicyRecipes(cluster, steps);
  }

  /**
   * Looks at everything, and leaves the pods it made, but for those that policies were tried with.
   */
  public KindReport run() {
    List<Cluster.Node> nodes = steps.step("nodes", "Nodes", this::nodesReady);
    List<Cluster.Pod> pods = steps.step("pods", "A pod on every node", this::podsReady);
    steps.step("routes", "Routes and sessions", () -> routes(nodes));
    steps.step("traffic", "Who reaches whom", () -> traffic(nodes, pods));
    steps.step("outside", "What manulctl sees from outside", () -> outside(nodes, pods));
    steps.step(
        "modes",
        "The pool in VXLAN, in UDP and back, every pod pinging every other 100 times a second",
        () -> modes(nodes, pods));
    steps.step("policies", "What policies let through", this::policies);
    KindReport.Rollout rollout =
        steps.step(
            "rollout",
            "Update of all agents, every pod pinging every other 100 times a second",
            () -> rollout(pods));
    recipes.clean();
    steps.step("afterwards", "Afterwards", () -> afterwards(nodes, pods));
    List<KindReport.AgentMemory> agents = nodes.stream().map(this::memory).toList();
    agents.forEach(
        agent -> steps.line("%s: agent %.0f MiB resident", agent.node(), agent.residentMiB()));
    return new KindReport(
        failures.isEmpty() ? "pass" : "fail",
        List.copyOf(failures),
        cluster.get("ippool", "default-ipv4-ippool").at("/spec/ipipMode").asText(),
        List.copyOf(checks),
        pods.stream()
            .map(pod -> new KindReport.PodPlace(pod.name(), pod.node(), pod.address()))
            .toList(),
        rollout,
        agents,
        steps.seconds());
  }

  private List<Cluster.Node> nodesReady() {
    Supplier<List<String>> missing =
        () ->
            cluster.nodes().stream()
                .filter(node -> !node.ready() || !node.networkAvailable())
                .map(node -> node.name() + " is not Ready, or its network unavailable")
                .toList();
    Waiting.until("nodes Ready", LIMIT, steps, missing);
    List<Cluster.Node> nodes = cluster.nodes();
    nodes.forEach(node -> steps.line("%-26s %-12s Ready", node.name(), node.address()));
    note(new KindReport.Check("nodes Ready", 4, nodes.size(), List.of()));
    return nodes;
  }

  private List<Cluster.Pod> podsReady() {
    String manifest = cluster.root().resolve("e2e/kind/test/pods.yaml").toString();
    cluster.kubectl("apply", "-f", manifest).orThrow();
    Waiting.until("pods Ready", LIMIT, steps, this::podsMissing);
    List<Cluster.Pod> pods = cluster.pods();
    pods.forEach(pod -> steps.line("%-8s %-26s %s", pod.name(), pod.node(), pod.address()));
    List<String> wrong = new ArrayList<>();
    if (pods.stream().map(Cluster.Pod::node).distinct().count() != pods.size()) {
      wrong.add("two pods on one node");
    }
    pods.stream()
        .filter(pod -> !pod.address().startsWith("10.244."))
        .forEach(pod -> wrong.add(pod.name() + ": " + pod.address() + " is not of the pool"));
    note(new KindReport.Check("one pod a node", 4, 4 - wrong.size(), wrong));
    return pods;
  }

  private List<String> podsMissing() {
    List<Cluster.Pod> pods = cluster.pods();
    List<String> missing = new ArrayList<>();
    pods.stream()
        .filter(pod -> !pod.ready())
        .forEach(pod -> missing.add(pod.name() + " on " + pod.node() + " is not ready"));
    if (pods.size() < 4) {
      missing.add("%d pods of 4".formatted(pods.size()));
    }
    return missing;
  }

  /** The router's sessions with the nodes, and what the nodes have in their tables. */
  private Void routes(List<Cluster.Node> nodes) {
    Waiting.until("the router's sessions", LIMIT, steps, this::sessionsMissing);
    note(new KindReport.Check("sessions of the router", 4, 4, List.of()));
    cluster
        .onRouter("ip", "-4", "route", "show", "proto", "bird")
        .lines()
        .forEach(line -> steps.line("gw0: %s", line));
    Cluster.Node first = nodes.getFirst();
    cluster
        .onNode(first.name(), "ip", "-4", "route", "show", "proto", "77")
        .lines()
        .forEach(line -> steps.line("%s: %s", first.name(), line));
    return null;
  }

  private List<String> sessionsMissing() {
    List<String> up =
        cluster.onRouter("birdc", "-s", BIRD_CONTROL, "show", "protocols").lines().stream()
            .filter(line -> line.contains(" BGP ") && line.contains("Established"))
            .toList();
    return up.size() == 4 ? List.of() : List.of("%d of 4 are up".formatted(up.size()));
  }

  private Void traffic(List<Cluster.Node> nodes, List<Cluster.Pod> pods) {
    var reachability = new Reachability(cluster, pods, nodes);
    JsonNode service = cluster.get("-n", Cluster.NAMESPACE, "service", "web");
    String address = service.at("/spec/clusterIP").asText();
    int port = service.at("/spec/ports/0/nodePort").asInt();
    note(reachability.podsPingPods());
    note(reachability.podsAskPods());
    note(reachability.podsAskService("pod > service", address));
    note(
        reachability.podsAskService(
            "pod > service, by name", "web." + Cluster.NAMESPACE + ".svc.cluster.local"));
    note(reachability.podsAskPodsByName());
    note(reachability.nodesAskService(address));
    note(reachability.outsideAsksNodePort(port));
    note(reachability.podsPingNodes());
    note(reachability.nodesPingPods());
    note(reachability.podsAskOutside());
    return null;
  }

  private Void outside(List<Cluster.Node> nodes, List<Cluster.Pod> pods) {
    var administrator = new Administrator(cluster);
    note(administrator.asksAgents(nodes));
    note(administrator.triesPaths(pods));
    note(administrator.traces(pods));
    note(administrator.collects(nodes));
    return null;
  }

  private Void modes(List<Cluster.Node> nodes, List<Cluster.Pod> pods) {
    new PoolModes(cluster, steps, nodes, pods).run(senders(pods), PING_PERIOD).forEach(this::note);
    return null;
  }

  private Void policies() {
    recipes.makePods();
    recipes.tryAll().forEach(this::note);
    return null;
  }

  private KindReport.Rollout rollout(List<Cluster.Pod> pods) {
    recipes.closeForRollout();
    List<PingLoad.Sender> allowed = new ArrayList<>(senders(pods));
    allowed.add(recipes.friend());
    PingLoad load = PingLoad.start(allowed, PING_PERIOD);
    PingLoad denied = PingLoad.start(List.of(recipes.stranger()), PING_PERIOD);
    long start = System.nanoTime();
    cluster.kubectl("-n", "kube-system", "rollout", "restart", AGENTS).orThrow();
    Run status =
        cluster.kubectl("-n", "kube-system", "rollout", "status", AGENTS, "--timeout", "300s");
    double seconds = (System.nanoTime() - start) / 1e9;
    boolean sending = load.isSending();
    PingLoad.Count count = load.stop();
    PingLoad.Count nothing = denied.stop();
    steps.line(
        "all agents replaced in %.1f s; %d pings, %d lost, %.0f a second",
        seconds, count.sent(), count.lost(), count.packetsPerSecond());
    count.losses().forEach(loss -> steps.line("%s", loss));
    List<String> wrong = new ArrayList<>(count.losses());
    if (status.status() != 0) {
      wrong.add(status.output().strip());
    }
    if (!sending) {
      wrong.add("a pod stopped pinging before the end");
    }
    note(
        new KindReport.Check(
            "no ping lost in an update",
            (int) count.sent(),
            (int) (count.sent() - count.lost()),
            wrong));
    note(
        new KindReport.Check(
            "no ping let through in an update",
            (int) nothing.sent(),
            (int) nothing.lost(),
            nothing.lost() == nothing.sent()
                ? List.of()
                : List.of("a ping that a policy denies was answered")));
    return new KindReport.Rollout(
        count.sent(), count.lost(), count.packetsPerSecond(), seconds, count.losses());
  }

  /** Every pod pings every other. */
  private List<PingLoad.Sender> senders(List<Cluster.Pod> pods) {
    return pods.stream()
        .map(
            from ->
                new PingLoad.Sender(
                    from.name(),
                    cluster.podCommand(from.name(), List.of()),
                    pods.stream()
                        .filter(pod -> !pod.equals(from))
                        .map(Cluster.Pod::address)
                        .toList()))
        .toList();
  }

  /** A pod that is deleted comes back, and is reached by all. */
  private Void afterwards(List<Cluster.Node> nodes, List<Cluster.Pod> pods) {
    Cluster.Pod gone = pods.getLast();
    cluster.kubectl("-n", Cluster.NAMESPACE, "delete", "pod", gone.name()).orThrow();
    Waiting.until("pods Ready", LIMIT, steps, this::podsMissing);
    List<Cluster.Pod> now = cluster.pods();
    steps.line("%s: %s before, %s now", gone.name(), gone.address(), now.getLast().address());
    // a pod may be Ready before its policy is in place
    Reachability reachability = new Reachability(cluster, now, nodes);
    Waiting.until("pods to answer", LIMIT, steps, () -> reachability.podsPingPods().failures());
    note(reachability.podsPingPods());
    return null;
  }

  private KindReport.AgentMemory memory(Cluster.Node node) {
    String script =
        "for p in /proc/[0-9]*; do"
            + " if tr '\\0' ' ' <$p/cmdline | grep -q ' dev.manul.agent.Main';"
            + " then sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' $p/status; fi; done 2>/dev/null";
    long kilobytes =
        cluster.onNode(node.name(), "sh", "-c", script).lines().stream()
            .mapToLong(Long::parseLong)
            .max()
            .orElse(0);
    return new KindReport.AgentMemory(node.name(), Math.round(kilobytes / 102.4) / 10.0);
  }

  private void note(KindReport.Check check) {
    checks.add(check);
    boolean passed = check.passed() == check.tried() && check.failures().isEmpty();
    steps.line(
        "%s",
        String.format(
            Locale.ROOT,
            "%-32s %6d of %d  %s",
            check.name(),
            check.passed(),
            check.tried(),
            passed ? "ok" : "FAILED"));
    if (!passed) {
      failures.add("%s: %d of %d".formatted(check.name(), check.passed(), check.tried()));
      check.failures().stream().limit(6).forEach(failure -> steps.line("   %s", failure));
    }
  }
}
