package dev.manul.policy;

import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.kernel.HostPrograms;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A node with a pod on one side and a host outside on the other, of both families; the host outside
 * also has an address that is in the pods' pool, as a pod on another node would.
 */
final class TestHosts implements AutoCloseable {

  static final String POD = "10.244.0.2";
  static final String POD6 = "fd00:10:244::2";
  static final String NODE = "198.51.100.1";
  static final String NODE6 = "2001:db8::1";
  static final String OUTSIDE = "198.51.100.2";
  static final String OUTSIDE6 = "2001:db8::2";
  static final String REMOTE_POD = "10.244.9.9";

  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final int PATIENCE_MILLIS = 2000;

  final NetworkNamespace node;
  final NetworkNamespace pod;
  final NetworkNamespace outside;
  private final List<NetworkNamespace> all;

  TestHosts() {
    node = fresh();
    pod = fresh();
    outside = fresh();
    all = List.of(node, pod, outside);
    all.forEach(namespace -> ip(namespace, "link set lo up"));
    node.writeSysctl("ipv4/ip_forward", "1");
    node.writeSysctl("ipv6/conf/all/forwarding", "1");
    ip(node, "link add calitest type veth peer name eth0 netns " + name(pod));
    ip(node, "link add eth0 type veth peer name eth0 netns " + name(outside));
    address(node, "calitest", "10.244.0.1/24", "fd00:10:244::1/64");
    address(node, "eth0", NODE + "/24", NODE6 + "/64");
    address(pod, "eth0", POD + "/24", POD6 + "/64");
    address(outside, "eth0", OUTSIDE + "/24", OUTSIDE6 + "/64");
    ip(outside, "addr add " + REMOTE_POD + "/32 dev lo");
    ip(outside, "route add 10.244.0.0/24 via " + NODE);
    ip(outside, "route add fd00:10:244::/64 via " + NODE6);
    ip(node, "route add " + REMOTE_POD + "/32 via " + OUTSIDE);
    ip(pod, "route add default via 10.244.0.1");
    ip(pod, "-6 route add default via fd00:10:244::1");
  }

  private static NetworkNamespace fresh() {
    return NetworkNamespace.create(
        "mnpo-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet());
  }

  private static void address(NetworkNamespace namespace, String device, String ipv4, String ipv6) {
    ip(namespace, "link set " + device + " up");
    ip(namespace, "addr add " + ipv4 + " dev " + device);
    ip(namespace, "addr add " + ipv6 + " dev " + device + " nodad");
  }

  static String name(NetworkNamespace namespace) {
    return namespace.path().orElseThrow().getFileName().toString();
  }

  static void ip(NetworkNamespace namespace, String words) {
    String _ = run(namespace, "ip " + words);
  }

  /** Runs a command of words without blanks; gives what it printed. */
  static String run(NetworkNamespace namespace, String words) {
    return new HostPrograms(namespace).ok(List.of(words.split(" ", -1)), "");
  }

  /** The rules of a table, without the counters and times that change by themselves. */
  String rules(String program, String table) {
    return run(node, program + "-save -t " + table)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.replaceAll(" \\[\\d+:\\d+]", ""))
        .reduce("", (a, b) -> a + b + "\n");
  }

  /** The address a datagram comes from when it arrives; empty when it does not. */
  static Optional<String> sourceSeen(
      NetworkNamespace from, String source, NetworkNamespace at, String destination)
      throws IOException {
    return endSeen(from, source, at, destination).map(end -> end.getAddress().getHostAddress());
  }

  /** The address and port a datagram comes from when it arrives; empty when it does not. */
  static Optional<InetSocketAddress> endSeen(
      NetworkNamespace from, String source, NetworkNamespace at, String destination)
      throws IOException {
    try (DatagramSocket receiver = socket(at, destination);
        DatagramSocket sender = socket(from, source)) {
      receiver.setSoTimeout(PATIENCE_MILLIS);
      byte[] body = "manul".getBytes(StandardCharsets.UTF_8);
      sender.send(new DatagramPacket(body, body.length, receiver.getLocalSocketAddress()));
      var packet = new DatagramPacket(new byte[100], 100);
      receiver.receive(packet);
      return Optional.of((InetSocketAddress) packet.getSocketAddress());
    } catch (SocketTimeoutException _) {
      return Optional.empty();
    }
  }

  private static DatagramSocket socket(NetworkNamespace namespace, String address) {
    return namespace.call(
        () -> new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0)));
  }

  @Override
  public void close() {
    all.forEach(NetworkNamespace::delete);
  }
}
