package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.Link;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.PacketRelay;
import dev.manul.netlink.Route;
import dev.manul.routes.RouteIssue.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the device of one family whose packets travel in UDP, and the relay that carries them,
 * around the writing of routes: {@link #setUp} and {@link #direct} come before, {@link #clean}
 * after. Owned by one thread; the relay has one of its own.
 */
final class UdpKeeper {

  private static final Logger log = LoggerFactory.getLogger(UdpKeeper.class);

  /**
   * For how long a way that routes have left is remembered: far longer than a packet that the
   * kernel has handed over waits for a relay that gets no processor.
   */
  static final Duration IN_FLIGHT = Duration.ofSeconds(10);

  private static final String REMEDY =
      "give the agent /dev/net/tun (the kernel's module tun), or set the pool's udpMode to Never";

  private final AddressFamily family;
  private final Kernel kernel;
  private final LongSupplier nanoTime;
  private final TunnelDevice device;
  private Optional<Kernel.Relay> relay = Optional.empty();
  private Optional<UdpPlan.End> end = Optional.empty();
  private UdpDirectory directory = UdpDirectory.EMPTY;
  private Map<Prefix, Address> directed = Map.of();
  private final Map<Prefix, Left> left = new HashMap<>();
  private Optional<BackOff> backOff = Optional.empty();
  private List<RouteIssue> issues = List.of();
  private final Disuse disuse;

  /** The node behind a prefix to which a route has led until then. */
  private record Left(Address node, long sinceNanos) {}

  UdpKeeper(AddressFamily family, ProgrammerOptions options, Kernel kernel, LongSupplier nanoTime) {
    this.family = family;
    this.kernel = kernel;
    this.nanoTime = nanoTime;
    this.disuse = new Disuse(options.linger(), nanoTime);
    this.device = new TunnelDevice(UdpTunnel.deviceName(family), REMEDY, kernel, nanoTime);
  }

  String deviceName() {
    return UdpTunnel.deviceName(family);
  }

  /** What was refused may be granted now. */
  void tryAgain() {
    device.tryAgain();
    backOff = Optional.empty();
  }

  /** Whether the device was changed, so that links and routes have to be read again. */
  boolean setUp(Underlay underlay, NodeView view, boolean removing) {
    disuse.look(
        view.udpInUse(family).isPresent()
            || view.announcedTunnels().contains(UdpTunnel.deviceName(family)));
    UdpPlan plan = plan(underlay, view, removing);
    if (plan.attach().isPresent()) {
      return attach(plan.attach().get());
    }
    backOff = Optional.empty();
    issues = List.of();
    return device.setUp(plan.before(), plan.issue());
  }

  private UdpPlan plan(Underlay underlay, NodeView view, boolean removing) {
    Optional<UdpPlan.End> attached =
        relay.filter(Kernel.Relay::running).isPresent() ? end : Optional.empty();
    return UdpPlan.of(family, underlay, view, attached, removing, disuse.isOver());
  }

  private boolean attach(UdpPlan.End wanted) {
    if (backOff.isPresent() && !backOff.get().isDue(nanoTime.getAsLong())) {
      return false;
    }
    close();
    String name = UdpTunnel.deviceName(family);
    try {
      relay = Optional.of(kernel.relay(name, wanted.local(), wanted.port(), directory));
      end = Optional.of(wanted);
      log.info("event=relay_started device={} local={} port={}", name, end, wanted.port());
      return true;
    } catch (NetlinkException e) {
      backOff = Optional.of(BackOff.after(backOff.orElse(null), nanoTime.getAsLong()));
      issues =
          List.of(
              RouteIssue.ofNode(
                  Reason.TUNNEL_DEVICE_MISSING,
                  "packets of device "
                      + name
                      + " cannot be carried: "
                      + e.getMessage()
                      + "; "
                      + REMEDY));
      return false;
    }
  }

  /**
   * Tells the relay which node is behind which prefix, before the routes that lead to it are
   * written.
   *
   * @param wanted the routes there are to be
   */
  void direct(Underlay underlay, NodeView view, Collection<Route> wanted) {
    Optional<Link> link = underlay.link(UdpTunnel.deviceName(family));
    if (relay.isEmpty() || link.isEmpty()) {
      return;
    }
    Map<Address, Address> remotes =
        Optional.ofNullable(view.udp().get(family)).map(UdpTunnel::remotes).orElse(Map.of());
    Map<Prefix, Address> nodes = nodes(remotes, link.get().index(), wanted);
    if (nodes.equals(directed) && view.nodeAddresses().equals(directory.peers())) {
      return;
    }
    directory = new UdpDirectory(PrefixTrie.of(nodes), before(nodes), view.nodeAddresses());
    directed = nodes;
    relay.get().directory(directory);
  }

  /** The ways that routes have left a moment ago, once they are to be these. */
  private PrefixTrie<Address> before(Map<Prefix, Address> nodes) {
    long now = nanoTime.getAsLong();
    left.values().removeIf(way -> now - way.sinceNanos() >= IN_FLIGHT.toNanos());
    directed.forEach((prefix, node) -> left.put(prefix, new Left(node, now)));
    left.keySet().removeAll(nodes.keySet());
    Map<Prefix, Address> before = HashMap.newHashMap(left.size());
    left.forEach((prefix, way) -> before.put(prefix, way.node()));
    return PrefixTrie.of(before);
  }

  /** The nodes behind the tunnel's ends and behind routes to them; of several hops the first. */
  private static Map<Prefix, Address> nodes(
      Map<Address, Address> remotes, int linkIndex, Collection<Route> routes) {
    Map<Address, Address> nodeOf = new HashMap<>();
    Map<Prefix, Address> nodes = new HashMap<>();
    remotes.forEach(
        (node, end) -> {
          nodeOf.put(end, node);
          nodes.put(end.toPrefix(), node);
        });
    for (Route route : routes) {
      route.nextHops().stream()
          .filter(hop -> hop.linkIndex() == linkIndex)
          .flatMap(hop -> hop.gateway().stream())
          .filter(nodeOf::containsKey)
          .findFirst()
          .ifPresent(end -> nodes.put(route.destination(), nodeOf.get(end)));
    }
    return nodes;
  }

  /**
   * Takes away what routes need no more.
   *
   * @param wanted whether a link, by its index, has wanted routes, if only until another way of
   *     theirs is ready
   * @return whether the device was changed, so that links and routes have to be read again
   */
  boolean clean(Underlay underlay, NodeView view, boolean removing, IntPredicate wanted) {
    Optional<Link> link = underlay.link(UdpTunnel.deviceName(family));
    if (view.udpInUse(family).isEmpty() && link.isPresent() && wanted.test(link.get().index())) {
      disuse.again();
      return false;
    }
    UdpPlan plan = plan(underlay, view, removing);
    if (plan.attach().isPresent() || !plan.before().isEmpty() || plan.after().isEmpty()) {
      return false;
    }
    if (view.udpInUse(family).isEmpty()) {
      close();
    }
    boolean changed = device.clean(plan.after());
    if (!changed) {
      disuse.again(); // to be tried again in a while
    }
    return changed;
  }

  /** What became of packets, if any are carried. */
  Optional<PacketRelay.Counts> counts() {
    return relay.map(Kernel.Relay::counts);
  }

  List<RouteIssue> issues() {
    List<RouteIssue> all = new ArrayList<>(device.issues());
    all.addAll(issues);
    return all;
  }

  /** How many nanoseconds from now something is due even if nothing happens. */
  OptionalLong untilNext(Underlay underlay, boolean removing) {
    long now = nanoTime.getAsLong();
    long delay = Long.MAX_VALUE;
    if (device.dueNanos().isPresent()) {
      delay = Math.min(delay, Math.max(0, device.dueNanos().getAsLong() - now));
    }
    if (backOff.isPresent()) {
      delay = Math.min(delay, Math.max(0, backOff.get().dueNanos() - now));
    }
    if (removing && underlay.link(UdpTunnel.deviceName(family)).isPresent()) {
      delay = Math.min(delay, disuse.untilOver().orElse(Long.MAX_VALUE));
    }
    return delay == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(delay);
  }

  /** Ends the relay. The device stays, with its addresses and routes. */
  void close() {
    relay.ifPresent(Kernel.Relay::close);
    relay = Optional.empty();
    end = Optional.empty();
  }
}
