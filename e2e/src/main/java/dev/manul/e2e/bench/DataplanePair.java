package dev.manul.e2e.bench;

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

/** Two nodes on one link, each with a pod, in network namespaces. Node and pod 0 serve. */
final class DataplanePair implements AutoCloseable {

  private static final Prefix POOL = Prefix.parse("10.244.0.0/16");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final BenchNamespaces namespaces;
  private final List<RouteProgrammer> programmers = new ArrayList<>();

  /**
   * @param name one letter, for the namespaces' names
   */
  DataplanePair(String name) {
    this.name = name;
    this.namespaces = BenchNamespaces.of(node(0), node(1), pod(0), pod(1));
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
    }
  }

  private String node(int number) {
    return "mlab-dp-" + name + number;
  }

  private String pod(int number) {
    return "mlab-dp-" + name + "p" + number;
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

  String serverPod() {
    return pod(0);
  }

  String clientPod() {
    return pod(1);
  }

  String serverAddress() {
    return podAddress(0);
  }

  private void widthOfPods(int mtu) {
    for (int i = 0; i < 2; i++) {
      Run.ip(node(i), List.of("link set cali0 mtu " + mtu));
      Run.ip(pod(i), List.of("link set eth0 mtu " + mtu));
    }
  }

  /** Has two route programmers make the way; returns when their routes are there. */
  void byManul(DataplaneBench.Way way) {
    widthOfPods(way.mtu());
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

  private NodeView view(DataplaneBench.Way way, int i) {
    EncapsulationMode ipip = mode(way == DataplaneBench.Way.IPIP);
    IPPool pool =
        new IPPool(
            Metadata.named("pool"),
            IPPool.Spec.of(POOL)
                .withModes(
                    ipip,
                    mode(way == DataplaneBench.Way.VXLAN),
                    mode(way == DataplaneBench.Way.UDP)));
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
        List.of(pool),
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
  void byHand(DataplaneBench.Way way) {
    widthOfPods(way.mtu());
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
                  "link add vx0 address 66:00:00:00:00:0%d mtu %d type vxlan id 4096 dstport 4789 local %s dev eth0 nolearning"
                      .formatted(i, way.mtu(), nodeAddress(i)),
                  "link set vx0 up",
                  "address add " + tunnelAddress(i) + "/32 dev vx0",
                  "neigh add %s lladdr 66:00:00:00:00:0%d dev vx0 nud permanent"
                      .formatted(tunnelAddress(1 - i), 1 - i),
                  "route add " + there + " via " + tunnelAddress(1 - i) + " dev vx0 onlink"));
        }
        case UDP -> throw new IllegalArgumentException("ip has no such device");
      }
      Run.ip(node(i), lines);
      if (way == DataplaneBench.Way.VXLAN) {
        Run.ok(
            "bridge",
            "-n",
            node(i),
            "fdb",
            "add",
            "66:00:00:00:00:0" + (1 - i),
            "dev",
            "vx0",
            "dst",
            other);
      }
    }
  }

  /** Takes away what either has made. */
  void clear() {
    programmers.forEach(RouteProgrammer::close);
    programmers.clear();
    for (int i = 0; i < 2; i++) {
      Run.ok("ip", "-netns", node(i), "route", "flush", "root", POOL.toString(), "proto", "77");
      Run.ok("ip", "-netns", node(i), "route", "flush", "root", POOL.toString(), "proto", "boot");
      for (String device : List.of("vx0", "vxlan.calico", "manul-udp")) {
        Run.of(List.of("ip", "-netns", node(i), "link", "delete", device));
      }
      Run.of(List.of("ip", "-netns", node(i), "address", "flush", "dev", "tunl0"));
      Run.ip(node(i), List.of("route replace " + podAddress(i) + " dev cali0 scope link"));
    }
  }

  @Override
  public void close() {
    programmers.forEach(RouteProgrammer::close);
    namespaces.close();
  }
}
