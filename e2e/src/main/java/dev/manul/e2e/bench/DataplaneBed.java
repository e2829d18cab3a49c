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
 * Two nodes on one link, each with a pod, in network namespaces of their own, and the way between
 * them made. Node and pod 0 serve. All beds have the same addresses, so that several that stand at
 * a time differ in who made the way and in nothing else.
 */
final class DataplaneBed implements AutoCloseable {

  static final String SERVER_ADDRESS = podAddress(0);

  private static final Prefix POOL = Prefix.parse("10.244.0.0/16");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String VXLAN = VxlanTunnel.deviceName(AddressFamily.IPV4);

  /** Where policies of the default tier come that have no order. */
  private static final double LAST = 1_000_000;

  private final String name;
  private final BenchNamespaces namespaces;
  private final List<RouteProgrammer> programmers = new ArrayList<>();
  private final List<NetworkPolicies> policies = new ArrayList<>();

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

  /**
   * Makes it; packets go through when this returns.
   *
   * @param name of a letter or so, which its namespaces have in their names
   */
  DataplaneBed(String name, DataplaneBench.Setup setup) {
    this.name = name;
    namespaces = BenchNamespaces.of(node(0), node(1), pod(0), pod(1));
    wire(setup.way().mtu());
    switch (setup.side()) {
      case BY_HAND -> byHand(setup.way());
      case MANUL -> byManul(setup.way());
      case MANUL_AND_RULES -> {
        byManul(setup.way());
        rules(setup.way());
      }
    }
    List<String> ping = List.of("ping", "-n", "-q", "-c1", "-W1", SERVER_ADDRESS);
    Waiting.until(
        "a way between the pods",
        LIMIT,
        Progress.NONE,
        () ->
            Run.of(Run.inNamespace(client(), ping)).status() == 0
                ? List.of()
                : List.of("no answer"));
  }

  private void wire(int mtu) {
    for (String namespace : List.of(node(0), node(1), pod(0), pod(1))) {
      // what IPv6 looks for on new links would be among what is measured
      NetworkNamespace.named(namespace).writeSysctl("ipv6/conf/all/disable_ipv6", "1");
      NetworkNamespace.named(namespace).writeSysctl("ipv6/conf/default/disable_ipv6", "1");
    }
    Run.ip(
        node(0),
        List.of(
            "link add eth0 address 02:00:00:00:02:00 type veth"
                + " peer name eth0 address 02:00:00:00:02:01 netns "
                + node(1)));
    for (int i = 0; i < 2; i++) {
      NetworkNamespace.named(node(i)).writeSysctl("ipv4/ip_forward", "1");
      String mac = "02:00:00:00:0%d:0".formatted(i);
      Run.ip(
          node(i),
          List.of(
              "link set lo up",
              "link set eth0 up",
              "address add " + nodeAddress(i) + "/24 dev eth0",
              "link add cali0 address " + mac + "1 type veth peer name eth0 netns " + pod(i),
              "link set cali0 mtu " + mtu + " up",
              "route add " + podAddress(i) + " dev cali0 scope link",
              "neigh add " + podAddress(i) + " lladdr " + mac + "2 dev cali0"));
      Run.ip(
          pod(i),
          List.of(
              "link set eth0 address " + mac + "2 mtu " + mtu + " up",
              "address add " + podAddress(i) + "/32 dev eth0",
              "route add 169.254.1.1 dev eth0 scope link",
              "route add default via 169.254.1.1 dev eth0",
              "neigh add 169.254.1.1 lladdr " + mac + "1 dev eth0"));
      // a connection waits while another bed has its turn, and goes on as if it had not
      NetworkNamespace.named(pod(i)).writeSysctl("ipv4/tcp_slow_start_after_idle", "0");
    }
  }

  private String node(int number) {
    return "mlab-dp-" + name + number;
  }

  private String pod(int number) {
    return "mlab-dp-" + name + "p" + number;
  }

  private static String nodeName(int number) {
    return "node-" + number;
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

  /** The namespace of the pod that serves. */
  String server() {
    return pod(0);
  }

  /** The namespace of the pod that asks. */
  String client() {
    return pod(1);
  }

  /** What the kernel has on a node. */
  NodeState state() {
    return NodeState.of(node(0));
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
      // packets are IPv4's; a kernel may lack what the rules for IPv6 need
      List<String> failing =
          engine.ask(_ -> true).thenApply(_ -> engine.status().failing()).join().stream()
              .filter(line -> !line.startsWith(AddressFamily.IPV6.name()))
              .toList();
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
            VxlanTunnel.derivedMac(nodeName(i), family),
            Map.of(
                other,
                new VxlanTunnel.Remote(
                    Address.parse(tunnelAddress(1 - i)),
                    VxlanTunnel.derivedMac(nodeName(1 - i), family))));
    UdpTunnel udp =
        new UdpTunnel(
            UdpTunnel.DEFAULT_PORT,
            OptionalInt.empty(),
            own,
            Map.of(other, Address.parse(tunnelAddress(1 - i))));
    return new NodeView(
        nodeName(i),
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
        Set.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  private static EncapsulationMode mode(boolean on) {
    return on ? EncapsulationMode.ALWAYS : EncapsulationMode.NEVER;
  }

  /** Configures the way as one would with {@code ip}, with the same addresses and settings. */
  private void byHand(DataplaneBench.Way way) {
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
    return VxlanTunnel.derivedMac(nodeName(number), AddressFamily.IPV4);
  }

  @Override
  public void close() {
    policies.forEach(NetworkPolicies::close);
    programmers.forEach(RouteProgrammer::close);
    namespaces.close();
  }
}
