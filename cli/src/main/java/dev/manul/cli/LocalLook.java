package dev.manul.cli;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Node;
import dev.manul.model.NodeTrace;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What this program sees of its own node without the agent, which may be dead: the kernel's files,
 * for IPv4. A node's routes stay while its agent is away, and then nobody puts back what is lost.
 */
final class LocalLook {
  private static final Path ROUTES = Path.of("/proc/net/route");
  private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");

  private final String name;
  private final Node self;
  private final Optional<Node> other;
  private final List<IPPool> pools;

  LocalLook(String name, Node self, Optional<Node> other, List<IPPool> pools) {
    this.name = name;
    this.self = self;
    this.other = other;
    this.pools = pools;
  }

  /** Whether this program runs on a node: one of its interfaces has the node's address. */
  static boolean isHere(Node node) {
    for (AddressFamily family : AddressFamily.values()) {
      Optional<InterfaceAddress> address = address(node, family);
      if (address.isPresent() && has(address.get().address())) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(Address address) {
    try {
      return NetworkInterface.getByInetAddress(InetAddress.getByAddress(address.toBytes())) != null;
    } catch (SocketException | UnknownHostException e) {
      return false;
    }
  }

  private static Optional<InterfaceAddress> address(Node node, AddressFamily family) {
    return node.spec()
        .bgp()
        .flatMap(bgp -> family == AddressFamily.IPV4 ? bgp.ipv4Address() : bgp.ipv6Address());
  }

  /**
   * What packets to {@code to} depend on here.
   *
   * @param there whether that is the way to the destination, and not the one back
   */
  List<TracedHop> hops(boolean there, Address to) {
    String direction = there ? NodeTrace.THERE : NodeTrace.BACK;
    List<TracedHop> hops = new ArrayList<>();
    if (!(to instanceof Ipv4Address address)) {
      return hops;
    }
    forwarding(direction).ifPresent(hops::add);
    tunnel(direction, to).ifPresent(hops::add);
    hops.add(route(direction, address));
    return hops;
  }

  private TracedHop hop(String direction, String hop, String status, String summary) {
    return new TracedHop(name, direction, hop, status, "(without the agent) " + summary, 0);
  }

  private Optional<TracedHop> forwarding(String direction) {
    try {
      String value = Files.readString(FORWARDING).strip();
      return Optional.of(
          hop(
              direction,
              "ip-forward",
              value.equals("0") ? NodeTrace.BROKEN : NodeTrace.OK,
              "net.ipv4.ip_forward is " + value));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<TracedHop> tunnel(String direction, Address to) {
    return device(to)
        .map(
            device -> {
              try {
                NetworkInterface found = NetworkInterface.getByName(device);
                if (found == null) {
                  return hop(
                      direction, "tunnel-device", NodeTrace.BROKEN, device + " is not there");
                }
                return found.isUp()
                    ? hop(direction, "tunnel-device", NodeTrace.OK, device + " is up")
                    : hop(
                        direction,
                        "tunnel-device",
                        NodeTrace.BROKEN,
                        device + " is down; set it up");
              } catch (SocketException e) {
                return hop(direction, "tunnel-device", NodeTrace.UNSEEN, e.getMessage());
              }
            });
  }

  /** The tunnel device that the mode of the address's pool asks for. */
  private Optional<String> device(Address to) {
    if (other.isEmpty()) {
      return Optional.empty();
    }
    return pools.stream()
        .filter(pool -> pool.spec().cidr().contains(to))
        .max(Comparator.comparingInt(pool -> pool.spec().cidr().length()))
        .flatMap(
            pool ->
                isUsed(pool.spec().ipipMode())
                    ? Optional.of("tunl0")
                    : isUsed(pool.spec().vxlanMode())
                        ? Optional.of("vxlan.calico")
                        : Optional.empty());
  }

  private boolean isUsed(EncapsulationMode mode) {
    return switch (mode) {
      case ALWAYS -> true;
      case CROSS_SUBNET -> !sameSubnet();
      case NEVER -> false;
    };
  }

  private boolean sameSubnet() {
    Optional<InterfaceAddress> own = address(self, AddressFamily.IPV4);
    Optional<InterfaceAddress> far = other.flatMap(node -> address(node, AddressFamily.IPV4));
    return own.isPresent() && far.isPresent() && own.get().subnet().contains(far.get().address());
  }

  private TracedHop route(String direction, Ipv4Address to) {
    List<String> lines;
    try {
      lines = Files.readAllLines(ROUTES);
    } catch (IOException e) {
      return hop(direction, "kernel-route", NodeTrace.UNSEEN, e.toString());
    }
    Optional<KernelRoute> best =
        lines.stream()
            .skip(1)
            .flatMap(line -> KernelRoute.of(line).stream())
            .filter(route -> route.destination().contains(to))
            .max(
                Comparator.comparingInt((KernelRoute route) -> route.destination().length())
                    .thenComparing(Comparator.comparingLong(KernelRoute::metric).reversed()));
    if (best.isEmpty()) {
      return hop(direction, "kernel-route", NodeTrace.BROKEN, "no route leads to " + to);
    }
    KernelRoute route = best.get();
    if (route.refuses()) {
      return hop(direction, "kernel-route", NodeTrace.BROKEN, "the route refuses: " + route.text());
    }
    boolean lost = other.isPresent() && route.destination().length() == 0;
    return hop(
        direction,
        "kernel-route",
        lost ? NodeTrace.BROKEN : NodeTrace.OK,
        lost ? "no route to the pod: only the default route is left" : route.text());
  }

  /**
   * A line of {@code /proc/net/route}.
   *
   * @param refuses whether it drops packets
   */
  record KernelRoute(
      Prefix destination, String link, String gateway, long metric, boolean refuses) {
    // RTF_GATEWAY and RTF_REJECT of linux/route.h.
    private static final int GATEWAY = 0x2;
    private static final int REJECT = 0x200;

    /** What stands in the place of the link of a route without one, such as a blackhole. */
    private static final String NO_LINK = "*";

    static Optional<KernelRoute> of(String line) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length < 8) {
        return Optional.empty();
      }
      int flags = Integer.parseInt(fields[3], 16);
      int length = Integer.bitCount(Integer.parseUnsignedInt(fields[7], 16));
      return Optional.of(
          new KernelRoute(
              Prefix.of(address(fields[1]), length),
              fields[0],
              (flags & GATEWAY) == 0 ? "" : address(fields[2]).toString(),
              Long.parseLong(fields[6]),
              (flags & REJECT) != 0 || fields[0].equals(NO_LINK)));
    }

    /** The kernel writes an address in network order as a number of the machine's order. */
    private static Address address(String hexadecimal) {
      int number = Integer.parseUnsignedInt(hexadecimal, 16);
      int value =
          ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
              ? Integer.reverseBytes(number)
              : number;
      return new Ipv4Address(value);
    }

    String text() {
      return destination + (gateway.isEmpty() ? "" : " via " + gateway) + " dev " + link;
    }
  }
}
