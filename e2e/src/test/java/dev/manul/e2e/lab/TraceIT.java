package dev.manul.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Breaks, one at a time, each thing that a packet between two pods depends on, and asks {@code
 * manulctl trace} which it is. What an agent would put right at once is broken while it is frozen.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TraceIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String A = "trace-a";
  private static final String B = "trace-b";
  private static final String ADDRESS_A = "10.1.6.10";
  private static final String ADDRESS_B = "10.1.6.11";
  private static final String DEVICE = "vxlan.calico";

  /** What VXLAN leaves of a link of 1500 octets. */
  private static final int POD_MTU = 1450;

  private Path directory;
  private Lab lab;
  private Pod source;
  private Pod destination;

  @BeforeAll
  void bringUpTheLab(@TempDir Path files) {
    directory = files;
    Path programs = Path.of("../dist/bin").toAbsolutePath().normalize();
    assertThat(programs.resolve("manul-agent")).as("made by ./dev build").isExecutable();
    lab = Lab.up(labFiles(), programs, Path.of("topologies/trace.clab.yaml"), Progress.NONE);
    source = lab.pod(A, 0);
    destination = lab.pod(B, 0);
    for (Pod pod : lab.pods()) {
      String host = lab.topology().machine(pod.node()).namespace();
      Run.ip(host, List.of("link set %s mtu %d".formatted(pod.device(), POD_MTU)));
      Run.ip(pod.networkNamespace(), List.of("link set eth0 mtu " + POD_MTU));
    }
    reaches();
  }

  private Path labFiles() {
    return directory.resolve("lab");
  }

  @AfterAll
  void endTheLab() {
    Lab.down(labFiles());
  }

  /** Every test mends what it has broken. */
  @AfterEach
  void allIsMended() {
    reaches();
  }

  private String run(String node) {
    return new LabDirectory(labFiles()).runDirectory(node).toString();
  }

  private static String namespace(String node) {
    return Fabric.PREFIX + node;
  }

  /** What trace says on the source's node, with the other agent's socket at hand. */
  private record Traced(int status, JsonNode tree) {
    String brokenAt() {
      return tree.at("/broken/hop").asText() + " on " + tree.at("/broken/node").asText();
    }

    String why() {
      return tree.at("/broken/summary").asText();
    }

    String probe() {
      return StreamSupport.stream(tree.path("hops").spliterator(), false)
          .filter(hop -> hop.path("hop").asText().equals("probe"))
          .map(hop -> hop.path("status").asText())
          .findFirst()
          .orElse("none");
    }
  }

  private Traced trace(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "trace",
                Pod.NAMESPACE + "/" + source.name(),
                Pod.NAMESPACE + "/" + destination.name(),
                "--agent",
                run(B),
                "-o",
                "json"));
    words.addAll(List.of(more));
    Run traced = lab.manulctl(A, words.toArray(new String[0]));
    try {
      return new Traced(traced.status(), JSON.readTree(traced.output()));
    } catch (JsonProcessingException e) {
      throw new AssertionError(traced.output(), e);
    }
  }

  private void reaches() {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              Traced traced = trace();
              assertThat(traced.tree().path("verdict").asText())
                  .as(() -> traced.tree().toPrettyString())
                  .isEqualTo("reaches");
              assertThat(traced.status()).isZero();
              assertThat(traced.probe()).isEqualTo("ok");
              assertThat(traced.tree().path("unseen")).isEmpty();
            });
  }

  /** Awaits that a hop is named, with these words about it. */
  private void isNamed(String brokenAt, String probe, List<String> words, String... more) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              Traced traced = trace(more);
              assertThat(traced.brokenAt())
                  .as(() -> traced.tree().toPrettyString())
                  .isEqualTo(brokenAt);
              assertThat(traced.why()).contains(words);
              assertThat(traced.status()).isEqualTo(6);
              assertThat(traced.probe()).isEqualTo(probe);
            });
  }

  /**
   * Runs a task while the agent of the source's node is frozen, and waits until it has caught up.
   */
  private void whileFrozen(Runnable task) {
    String agent = Long.toString(lab.agentPid(A));
    String _ = Run.ok("kill", "-STOP", agent);
    try {
      task.run();
    } finally {
      String _ = Run.ok("kill", "-CONT", agent);
    }
  }

  private void apply(String text) {
    try {
      Path file = Files.writeString(directory.resolve("resource.yaml"), text);
      Run _ = lab.manulctl(A, "apply", "-f", file.toString()).orThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void mesh(boolean on) {
    apply(
        """
        apiVersion: projectcalico.org/v3
        kind: BGPConfiguration
        metadata: {name: default}
        spec: {nodeToNodeMeshEnabled: %s}
        """
            .formatted(on));
  }

  private void noSessions() {
    var _ =
        Waiting.until(
            "sessions gone",
            LIMIT,
            Progress.NONE,
            () ->
                lab.status(A).orElseThrow().sessions().stream()
                    .map(session -> session.peerAddress())
                    .toList());
  }

  @Test
  void routeDeleted() {
    whileFrozen(
        () -> {
          String _ =
              Run.ok("ip", "-n", namespace(A), "route", "flush", "dev", DEVICE, "proto", "77");
          isNamed(
              "kernel-route on trace-a",
              "none",
              List.of("no route to the pod: only the default route is left"),
              "--timeout",
              "1");
        });
  }

  @Test
  void tunnelDown() {
    whileFrozen(
        () -> {
          Run.ip(namespace(A), List.of("link set " + DEVICE + " down"));
          isNamed(
              "tunnel-device on trace-a",
              "none",
              List.of("vxlan.calico is down"),
              "--timeout",
              "1");
        });
  }

  @Test
  void wrongAs() {
    mesh(false);
    String peers =
        """
        apiVersion: projectcalico.org/v3
        kind: BGPPeer
        metadata: {name: to-b}
        spec: {node: trace-a, peerIP: 10.1.6.11, asNumber: 65999}
        ---
        apiVersion: projectcalico.org/v3
        kind: BGPPeer
        metadata: {name: to-a}
        spec: {node: trace-b, peerIP: 10.1.6.10, asNumber: 64512}
        """;
    apply(peers);
    isNamed(
        "bgp-session on trace-a",
        "broken",
        List.of("wrong AS", "a BGPPeer says AS 65999", "the node is AS 64512"));
    Run _ = lab.manulctl(A, "delete", "bgppeer", "to-a", "to-b").orThrow();
    mesh(true);
  }

  @Test
  void sessionDown() {
    mesh(false);
    noSessions();
    List<String> refuse = List.of("INPUT", "-p", "tcp", "--dport", "179", "-j", "REJECT");
    for (String node : List.of(A, B)) {
      rule(node, "-I", refuse);
    }
    mesh(true);
    isNamed(
        "bgp-session on trace-a",
        "broken",
        List.of("with node trace-b (" + ADDRESS_B + ") is down"));
    for (String node : List.of(A, B)) {
      rule(node, "-D", refuse);
    }
    mesh(false); // so that the next attempt comes at once
    noSessions();
    mesh(true);
  }

  private static void rule(String node, String command, List<String> rule) {
    List<String> words = new ArrayList<>(List.of("iptables", "-w", "10", command));
    words.addAll(rule);
    String _ = Run.in(namespace(node), words.toArray(new String[0]));
  }

  @Test
  void policyDenies() {
    apply(
        """
        apiVersion: projectcalico.org/v3
        kind: NetworkPolicy
        metadata: {name: nothing-in, namespace: lab}
        spec: {selector: all(), types: [Ingress]}
        """);
    // Echo requests of one agent are one connection to the kernel, which policy has let through.
    isNamed("policy on trace-b", "broken", List.of("denied, ingress"), "--to-port", "80");
    Run _ = lab.manulctl(A, "delete", "networkpolicy", "nothing-in", "-n", "lab").orThrow();
  }

  @Test
  void mtuTooSmall() {
    Run.ip(namespace(A), List.of("link set eth0 mtu 1400"));
    isNamed("mtu on trace-a", "ok", List.of("sends up to 1450 octets, and only 1350 get on"));
    Run.ip(namespace(A), List.of("link set eth0 mtu 1500"));
  }

  /** The way back leads past the tunnel, which strict filtering takes for a forged source. */
  @Test
  void reversePathStrict() {
    String way = "%s/32 via %s dev eth0".formatted(source.address(), ADDRESS_A);
    Run.ip(namespace(B), List.of("route add " + way));
    String own = "net/ipv4/conf/" + DEVICE + "/rp_filter=0"; // the greater of the two counts
    String _ = Run.in(namespace(B), "sysctl", "-qw", own, "net.ipv4.conf.all.rp_filter=1");
    isNamed(
        "reverse-path on trace-b",
        "broken",
        List.of("strict on vxlan.calico", "net.ipv4.conf.all.rp_filter=1"));
    String _ = Run.in(namespace(B), "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0");
    Run.ip(namespace(B), List.of("route del " + way));
  }

  /** The agent turns it on again at its next full check, which is not soon. */
  @Test
  void forwardingOff() {
    String _ = Run.in(namespace(B), "sysctl", "-qw", "net.ipv4.ip_forward=0");
    isNamed("ip-forward on trace-b", "broken", List.of("net.ipv4.ip_forward is 0"));
    String _ = Run.in(namespace(B), "sysctl", "-qw", "net.ipv4.ip_forward=1");
  }

  @Test
  void poolModeMismatch() {
    String way = destination.address() + "/32 via 10.1.6.99 dev eth0";
    Run.ip(namespace(A), List.of("route add " + way));
    isNamed(
        "pool-mode on trace-a",
        "broken",
        List.of("packets go in VXLAN by vxlan.calico", "sends them directly by eth0 to 10.1.6.99"));
    Run.ip(namespace(A), List.of("route del " + way));
  }

  @Test
  void iptablesForwardDrop() {
    List<String> drop = List.of("FORWARD", "-d", destination.address(), "-j", "DROP");
    rule(B, "-I", drop);
    isNamed("iptables-forward on trace-b", "broken", List.of("-j DROP"));
    rule(B, "-D", drop);
  }

  @Test
  void whatCannotBeAskedIsSaid() {
    Run alone =
        lab.manulctl(
            A, "trace", source.address(), destination.address(), "--no-probe", "--to-port", "80");
    assertThat(alone.status()).isEqualTo(5);
    assertThat(alone.output())
        .startsWith("Nothing is broken that could be seen, which was not the whole way\n")
        .contains("Not seen\n", "node trace-b: its agent answers on its own machine only");
  }

  private Run onBoth(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--agent", run(B)));
    return lab.manulctl(A, all.toArray(new String[0]));
  }

  @Test
  void everyPathIsTried() {
    Run run = onBoth("connectivity", "test", "-n", Pod.NAMESPACE);
    assertThat(run.output()).contains("12 paths (ICMP): 12 reached, 0 failed, 0 not tried");
    assertThat(run.status()).isZero();
  }

  @Test
  void aPathThatFailsIsTraced() {
    List<String> drop = List.of("FORWARD", "-d", destination.address(), "-j", "DROP");
    rule(B, "-I", drop);
    Run run = onBoth("connectivity", "test", "--wait", "0");
    rule(B, "-D", drop);
    assertThat(run.output())
        .contains(
            "12 paths (ICMP): 6 reached, 6 failed, 0 not tried") // answers to it are lost, too
        .containsPattern("lab/trace-a-0 +lab/trace-b-0 +failed +iptables-forward on trace-b");
    assertThat(run.status()).isEqualTo(6);
  }

  @Test
  void containersOfATestAreAttachedAndRemoved() {
    Run run = onBoth("connectivity", "test", "--create", "1", "--wait", "60");
    assertThat(run.output())
        .contains("attached 1 containers to node trace-a", "2 paths (ICMP): 2 reached");
    assertThat(run.status()).isZero();
    assertThat(lab.manulctl(A, "get", "wep", "-A").orThrow().output())
        .contains("trace-a-0")
        .doesNotContain("manul-test-");
  }

  @Test
  void aPoolsModeIsFollowedUntilAllNodesHaveIt() {
    for (String mode : List.of("CrossSubnet", "Always")) {
      Run run = onBoth("pool", "mode", "default-ipv4-ippool", "--vxlan", mode, "--watch");
      assertThat(run.output())
          .contains(
              "2 nodes, 2 of them can be asked", "trace-a   converged", "trace-b   converged");
      assertThat(run.status()).isZero();
      assertThat(
              KernelRoutes.of(namespace(A))
                  .ours(destination.address())
                  .flatMap(KernelRoutes::device))
          .hasValue(mode.equals("Always") ? DEVICE : "eth0");
    }
  }

  @Test
  void topShowsBothNodes() throws JsonProcessingException {
    Run run = onBoth("top", "--once", "--interval", "0.2", "-o", "json");
    JsonNode nodes = JSON.readTree(run.output()).path("nodes");
    assertThat(nodes).hasSize(2);
    assertThat(nodes)
        .allSatisfy(
            node -> {
              assertThat(node.path("sessionsUp").asInt()).isEqualTo(1);
              assertThat(node.path("routesInstalled").asInt()).isPositive();
            });
  }
}
