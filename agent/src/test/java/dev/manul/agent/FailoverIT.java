package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What packets see of a peer that is gone: nodes on one bridge, a packet every 10 ms. */
@Timeout(240)
class FailoverIT {
  private static final Logger log = LoggerFactory.getLogger(FailoverIT.class);
  private static final Duration PATIENCE = AgentCluster.PATIENCE;
  private static final List<String> NODES = List.of("mlab-fo-a", "mlab-fo-b", "mlab-fo-c");
  private static final Pattern REPLY = Pattern.compile("\\[([0-9.]+)] .* icmp_seq=([0-9]+) .*");

  /** Noticed after 160 ms. */
  private static final String BFD = "40/4";

  private static final String BIRD =
      """
      router id %1$s;
      log stderr all;
      protocol device {}
      protocol bfd { interface "*" { min rx interval 40 ms; min tx interval 40 ms; multiplier 4; }; }
      protocol static { ipv4; route 172.30.0.0/24 blackhole; }
      protocol bgp manul {
        local %1$s as %2$s;
        neighbor 10.9.0.1 as 64512;
        connect delay time 1; connect retry time 1; error wait time 1, 2;
        graceful restart on;
        bfd on;
        ipv4 {
          import all;
          export filter { if source != RTS_STATIC then reject; %3$s accept; };
          next hop self;
        };
      }
      """;

  @TempDir private Path directory;
  private final List<Process> processes = new ArrayList<>();
  private AgentCluster cluster;

  @BeforeEach
  void network() throws Exception {
    cluster = new AgentCluster(directory, NODES);
  }

  @AfterEach
  void clear() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    cluster.close();
  }

  @Test
  void whereALinkIsCutTrafficMovesToTheOtherNextHopWithin300Milliseconds() throws Exception {
    startBird("mlab-fo-b", "10.9.0.2", 65001, "");
    startBird("mlab-fo-c", "10.9.0.3", 65002, "bgp_path.prepend(65002);");
    for (String router : List.of("mlab-fo-b", "mlab-fo-c")) {
      AgentCluster.ip("-n", router, "addr", "add", "172.30.0.1/32", "dev", "lo");
    }
    Path peers = Files.createDirectories(cluster.datastore().resolve("bgppeers"));
    for (int i = 2; i <= 3; i++) {
      Files.writeString(
          peers.resolve("router-" + i + ".yaml"),
          """
          apiVersion: projectcalico.org/v3
          kind: BGPPeer
          metadata: {name: router-%1$d}
          spec: {peerIP: 10.9.0.%1$d, asNumber: %2$d}
          """
              .formatted(i, 64999 + i));
    }
    startAgent("mlab-fo-a");
    await("BFD with both routers")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> watches("10.9.0.2") && watches("10.9.0.3"));
    await("the route by way of the first")
        .atMost(PATIENCE)
        .until(() -> routeTo("172.30.0.0/24").contains("via 10.9.0.2 "));
    Ping ping = new Ping("mlab-fo-a", "172.30.0.1");
    ping.awaitReplies(100);

    cluster.cutOff("mlab-fo-b"); // no carrier is lost, packets are

    await("the route by way of the second")
        .atMost(PATIENCE)
        .until(() -> routeTo("172.30.0.0/24").contains("via 10.9.0.3 "));
    ping.awaitReplies(300);
    ping.end();
    log.info("longest gap {} ms, lost {}", ping.longestGapMillis(), ping.lost());
    assertThat(ping.longestGapMillis())
        .as("milliseconds without an answer; %s packets were lost", ping.lost())
        .isLessThan(300);
    assertThat(ping.lost()).isPositive();
    assertThat(cluster.answer("mlab-fo-a", "/v1/bgp/neighbors/10.9.0.2").path("lastError").asText())
        .isEqualTo("BFD down: control detection time expired");
  }

  @Test
  void anAgentThatIsKilledAndStartedAgainLosesNoPacketThoughBfdMissesIt() throws Exception {
    startAgent("mlab-fo-a");
    startAgent("mlab-fo-b");
    for (String node : List.of("mlab-fo-a", "mlab-fo-b")) {
      cluster.awaitReady(node);
    }
    String address;
    try (Datastore datastore = FileDatastore.open(cluster.datastore())) {
      address =
          new Ipam(datastore, Clock.systemUTC())
              .autoAssign(
                  AutoAssignRequest.of("mlab-fo-b", IntendedUse.WORKLOAD)
                      .withCounts(1, 0)
                      .withHandle("pod"))
              .addresses()
              .getFirst()
              .text();
    }
    AgentCluster.ip("-n", "mlab-fo-b", "addr", "add", address + "/32", "dev", "lo");
    await("the route to the block")
        .atMost(PATIENCE)
        .until(() -> routeTo(address).contains("via 10.9.0.2 "));
    await("BFD").atMost(PATIENCE).ignoreExceptions().until(() -> watches("10.9.0.2"));
    Ping ping = new Ping("mlab-fo-a", address);
    ping.awaitReplies(100);

    cluster.kill("mlab-fo-b");

    await("its routes are kept and BFD misses it")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              JsonNode neighbor = cluster.answer("mlab-fo-a", "/v1/bgp/neighbors/10.9.0.2");
              return neighbor.path("restarting").asBoolean()
                  && neighbor.at("/bfd/state").asText().equals("Down");
            });
    startAgent("mlab-fo-b");
    await("all is as before")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                watches("10.9.0.2")
                    && !cluster
                        .answer("mlab-fo-a", "/v1/bgp/neighbors/10.9.0.2")
                        .path("restarting")
                        .asBoolean());
    cluster.awaitReady("mlab-fo-b");
    ping.awaitReplies(ping.replies() + 100);
    ping.end();
    assertThat(ping.lost()).isZero();
  }

  private boolean watches(String peer) throws IOException {
    JsonNode bfd = cluster.answer("mlab-fo-a", "/v1/bgp/neighbors/" + peer).path("bfd");
    return bfd.path("state").asText().equals("Up")
        && bfd.path("detectionMicros").asInt() == 160_000;
  }

  /** Packets on their way, and those that have come back. */
  private final class Ping {
    private final Path output = directory.resolve("ping");
    private final Process process;

    Ping(String node, String target) throws IOException {
      process = start(node, output, List.of("ping", "-D", "-n", "-i", "0.01", target));
    }

    private List<double[]> all() throws IOException {
      List<double[]> replies = new ArrayList<>();
      for (String line : Files.readAllLines(output)) {
        Matcher reply = REPLY.matcher(line);
        if (reply.matches()) {
          replies.add(
              new double[] {
                Double.parseDouble(reply.group(1)), Double.parseDouble(reply.group(2))
              });
        }
      }
      return replies;
    }

    int replies() throws IOException {
      return all().size();
    }

    void awaitReplies(int count) {
      await("answers").atMost(PATIENCE).until(() -> replies() >= count);
    }

    void end() throws InterruptedException {
      process.destroy();
      process.waitFor();
    }

    /** Packets without an answer, before the last that has one. */
    int lost() throws IOException {
      List<double[]> all = all();
      return (int) all.getLast()[1] - all.size();
    }

    long longestGapMillis() throws IOException {
      List<double[]> all = all();
      double longest = 0;
      for (int i = 1; i < all.size(); i++) {
        longest = Math.max(longest, all.get(i)[0] - all.get(i - 1)[0]);
      }
      return Math.round(longest * 1000);
    }
  }

  private void startBird(String node, String address, int asNumber, String more)
      throws IOException {
    Path config =
        Files.writeString(
            directory.resolve(node + ".conf"), BIRD.formatted(address, asNumber, more));
    Path control = directory.resolve(node + ".ctl");
    var _ =
        start(
            node,
            directory.resolve(node + ".log"),
            List.of(
                "bird",
                "-f",
                "-c",
                config.toString(),
                "-s",
                control.toString(),
                "-P",
                directory.resolve(node + ".pid").toString()));
    await("BIRD in " + node).atMost(PATIENCE).until(() -> Files.exists(control));
  }

  private void startAgent(String node) throws IOException {
    cluster.start(
        node,
        Map.of(
            "MANUL_BGP_BFD",
            BFD,
            "MANUL_STATE_DIR",
            directory.resolve(node + ".state").toString(),
            "CALICO_MANAGE_CNI",
            "false"));
  }

  private Process start(String node, Path output, List<String> command) throws IOException {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", node));
    all.addAll(command);
    Process process =
        new ProcessBuilder(all)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    processes.add(process);
    return process;
  }

  /** The routes a packet to that prefix or address may take; none is no error. */
  private static String routeTo(String target) throws Exception {
    return String.join("\n", AgentCluster.ip("-n", "mlab-fo-a", "route", "show", "match", target));
  }
}
