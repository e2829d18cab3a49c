package dev.manul.netlink;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A route of the kernel, or one it is to have.
 *
 * <p>A route that is built here compares equal to the same route read back: the builders fill in
 * what the kernel would (an IPv6 metric of 1024, the scope of an IPv4 route), and reading drops
 * what the kernel only adds for show (the device {@code lo} of an IPv6 blackhole).
 *
 * @param destination the destination; 0.0.0.0/0 and ::/0 are the default routes
 * @param type what happens to a packet
 * @param table the table's number, 1 to 2^32 - 1 as an unsigned int; 254 is main, 255 local
 * @param protocol who installed it, 0 to 255; 2 kernel, 3 boot, 4 static, 77 Manul
 * @param metric the metric, 0 to 2^32 - 1; lower wins
 * @param tos the type of service, 0 to 255; always 0 for IPv6
 * @param scope how far the destination is; always global for IPv6
 * @param preferredSource the source address for packets of this host
 * @param nextHops none for a type that refuses, several for multipath
 */
public record Route(
    Prefix destination,
    RouteType type,
    int table,
    int protocol,
    long metric,
    int tos,
    Scope scope,
    Optional<Address> preferredSource,
    List<NextHop> nextHops) {

  /** RT_TABLE_MAIN. */
  public static final int MAIN_TABLE = 254;

  /** RT_TABLE_LOCAL. */
  public static final int LOCAL_TABLE = 255;

  /** RTPROT_KERNEL: what the kernel adds by itself, such as connected subnets. */
  public static final int KERNEL_PROTOCOL = 2;

  /** RTPROT_BOOT: what {@code ip route add} says when told nothing else. */
  public static final int BOOT_PROTOCOL = 3;

  /** RTPROT_STATIC: set by hand. */
  public static final int STATIC_PROTOCOL = 4;

  /** The metric the kernel gives an IPv6 route that is added without one (IP6_RT_PRIO_USER). */
  public static final long DEFAULT_IPV6_METRIC = 1024;

  public Route {
    nextHops = List.copyOf(nextHops);
    if (protocol < 0 || protocol > 255) {
      throw new IllegalArgumentException(
          destination + ": a protocol of " + protocol + " is not within 0 to 255");
    }
    if (metric < 0 || metric > 0xffff_ffffL) {
      throw new IllegalArgumentException(
          destination + ": a metric of " + metric + " is not within 0 to 4294967295");
    }
    if (tos < 0 || tos > 255) {
      throw new IllegalArgumentException(
          destination + ": a type of service of " + tos + " is not within 0 to 255");
    }
    if (type.refuses() && !nextHops.isEmpty()) {
      throw new IllegalArgumentException(
          destination + ": a " + type.word() + " route has no next hop");
    }
  }

  /** Through a gateway on a link. In table main, with protocol boot. */
  public static Route via(Prefix destination, Address gateway, int linkIndex) {
    return of(destination, RouteType.UNICAST, List.of(NextHop.via(gateway, linkIndex)));
  }

  /** Through a gateway that is taken as a neighbour on the link. */
  public static Route onlinkVia(Prefix destination, Address gateway, int linkIndex) {
    return of(destination, RouteType.UNICAST, List.of(NextHop.onlinkVia(gateway, linkIndex)));
  }

  /** On a link itself, without a gateway. */
  public static Route onLink(Prefix destination, int linkIndex) {
    return of(destination, RouteType.UNICAST, List.of(NextHop.onLink(linkIndex)));
  }

  /** Over several next hops, or one. */
  public static Route multipath(Prefix destination, List<NextHop> nextHops) {
    return of(destination, RouteType.UNICAST, nextHops);
  }

  /** Dropped silently. */
  public static Route blackhole(Prefix destination) {
    return of(destination, RouteType.BLACKHOLE, List.of());
  }

  /** Refused with ICMP host unreachable. */
  public static Route unreachable(Prefix destination) {
    return of(destination, RouteType.UNREACHABLE, List.of());
  }

  /** Refused with ICMP communication prohibited. */
  public static Route prohibit(Prefix destination) {
    return of(destination, RouteType.PROHIBIT, List.of());
  }

  /** A route of any type, in table main, with protocol boot and the kernel's scope and metric. */
  public static Route of(Prefix destination, RouteType type, List<NextHop> nextHops) {
    boolean v6 = destination.family() == AddressFamily.IPV6;
    return new Route(
        destination,
        type,
        type == RouteType.LOCAL ? LOCAL_TABLE : MAIN_TABLE,
        BOOT_PROTOCOL,
        v6 ? DEFAULT_IPV6_METRIC : 0,
        0,
        v6 ? Scope.GLOBAL : usualScope(type, nextHops),
        Optional.empty(),
        nextHops);
  }

  /** The scope an IPv4 route has when nothing else is asked for, as iproute2 chooses it. */
  private static Scope usualScope(RouteType type, List<NextHop> nextHops) {
    return switch (type) {
      case LOCAL, NAT -> Scope.HOST;
      case BROADCAST, MULTICAST, ANYCAST -> Scope.LINK;
      case UNICAST, UNSPECIFIED -> {
        for (NextHop nextHop : nextHops) {
          if (nextHop.gateway().isPresent()) {
            yield Scope.GLOBAL;
          }
        }
        yield nextHops.isEmpty() ? Scope.GLOBAL : Scope.LINK;
      }
      default -> Scope.GLOBAL;
    };
  }

  public Route withTable(int newTable) {
    return new Route(
        destination, type, newTable, protocol, metric, tos, scope, preferredSource, nextHops);
  }

  public Route withProtocol(int newProtocol) {
    return new Route(
        destination, type, table, newProtocol, metric, tos, scope, preferredSource, nextHops);
  }

  /** With another metric. The kernel makes 1024 of an IPv6 route's 0, so that is done here too. */
  public Route withMetric(long newMetric) {
    long effective =
        newMetric == 0 && destination.family() == AddressFamily.IPV6
            ? DEFAULT_IPV6_METRIC
            : newMetric;
    return new Route(
        destination, type, table, protocol, effective, tos, scope, preferredSource, nextHops);
  }

  public Route withTos(int newTos) {
    return new Route(
        destination, type, table, protocol, metric, newTos, scope, preferredSource, nextHops);
  }

  public Route withScope(Scope newScope) {
    return new Route(
        destination, type, table, protocol, metric, tos, newScope, preferredSource, nextHops);
  }

  public Route withPreferredSource(Address source) {
    return new Route(
        destination, type, table, protocol, metric, tos, scope, Optional.of(source), nextHops);
  }

  public Route withNextHops(List<NextHop> newNextHops) {
    return new Route(
        destination, type, table, protocol, metric, tos, scope, preferredSource, newNextHops);
  }

  /** What makes this route one and the same for the kernel. */
  public RouteKey key() {
    return new RouteKey(destination, table, metric, tos);
  }

  public AddressFamily family() {
    return destination.family();
  }

  /**
   * The route as {@code ip route} writes it, such as {@code 10.244.1.0/26 via 10.1.5.11 dev tunl0
   * proto 77 onlink}.
   *
   * @param linkName gives a link's name by its index; null where there is no such link
   */
  public String text(IntFunction<String> linkName) {
    return RouteText.of(this, linkName);
  }

  /** As {@link #text}, with {@code if7} for the link of index 7. */
  @Override
  public String toString() {
    return text(index -> null);
  }
}
