package dev.manul.e2e.kind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.manul.e2e.LabException;
import dev.manul.e2e.Steps;
import dev.manul.e2e.lab.KernelRoutes;
import dev.manul.e2e.lab.PoolMode;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.routes.VxlanTunnel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The pool in VXLAN, always and across subnets alone, in UDP, and then as it was: who is reached
 * how, by the kernels' routes and by what is on the wire, while every pod pings every other.
 */
final class PoolModes {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String POOL = "default-ipv4-ippool";

  private static final List<PoolMode> MODES =
      List.of(PoolMode.VXLAN_ALWAYS, PoolMode.VXLAN_CROSS_SUBNET, PoolMode.UDP_CROSS_SUBNET);

  /** Such as {@code UdpRcvbufErrors 0 0.0}. */
  private static final Pattern NOTHING_COUNTED = Pattern.compile("^\\S+ 0 0\\.0$");

  private final Cluster cluster;
  private final Steps steps;
  private final List<Cluster.Node> nodes;
  private final List<Cluster.Pod> pods;

  PoolModes(Cluster cluster, Steps steps, List<Cluster.Node> nodes, List<Cluster.Pod> pods) {
    this.cluster = cluster;
    this.steps = steps;
    this.nodes = nodes;
    this.pods = pods;
  }

  /**
   * Tries the modes and goes back.
   *
   * @param senders who pings meanwhile: those who must not lose anything
   * @param period between two requests of a pair
   */
  List<KindReport.Check> run(List<PingLoad.Sender> senders, Duration period) {
    PoolMode before = mode(cluster.get("ippool", POOL).path("spec"));
    List<KindReport.Check> checks = new ArrayList<>();
    PingLoad load = PingLoad.start(senders, period);
    MODES.forEach(mode -> checks.addAll(tried(mode)));
    checks.addAll(tried(before));
    boolean sending = load.isSending();
    PingLoad.Count count = load.stop();
    steps.line(
        "%d pings, %d lost, %.0f a second", count.sent(), count.lost(), count.packetsPerSecond());
    List<String> wrong = new ArrayList<>(count.losses());
    if (count.lost() > 0) {
      nodes.forEach(node -> wrong.add(node.name() + ": " + counted(node)));
    }
    if (!sending) {
      wrong.add("a pod stopped pinging before the end");
    }
    checks.add(
        new KindReport.Check(
            "no ping lost in switches of the pool's mode",
            (int) count.sent(),
            (int) (count.sent() - count.lost()),
            wrong));
    return checks;
  }

  /** What a node has counted of packets it dropped: the agent of those in UDP, and the kernel. */
  private String counted(Cluster.Node node) {
    String kernel =
        cluster
            .onNode(node.name(), "sh", "-c", "ip -s link show manul-udp; nstat -asz '*'")
            .lines()
            .stream()
            .map(line -> line.strip().replaceAll("\\s+", " "))
            .filter(line -> !NOTHING_COUNTED.matcher(line).find())
            .collect(Collectors.joining(", "));
    return new Administrator(cluster).carried(node) + "; " + kernel;
  }

  private static PoolMode mode(JsonNode spec) {
    return PoolMode.of(mode(spec, "ipipMode"), mode(spec, "vxlanMode"), mode(spec, "udpMode"));
  }

  private static EncapsulationMode mode(JsonNode spec, String field) {
    String text = spec.path(field).asText("Never");
    for (EncapsulationMode mode : EncapsulationMode.values()) {
      if (mode.toString().equals(text)) {
        return mode;
      }
    }
    throw new LabException("pool %s: %s is %s", POOL, field, text);
  }

  private List<KindReport.Check> tried(PoolMode mode) {
    cluster.kubectl("patch", "ippool", POOL, "--type", "merge", "-p", mode.patch()).orThrow();
    Duration taken = Waiting.until("routes of mode " + mode, LIMIT, steps, () -> wrongRoutes(mode));
    steps.line("%s: all nodes' routes are those after %.1f s", mode, taken.toMillis() / 1e3);
    KindReport.Check pings = new Reachability(cluster, pods, nodes).podsPingPods();
    return List.of(
        new KindReport.Check(
            mode + ", " + pings.name(), pings.tried(), pings.passed(), pings.failures()),
        onTheWire(mode));
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
        boolean same = sameSubnet(node, nodeOf(pod));
        Optional<String> device = routes.ours(pod.address()).flatMap(KernelRoutes::device);
        if (!pod.node().equals(node.name())
            && device.filter(name -> mode.fits(name, same)).isEmpty()) {
          wrong.add(node.name() + " to " + pod.name() + ": " + device.orElse("no route"));
        }
      }
    }
    return wrong;
  }

  private Cluster.Node nodeOf(Cluster.Pod pod) {
    return nodes.stream()
        .filter(node -> node.name().equals(pod.node()))
        .findFirst()
        .orElseThrow(() -> new LabException("no node %s", pod.node()));
  }

  /** Both subnets have prefixes of 24 bits. */
  private static boolean sameSubnet(Cluster.Node one, Cluster.Node other) {
    return subnet(one).equals(subnet(other));
  }

  private static String subnet(Cluster.Node node) {
    return node.address().substring(0, node.address().lastIndexOf('.'));
  }

  /** Every request from each pod to each of another node, as the senders' nodes sent them on. */
  private KindReport.Check onTheWire(PoolMode mode) {
    List<CarriedEcho> echoes = captured();
    List<String> wrong = new ArrayList<>();
    Set<String> wrapped =
        echoes.stream()
            .map(CarriedEcho::wrapping)
            .filter(words -> !words.isEmpty())
            .collect(Collectors.toSet());
    int tried = 0;
    for (Cluster.Pod from : pods) {
      for (Cluster.Pod to : pods) {
        if (from.node().equals(to.node())) {
          continue;
        }
        tried++;
        List<CarriedEcho> seen =
            echoes.stream()
                .filter(e -> e.from().equals(from.address()) && e.to().equals(to.address()))
                .toList();
        if (seen.isEmpty()) {
          wrong.add(from.name() + " > " + to.name() + ": nothing on the wire");
        }
        seen.stream()
            .filter(echo -> !isRight(echo, mode, nodeOf(from), nodeOf(to)))
            .findFirst()
            .ifPresent(echo -> wrong.add(from.name() + " > " + to.name() + ": " + echo));
      }
    }
    steps.line(
        "%s: %d requests on the wire, %d of them wrapped",
        mode, echoes.size(), echoes.stream().filter(e -> !e.wrapping().isEmpty()).count());
    wrapped.stream().sorted().limit(2).forEach(words -> steps.line("   %s", words));
    return new KindReport.Check(mode + ", on the wire", tried, tried - wrong.size(), wrong);
  }

  private static boolean isRight(
      CarriedEcho echo, PoolMode mode, Cluster.Node from, Cluster.Node to) {
    if (!mode.encapsulates(sameSubnet(from, to))) {
      return echo.carrier() == PoolMode.Carrier.NONE;
    }
    String mac = VxlanTunnel.derivedMac(to.name(), AddressFamily.IPV4);
    return echo.carrier() == mode.carrier()
        && echo.outer().equals(Optional.of(new CarriedEcho.Ends(from.address(), to.address())))
        && echo.mac().filter(other -> !other.equals(mac)).isEmpty();
  }

  /** On all nodes at once. */
  private List<CarriedEcho> captured() {
    List<CarriedEcho> echoes = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<CarriedEcho>>> captures =
          nodes.stream()
              .map(node -> executor.submit(() -> CarriedEcho.leaving(cluster, node)))
              .toList();
      for (Future<List<CarriedEcho>> capture : captures) {
        echoes.addAll(capture.get());
      }
    } catch (ExecutionException e) {
      throw new LabException("tcpdump: %s", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("tcpdump: interrupted");
    }
    return echoes;
  }
}
