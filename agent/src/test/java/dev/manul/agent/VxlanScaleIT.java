package dev.manul.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.netlink.Event;
import dev.manul.netlink.Group;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetlinkMonitor;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.routes.NodeView;
import dev.manul.routes.ProgrammerListener;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.RouteProgrammer;
import dev.manul.routes.Underlay;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A large cluster in VXLAN without BGP: from the datastore's snapshot into the kernel. */
class VxlanScaleIT {

  private static final String NAMESPACE = "mnvs";
  private static final int NODES = 1_000;
  private static final int BLOCKS_OF_EACH = 10;
  private static final Duration LIMIT = Duration.ofSeconds(2);

  /** What else this machine does may take the time of one attempt or two. */
  private static final int ATTEMPTS = 4;

  @BeforeEach
  void makeHost() throws Exception {
    removeHost();
    AgentCluster.ip("netns", "add", NAMESPACE);
    AgentCluster.ip("-n", NAMESPACE, "link", "set", "lo", "up");
    AgentCluster.ip("-n", NAMESPACE, "link", "add", "eth0", "type", "veth", "peer", "name", "p0");
    AgentCluster.ip("-n", NAMESPACE, "link", "set", "p0", "up");
    AgentCluster.ip("-n", NAMESPACE, "address", "add", "10.9.0.1/16", "dev", "eth0");
    AgentCluster.ip("-n", NAMESPACE, "link", "set", "eth0", "up");
  }

  @AfterEach
  void removeHost() throws Exception {
    if (Files.exists(Path.of("/run/netns", NAMESPACE))) {
      AgentCluster.ip("netns", "del", NAMESPACE);
    }
  }

  private static String name(int node) {
    return "node-" + node;
  }

  private static Address at(String base, long offset) {
    return Address.parse(base).plus(offset);
  }

  private static Prefix block(int node, int number) {
    return Prefix.of(at("10.128.0.0", 64L * (node * BLOCKS_OF_EACH + number)), 26);
  }

  /** Node 0 is this one. */
  private static Node node(int number) {
    Node.Spec spec =
        Node.Spec.of(
            Node.Bgp.EMPTY.withIpv4Address(
                Optional.of(new InterfaceAddress(at("10.9.0.1", number), 16))));
    return new Node(
        Metadata.named(name(number)),
        spec.withIpv4VXLANTunnelAddr(Optional.of(block(number, 0).address())));
  }

  private static ClusterView snapshot(int nodes, int blocksOfLast) {
    Map<String, Node> byName = new HashMap<>();
    List<HeldBlock> blocks = new ArrayList<>();
    for (int number = 0; number <= nodes; number++) {
      byName.put(name(number), node(number));
      int count = number == nodes ? blocksOfLast : BLOCKS_OF_EACH;
      for (int i = 0; i < count; i++) {
        blocks.add(new HeldBlock(block(number, i), name(number), Map.of()));
      }
    }
    IPPool pool =
        new IPPool(
            Metadata.named("pool"),
            IPPool.Spec.of(Prefix.parse("10.128.0.0/9"))
                .withModes(EncapsulationMode.NEVER, EncapsulationMode.ALWAYS));
    return new ClusterView(
        name(0),
        byName,
        List.of(pool),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        Optional.empty(),
        new ClusterView.OnDemand(
            "kube-system", Map.of(), Map.of(), List.of(), List.of(), List.copyOf(blocks)));
  }

  private static NodeView view(ClusterView cluster) {
    return NodeViews.nodeView(
            cluster,
            RemoteNodes.of(cluster, Map.of(), Map.of(), RouteSource.DATASTORE, Underlay.EMPTY),
            OptionalInt.empty(),
            Set.of(),
            Set.of(),
            Peering.Sessions.NONE)
        .orElseThrow();
  }

  private static RouteProgrammer programmer() {
    return RouteProgrammer.start(
        NetworkNamespace.named(NAMESPACE), ProgrammerOptions.DEFAULT, ProgrammerListener.NONE);
  }

  /** Blocks, and the other nodes' tunnel addresses. */
  private static void awaitRoutes(RouteProgrammer programmer, int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> programmer.status().settled() && programmer.status().installed() == count);
  }

  @Test
  void aThousandNodesAreReachedWithinTwoSecondsOfTheSnapshot() throws Exception {
    ClusterView cluster = snapshot(NODES, BLOCKS_OF_EACH);
    int routes = NODES * (BLOCKS_OF_EACH + 1);
    List<Duration> taken = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS && !inTime(taken); attempt++) {
      removeHost();
      makeHost();
      try (RouteProgrammer programmer = programmer()) {
        long start = System.nanoTime();
        programmer.view(view(cluster));
        programmer.inSync();
        awaitRoutes(programmer, routes);
        taken.add(Duration.ofNanos(System.nanoTime() - start));
      }
    }

    assertThat(taken).anySatisfy(one -> assertThat(one).isLessThanOrEqualTo(LIMIT));
    assertThat(AgentCluster.ip("-n", NAMESPACE, "route", "show", "proto", "77")).hasSize(routes);
    assertThat(lines("ip", "-n", NAMESPACE, "neighbour", "show", "dev", "vxlan.calico"))
        .filteredOn(line -> line.contains("PERMANENT"))
        .hasSize(NODES);
    assertThat(lines("bridge", "-n", NAMESPACE, "fdb", "show", "dev", "vxlan.calico"))
        .hasSize(NODES);
  }

  private static boolean inTime(List<Duration> taken) {
    return taken.stream().anyMatch(one -> one.compareTo(LIMIT) <= 0);
  }

  private static List<String> lines(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().filter(line -> !line.isBlank()).toList();
    assertThat(process.waitFor()).as("%s: %s", List.of(command), lines).isZero();
    return lines;
  }

  /** What the kernel tells of a batch is one message a change. */
  @Test
  void oneMoreNodeIsFourMessages() {
    List<Event> told = new CopyOnWriteArrayList<>();
    try (RouteProgrammer programmer = programmer()) {
      programmer.view(view(snapshot(100, BLOCKS_OF_EACH)));
      programmer.inSync();
      awaitRoutes(programmer, 1_100);
      try (NetlinkMonitor _ =
          NetlinkMonitor.open(
              NetworkNamespace.named(NAMESPACE),
              Set.of(Group.NEIGHBOUR, Group.IPV4_ROUTE),
              new Ears(told))) {
        programmer.view(view(snapshot(101, 1)));
        awaitRoutes(programmer, 1_102);
        await().atMost(Duration.ofSeconds(60)).until(() -> told.size() >= 4);
      }
    }

    assertThat(told.stream().<Class<?>>map(Object::getClass))
        .containsExactlyInAnyOrder(
            Event.NeighbourChanged.class,
            Event.ForwardingChanged.class,
            Event.RouteAdded.class,
            Event.RouteAdded.class);
  }

  /** Neighbours that are asked for come and go; only permanent ones are somebody's doing. */
  private record Ears(List<Event> told) implements NetlinkMonitor.Listener {
    @Override
    public void changed(List<Event> events) {
      for (Event event : events) {
        boolean asking =
            event instanceof Event.NeighbourChanged(var n) && n.state() != Neighbour.PERMANENT;
        if (!asking) {
          told.add(event);
        }
      }
    }

    @Override
    public void overrun() {
      throw new IllegalStateException("news were lost");
    }

    @Override
    public void failed(NetlinkException cause) {
      throw cause;
    }
  }
}
