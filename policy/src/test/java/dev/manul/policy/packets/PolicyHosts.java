package dev.manul.policy.packets;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.netlink.PacketSocket;
import dev.manul.policy.kernel.HostPrograms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A node with pods, wired as the CNI plugin wires them, and the rest of the world on a link: a
 * namespace that has every other address. Pod N has the addresses 10.65.0.N and fd00:65::N and the
 * device {@code caliN} on the node, which has a route to it or is a port of the bridge {@code
 * cni0}.
 */
public final class PolicyHosts implements AutoCloseable {

  public static final String NODE = "192.0.2.1";
  public static final String NODE6 = "2001:db8::1";
  public static final Prefix PODS = Prefix.parse("10.65.0.0/24");
  public static final Prefix PODS6 = Prefix.parse("fd00:65::/64");

  /** The bridge of the pods that are on one. */
  public static final String BRIDGE = "cni0";

  private static final String GATEWAY = "10.65.0.254";
  private static final String GATEWAY6 = "fd00:65::fe";

  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final int[] PROTOCOLS = {1, 6, 17, 132, 47, 136};
  private static final Duration QUIET = Duration.ofMillis(60);

  public final NetworkNamespace node;
  private final NetworkNamespace outside;
  private final List<NetworkNamespace> pods = new ArrayList<>();
  private final List<List<PacketSocket>> senders = new ArrayList<>();
  private final List<PacketSocket> receivers = new ArrayList<>();
  private int number;

  /** Makes a node with so many pods that have a route each. */
  public PolicyHosts(int count) {
    this(count, Arrangement.ROUTED);
  }

  /** Makes a node with so many pods. */
  public PolicyHosts(int count, Arrangement arrangement) {
    node = fresh();
    outside = fresh();
    sysctl(node);
    run(node, "ip link set lo up");
    run(outside, "ip link set lo up");
    run(node, "ip link add eth0 type veth peer name eth0 netns " + name(outside));
    addOutside();
    if (arrangement != Arrangement.ROUTED) {
      addBridge();
    }
    for (int i = 1; i <= count; i++) {
      NetworkNamespace pod = addPod(i);
      if (arrangement == Arrangement.ROUTED) {
        route(i, pod);
      } else {
        join(i, pod);
      }
    }
    for (AddressFamily family : AddressFamily.values()) {
      for (NetworkNamespace pod : pods) {
        receivers.add(PacketSocket.arrivals(pod, family));
      }
      receivers.add(PacketSocket.arrivals(outside, family));
      for (int protocol : PROTOCOLS) {
        int own = protocol == 1 && family == AddressFamily.IPV6 ? 58 : protocol;
        receivers.add(PacketSocket.deliveries(node, family, own));
      }
    }
    for (NetworkNamespace pod : pods) {
      senders.add(bothFamilies(pod));
    }
    senders.add(bothFamilies(outside));
    senders.add(bothFamilies(node));
  }

  private static List<PacketSocket> bothFamilies(NetworkNamespace namespace) {
    return List.of(
        PacketSocket.sender(namespace, AddressFamily.IPV4),
        PacketSocket.sender(namespace, AddressFamily.IPV6));
  }

  private static void sysctl(NetworkNamespace namespace) {
    namespace.writeSysctl("ipv4/ip_forward", "1");
    namespace.writeSysctl("ipv6/conf/all/forwarding", "1");
    namespace.writeSysctl("ipv4/conf/all/rp_filter", "0");
    namespace.writeSysctl("ipv4/conf/default/rp_filter", "0");
  }

  private void addOutside() {
    run(node, "ip link set eth0 address 02:00:00:00:01:01 up");
    run(outside, "ip link set eth0 address 02:00:00:00:01:02 up");
    run(node, "ip addr add 192.0.2.1/31 dev eth0");
    run(node, "ip addr add 2001:db8::1/127 dev eth0 nodad");
    run(node, "ip neigh add 192.0.2.0 lladdr 02:00:00:00:01:02 dev eth0");
    run(node, "ip neigh add 2001:db8:: lladdr 02:00:00:00:01:02 dev eth0");
    run(node, "ip route add default via 192.0.2.0");
    run(node, "ip -6 route add default via 2001:db8::");
    run(outside, "ip addr add 192.0.2.0/31 dev eth0");
    run(outside, "ip addr add 2001:db8::/127 dev eth0 nodad");
    run(outside, "ip neigh add 192.0.2.1 lladdr 02:00:00:00:01:01 dev eth0");
    run(outside, "ip neigh add 2001:db8::1 lladdr 02:00:00:00:01:01 dev eth0");
    run(outside, "ip route add " + PODS + " via " + NODE);
    run(outside, "ip -6 route add " + PODS6 + " via " + NODE6);
  }

  private static String podMac(int i) {
    return "02:00:00:00:02:0" + i;
  }

  private static String nodeMac(int i) {
    return "02:00:00:00:03:0" + i;
  }

  private NetworkNamespace addPod(int i) {
    NetworkNamespace pod = fresh();
    pods.add(pod);
    String device = "cali" + i;
    run(pod, "ip link set lo up");
    run(node, "ip link add " + device + " type veth peer name eth0 netns " + name(pod));
    run(node, "ip link set " + device + " address " + nodeMac(i) + " up");
    run(pod, "ip link set eth0 address " + podMac(i) + " up");
    return pod;
  }

  private void addBridge() {
    run(node, "ip link add " + BRIDGE + " address 02:00:00:00:04:01 type bridge");
    run(node, "ip link set " + BRIDGE + " up");
    run(node, "ip addr add " + GATEWAY + "/24 dev " + BRIDGE);
    run(node, "ip addr add " + GATEWAY6 + "/64 dev " + BRIDGE + " nodad");
    node.writeSysctl("bridge/bridge-nf-call-iptables", "1");
    node.writeSysctl("bridge/bridge-nf-call-ip6tables", "1");
  }

  /** As CNI's plugin {@code bridge} does; neighbours find each other by themselves. */
  private void join(int i, NetworkNamespace pod) {
    run(node, "ip link set cali" + i + " master " + BRIDGE);
    run(pod, "ip addr add 10.65.0." + i + "/24 dev eth0");
    run(pod, "ip addr add fd00:65::" + i + "/64 dev eth0 nodad");
    run(pod, "ip route add default via " + GATEWAY);
    run(pod, "ip -6 route add default via " + GATEWAY6);
  }

  private void route(int i, NetworkNamespace pod) {
    String device = "cali" + i;
    String podMac = podMac(i);
    String nodeMac = nodeMac(i);
    run(pod, "ip addr add 10.65.0." + i + "/32 dev eth0");
    run(pod, "ip addr add fd00:65::" + i + "/128 dev eth0 nodad");
    run(pod, "ip route add 169.254.1.1 dev eth0 scope link");
    run(pod, "ip route add default via 169.254.1.1 dev eth0");
    run(pod, "ip neigh add 169.254.1.1 lladdr " + nodeMac + " dev eth0");
    run(pod, "ip -6 route add default via fe80::1 dev eth0");
    run(pod, "ip neigh add fe80::1 lladdr " + nodeMac + " dev eth0");
    run(node, "ip route add 10.65.0." + i + " dev " + device + " scope link");
    run(node, "ip -6 route add fd00:65::" + i + " dev " + device);
    run(node, "ip neigh add 10.65.0." + i + " lladdr " + podMac + " dev " + device);
    run(node, "ip neigh add fd00:65::" + i + " lladdr " + podMac + " dev " + device);
  }

  private static NetworkNamespace fresh() {
    NetworkNamespace namespace =
        NetworkNamespace.create(
            "mnpk-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet());
    // so that neighbours are asked for at once, and not after a second's look for duplicates
    namespace.writeSysctl("ipv6/conf/default/accept_dad", "0");
    return namespace;
  }

  private static String name(NetworkNamespace namespace) {
    return namespace.path().orElseThrow().getFileName().toString();
  }

  /** Runs a command of words without blanks; gives what it printed. */
  public static String run(NetworkNamespace namespace, String words) {
    return new HostPrograms(namespace).ok(List.of(words.split(" ", -1)), "");
  }

  /** A pod's namespace, from 1. */
  public NetworkNamespace pod(int i) {
    return pods.get(i - 1);
  }

  public NetworkNamespace outside() {
    return outside;
  }

  /** The device on the node by which an address is reached; "" for the node's own. */
  public static String device(Address address) {
    if (address.toString().equals(NODE) || address.toString().equals(NODE6)) {
      return "";
    }
    boolean pod = PODS.contains(address) || PODS6.contains(address);
    byte[] octets = address.toBytes();
    return pod ? "cali" + octets[octets.length - 1] : "eth0";
  }

  /** Sends probes, each from where its source is, and says which arrived where they should. */
  public BitSet arrived(List<Probe> probes) {
    return arrived(probes, -1);
  }

  /**
   * As {@link #arrived(List)}.
   *
   * @param pod who sends them all, from 1, whatever their sources say; -1 for whoever has the
   *     source
   */
  public BitSet arrived(List<Probe> probes, int pod) {
    int first = number;
    var heard = new BitSet();
    receivers.forEach(receiver -> receiver.receive(_ -> {}));
    for (Probe probe : probes) {
      int family = probe.source().family() == AddressFamily.IPV4 ? 0 : 1;
      PacketSocket sender = senders.get(pod < 0 ? host(probe) : pod - 1).get(family);
      int _ = sender.send(probe.destination(), probe.packet(number));
      number++;
    }
    long quietSince = System.nanoTime();
    while (System.nanoTime() - quietSince < QUIET.toNanos()) {
      int before = heard.cardinality();
      for (PacketSocket receiver : receivers) {
        receiver.receive(
            packet -> {
              int which = Probe.numberIn(packet) - first;
              if (which >= 0 && which < probes.size()) {
                heard.set(which);
              }
            });
      }
      if (heard.cardinality() > before) {
        quietSince = System.nanoTime();
      }
      LockSupport.parkNanos(1_000_000);
    }
    return heard;
  }

  /** Which sender has the source: pods, then the outside, then the node. */
  private int host(Probe probe) {
    String device = device(probe.source());
    if (device.isEmpty()) {
      return pods.size() + 1;
    }
    return device.equals("eth0")
        ? pods.size()
        : Integer.parseInt(device.substring("cali".length())) - 1;
  }

  /** Forgets connections, so that every probe is a first packet. */
  public void forgetConnections() {
    String _ = run(node, "conntrack -F");
  }

  @Override
  public void close() {
    receivers.forEach(PacketSocket::close);
    senders.forEach(pair -> pair.forEach(PacketSocket::close));
    pods.forEach(NetworkNamespace::delete);
    node.delete();
    outside.delete();
  }
}
