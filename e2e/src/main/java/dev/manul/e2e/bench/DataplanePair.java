package dev.manul.e2e.bench;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.meaning.Action;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.Tier;
import dev.manul.policy.rendering.PolicyOptions;
import dev.manul.routes.LearnedChange;
import dev.manul.routes.NodeView;
import dev.manul.routes.ProgrammerListener;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.RouteProgrammer;
import dev.manul.routes.UdpTunnel;
import dev.manul.routes.VxlanTunnel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Two nodes on one link, each with a pod, in network namespaces. Node and pod 0 serve. The way
 * between them can be made again and again, by one side and by another.
 */
final class DataplanePair implements AutoCloseable {

  private static final Prefix POOL = Prefix.parse("10.244.0.0/16");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String VXLAN = VxlanTunnel.deviceName(AddressFamily.IPV4);

  /** Where policies of the default tier come that have no order. */
  private static final double LAST = 1_000_000;

  /** Processors, one for each end where there are as many. */
  private static final boolean PINNED = Runtime.getRuntime().availableProcessors() > 1;

  private final BenchNamespaces namespaces = BenchNamespaces.of(node(0), node(1), pod(0), pod(1));
  private final List<RouteProgrammer> programmers = new ArrayList<>();
  private final List<NetworkPolicies> policies = new ArrayList<>();
  private Optional<DataplaneBench.Setup> made = Optional.empty();

  /** Who makes a way. */
  enum Side {
    /** Somebody with {@code ip}, without any packet filter. */
    BY_HAND("by hand"),
    /** The route programmer; nothing else of Manul's is there. */
    MANUL("Manul"),
    /** The route programmer, and the rules of a cluster without policies: pods, masquerading. */
    MANUL_AND_RULES("Manul, its rules");

    private final String text;

    Side(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  DataplanePair() {
    Run.ip(
        node(0),
        List.of(
            "link add eth0 type veth peer name eth0 netns " + node(1),
            "address add 10.1.5.10/24 dev eth0",
            "link set eth0 up",
            "link set lo up"));
    Run.ip(
        node(1),
        List.of("address add 10.1.5.11/24 dev eth0", "link set eth0 up", "link set lo up"));
    for (int i = 0; i < 2; i++) {
      NetworkNamespace.named(node(i)).writeSysctl("ipv4/ip_forward", "1");
      String mac = "02:00:00:00:0%d:0".formatted(i);
      Run.ip(
          node(i),
          List.of(
              "link add cali0 address " + mac + "1 type veth peer name eth0 netns " + pod(i),
              "link set cali0 up",
              "route add " + podAddress(i) + " dev cali0 scope link"));
      Run.ip(
          pod(i),
          List.of(
              "link set eth0 address " + mac + "2 up",
              "address add " + podAddress(i) + "/32 dev eth0",
              "route add 169.254.1.1 dev eth0 scope link",
              "route add default via 169.254.1.1 dev eth0",
              "neigh add 169.254.1.1 lladdr " + mac + "1 dev eth0"));
      Run.ip(node(i), List.of("neigh add " + podAddress(i) + " lladdr " + mac + "2 dev cali0"));
      // what a connection has learned of the way is not for the next one, which goes another
      NetworkNamespace.named(pod(i)).writeSysctl("ipv4/tcp_no_metrics_save", "1");
    }
  }

  private static String node(int number) {
    return "mlab-dp-" + number;
  }

  private static String pod(int number) {
    return "mlab-dp-p" + number;
  }

  private static String nodeAddress(int number) {
    return "10.1.5.1" + number;
  }

  private static String block(int number) {
    return "10.244." + number + ".0/26";
  }

  private static String tunnelAddress(int number) {
    return "10.244." + number + ".1";
  }

  private static String podAddress(int number) {
    return "10.244." + number + ".2";
  }

  String serverAddress() {
    return podAddress(0);
  }

  /** The command that runs another in the pod that serves, on that end's processor. */
  List<String> inServer(List<String> command) {
    return inPod(0, command);
  }

  /** The same of the pod that asks. */
  List<String> inClient(List<String> command) {
    return inPod(1, command);
  }

  private static List<String> inPod(int number, List<String> command) {
    List<String> words = new ArrayList<>();
    if (PINNED) {
      words.addAll(List.of("taskset", "-c", Integer.toString(number)));
    }
    words.addAll(command);
    return Run.inNamespace(pod(number), words);
  }

  /** Whether the server's pod hears the client's and answers. */
  boolean answers() {
    List<String> ping = List.of("ping", "-n", "-q", "-c1", "-W1", serverAddress());
    return Run.of(inClient(ping)).status() == 0;
  }

  /** What the kernel has on a node. */
  NodeState state() {
    return NodeState.of(node(0));
  }

  /** Has the way made by a side, unless it is as it is to be already. */
  void configure(DataplaneBench.Setup setup) {
    if (made.equals(Optional.of(setup))) {
      return;
    }
    clear();
    widthOfPods(setup.way().mtu());
    switch (setup.side()) {
      case BY_HAND -> byHand(setup.way());
      case MANUL -> byManul(setup.way());
      case MANUL_AND_RULES -> {
        byManul(setup.way());
        rules(setup.way());
      }
    }
    made = Optional.of(setup);
  }

  private void widthOfPods(int mtu) {
    for (int i = 0; i < 2; i++) {
      Run.ip(node(i), List.of("link set cali0 mtu " + mtu));
      Run.ip(pod(i), List.of("link set eth0 mtu " + mtu));
    }
  }

  /** Has two route programmers make the way; returns when their routes are there. */
  private void byManul(DataplaneBench.Way way) {
    for (int i = 0; i < 2; i++) {
      RouteProgrammer programmer =
          RouteProgrammer.start(
              NetworkNamespace.named(node(i)), ProgrammerOptions.DEFAULT, ProgrammerListener.NONE);
      programmers.add(programmer);
      programmer.view(view(way, i));
      programmer.learned(
          List.of(
              LearnedChange.learned(
                  Prefix.parse(block(1 - i)), List.of(Address.parse(nodeAddress(1 - i))))));
      programmer.inSync();
    }
    for (RouteProgrammer programmer : programmers) {
      Waiting.until(
          "routes of mode " + way,
          LIMIT,
          Progress.NONE,
          () ->
              programmer.status().settled() && programmer.status().issues().isEmpty()
                  ? List.of()
                  : List.of(programmer.status().toString()));
    }
  }

  /** Has the rules made that agents make, and returns when they are there. */
  private void rules(DataplaneBench.Way way) {
    PolicyOptions rules =
        PolicyOptions.DEFAULT.withTunnels(
            way == DataplaneBench.Way.IPIP, way == DataplaneBench.Way.VXLAN);
    for (int i = 0; i < 2; i++) {
      NetworkPolicies engine =
          NetworkPolicies.start(
              NetworkNamespace.named(node(i)), NetworkPolicyOptions.DEFAULT.withRules(rules));
      policies.add(engine);
      engine.pools(List.of(pool(way)));
      engine.nodes(List.of(Address.parse(nodeAddress(0)), Address.parse(nodeAddress(1))));
      engine.apply(
          List.of(
              new Fact.TierIs(new Tier(Tier.DEFAULT, LAST, Action.DENY)),
              PolicyLoad.namespace(0, 0),
              endpoint(0, i == 0),
              endpoint(1, i == 1)));
      engine.synced();
      List<String> failing = engine.ask(_ -> true).thenApply(_ -> engine.status().failing()).join();
      if (!failing.isEmpty()) {
        throw new LabException("%s", failing);
      }
    }
  }

  private static Fact endpoint(int i, boolean local) {
    return new Fact.EndpointIs(
        new Endpoint(
            new EndpointId.Workload("ns0", "pod-" + i),
            Map.of("projectcalico.org/namespace", "ns0", "projectcalico.org/orchestrator", "k8s"),
            List.of("kns.ns0"),
            Set.of(Address.parse(podAddress(i)).toPrefix()),
            List.of(),
            local ? Optional.of(new Endpoint.Local("cali0", Set.of())) : Optional.empty()));
  }

  private static IPPool pool(DataplaneBench.Way way) {
    return new IPPool(
        Metadata.named("pool"),
        IPPool.Spec.of(POOL)
            .withNatOutgoing(true)
            .withModes(
                mode(way == DataplaneBench.Way.IPIP),
                mode(way == DataplaneBench.Way.VXLAN),
                mode(way == DataplaneBench.Way.UDP)));
  }

  private static NodeView view(DataplaneBench.Way way, int i) {
    Address other = Address.parse(nodeAddress(1 - i));
    AddressFamily family = AddressFamily.IPV4;
    Optional<Address> own = Optional.of(Address.parse(tunnelAddress(i)));
    VxlanTunnel vxlan =
        new VxlanTunnel(
            VxlanTunnel.DEFAULT_VNI,
            VxlanTunnel.DEFAULT_PORT,
            OptionalInt.empty(),
            own,
            VxlanTunnel.derivedMac(node(i), family),
            Map.of(
                other,
                new VxlanTunnel.Remote(
                    Address.parse(tunnelAddress(1 - i)),
                    VxlanTunnel.derivedMac(node(1 - i), family))));
    UdpTunnel udp =
        new UdpTunnel(
            UdpTunnel.DEFAULT_PORT,
            OptionalInt.empty(),
            own,
            Map.of(other, Address.parse(tunnelAddress(1 - i))));
    return new NodeView(
        node(i),
        Optional.of(InterfaceAddress.parse(nodeAddress(i) + "/24")),
        Optional.empty(),
        List.of(pool(way)),
        Set.of(Prefix.parse(block(i))),
        Map.of(),
        Set.of(Address.parse(nodeAddress(i)), other),
        Set.of(Address.parse(nodeAddress(i)), other),
        own,
        OptionalInt.empty(),
        Map.of(family, vxlan),
        Map.of(family, udp),
        Set.of(),
        Set.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  private static EncapsulationMode mode(boolean on) {
    return on ? EncapsulationMode.ALWAYS : EncapsulationMode.NEVER;
  }

  /** Configures the way as one would with {@code ip}, with the same addresses and settings. */
  private static void byHand(DataplaneBench.Way way) {
    for (int i = 0; i < 2; i++) {
      List<String> lines = new ArrayList<>(List.of("route add blackhole " + block(i)));
      String there = block(1 - i);
      String other = nodeAddress(1 - i);
      switch (way) {
        case DIRECT -> lines.add("route add " + there + " via " + other + " dev eth0");
        case IPIP ->
            lines.addAll(
                List.of(
                    "link set tunl0 mtu " + way.mtu() + " up",
                    "address add " + tunnelAddress(i) + "/32 dev tunl0",
                    "route add " + there + " via " + other + " dev tunl0 onlink"));
        case VXLAN -> {
          lines.addAll(
              List.of(
                  "link add %s address %s mtu %d type vxlan id %d dstport %d local %s dev eth0 nolearning"
                      .formatted(
                          VXLAN,
                          mac(i),
                          way.mtu(),
                          VxlanTunnel.DEFAULT_VNI,
                          VxlanTunnel.DEFAULT_PORT,
                          nodeAddress(i)),
                  "link set " + VXLAN + " up",
                  "address add " + tunnelAddress(i) + "/32 dev " + VXLAN,
                  "neigh add %s lladdr %s dev %s nud permanent"
                      .formatted(tunnelAddress(1 - i), mac(1 - i), VXLAN),
                  "route add "
                      + there
                      + " via "
                      + tunnelAddress(1 - i)
                      + " dev "
                      + VXLAN
                      + " onlink"));
        }
        case UDP -> throw new IllegalArgumentException("ip has no such device");
      }
      Run.ip(node(i), lines);
      if (way == DataplaneBench.Way.VXLAN) {
        Run.ok("bridge", "-n", node(i), "fdb", "add", mac(1 - i), "dev", VXLAN, "dst", other);
      }
    }
  }

  private static String mac(int number) {
    return VxlanTunnel.derivedMac(node(number), AddressFamily.IPV4);
  }

  /** Takes away what was made. */
  void clear() {
    if (made.isEmpty()) {
      return;
    }
    made = Optional.empty();
    boolean ruled = !policies.isEmpty();
    stop();
    for (int i = 0; i < 2; i++) {
      String node = node(i);
      if (ruled) {
        NetworkPolicies.remove(NetworkNamespace.named(node));
        for (String table : List.of("raw", "mangle", "nat", "filter")) {
          // the kernel's own chains, empty now, would still be asked about each packet
          Run.of(Run.inNamespace(node, List.of("iptables", "-t", table, "-X")));
        }
      }
      for (String protocol : List.of("77", "boot")) {
        Run.ok("ip", "-netns", node, "route", "flush", "root", POOL.toString(), "proto", protocol);
      }
      for (String device : List.of(VXLAN, "manul-udp")) {
        Run.of(List.of("ip", "-netns", node, "link", "delete", device));
      }
      Run.of(List.of("ip", "-netns", node, "address", "flush", "dev", "tunl0"));
      Run.of(List.of("ip", "-netns", node, "link", "set", "tunl0", "down"));
      Run.ip(node, List.of("route replace " + podAddress(i) + " dev cali0 scope link"));
    }
  }

  private void stop() {
    policies.forEach(NetworkPolicies::close);
    policies.clear();
    programmers.forEach(RouteProgrammer::close);
    programmers.clear();
  }

  @Override
  public void close() {
    stop();
    namespaces.close();
  }
}
