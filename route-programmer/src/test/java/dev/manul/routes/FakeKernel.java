package dev.manul.routes;

import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Errno;
import dev.manul.netlink.Event;
import dev.manul.netlink.ForwardingEntry;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.LinkSpec;
import dev.manul.netlink.LinkType;
import dev.manul.netlink.LinkUpdate;
import dev.manul.netlink.Neighbour;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NextHop;
import dev.manul.netlink.PacketRelay;
import dev.manul.netlink.Route;
import dev.manul.netlink.RouteKey;
import dev.manul.netlink.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A kernel of one routing table in memory, with the habits of the real one that matter here: what
 * is refused, what a replacement replaces, what goes without a word. What is done by hand leaves
 * news; what the programmer does leaves none, as its monitor passes over them.
 */
final class FakeKernel implements Kernel {

  private static final int OURS = ProgrammerOptions.MANUL_PROTOCOL;

  final Map<Integer, Link> links = new TreeMap<>();
  final List<LinkAddress> addresses = new ArrayList<>();
  final Map<RouteKey, List<Route>> routes = new LinkedHashMap<>();
  final Map<String, String> sysctls = new HashMap<>();

  /** What has not been told yet. */
  final List<Event> news = new ArrayList<>();

  /** What the programmer has written and the kernel has taken. */
  final List<Change> writes = new ArrayList<>();

  /** What the programmer should not have done. */
  final List<String> wrongs = new ArrayList<>();

  /** The kinds of tunnels that the kernel knows. */
  final Set<String> known = new HashSet<>(Set.of("ipip", "vxlan", "tun"));

  /** Who carries the packets of TUN devices in this process, by the devices' names. */
  final Map<String, FakeRelay> relays = new TreeMap<>();

  /** A relay that carries nothing. */
  final class FakeRelay implements Relay {
    final String device;
    final Address local;
    final int port;
    PacketRelay.Directory directory;

    FakeRelay(String device, Address local, int port, PacketRelay.Directory directory) {
      this.device = device;
      this.local = local;
      this.port = port;
      this.directory = directory;
    }

    @Override
    public boolean running() {
      return relays.get(device) == this;
    }

    @Override
    public void directory(PacketRelay.Directory newDirectory) {
      directory = newDirectory;
    }

    @Override
    public PacketRelay.Counts counts() {
      return new PacketRelay.Counts(0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
      if (running()) {
        relays.remove(device);
        carrierChanged(device);
      }
    }
  }

  final Map<String, Neighbour> neighbours = new TreeMap<>();
  final Map<String, ForwardingEntry> forwarding = new TreeMap<>();

  /**
   * Whether others come in between without being noticed, so that news may be older than a write
   * and lead to one that changes nothing.
   */
  boolean interfered;

  /** Called before each batch: where others come in between. */
  Runnable beforeBatch = () -> {};

  /** Answers that are given instead of doing as asked. */
  Function<Change, Optional<Errno>> refusal = change -> Optional.empty();

  private int nextIndex = 100;

  FakeKernel() {
    sysctls.put("ipv4/ip_forward", "0");
    sysctls.put("ipv6/conf/all/forwarding", "0");
    sysctls.put("ipv4/conf/all/rp_filter", "0");
  }

  @Override
  public List<Link> links() {
    return List.copyOf(links.values());
  }

  @Override
  public List<LinkAddress> addresses() {
    return List.copyOf(addresses);
  }

  @Override
  public List<Route> routes(int table) {
    return routes.values().stream().flatMap(List::stream).toList();
  }

  @Override
  public List<Neighbour> neighbours() {
    return List.copyOf(neighbours.values());
  }

  @Override
  public List<ForwardingEntry> forwardingEntries(int linkIndex) {
    return forwarding.values().stream().filter(e -> e.linkIndex() == linkIndex).toList();
  }

  List<Route> ours() {
    return routes(Route.MAIN_TABLE).stream().filter(r -> r.protocol() == OURS).toList();
  }

  List<Route> foreign() {
    return routes(Route.MAIN_TABLE).stream().filter(r -> r.protocol() != OURS).toList();
  }

  @Override
  public ApplyReport apply(List<? extends Change> changes) {
    beforeBatch.run();
    List<ApplyReport.Failure> failures = new ArrayList<>();
    int told = news.size();
    for (int i = 0; i < changes.size(); i++) {
      Change change = changes.get(i);
      Optional<Errno> errno = refusal.apply(change);
      if (errno.isEmpty()) {
        checkManners(change);
        errno = perform(change);
      }
      if (errno.isPresent()) {
        failures.add(new ApplyReport.Failure(i, change, errno.get(), ""));
      } else {
        writes.add(change);
      }
    }
    news.subList(told, news.size()).clear();
    return new ApplyReport(failures);
  }

  /** Does what another program asks for. */
  void byHand(Change change) {
    perform(change)
        .ifPresent(
            errno -> {
              throw new IllegalStateException(change + ": " + errno);
            });
  }

  /** As {@link #byHand}, but a refusal is of no interest. */
  boolean tryByHand(Change change) {
    return perform(change).isEmpty();
  }

  private void checkManners(Change change) {
    switch (change) {
      case Change.AddRoute(Route route) -> checkOurs(change, route);
      case Change.DeleteRoute(Route route) -> checkOurs(change, route);
      case Change.ReplaceRoute(Route route) -> {
        checkOurs(change, route);
        List<Route> same = routes.getOrDefault(route.key(), List.of());
        if (!same.isEmpty()) {
          checkOurs(change, same.getFirst());
          if (same.getFirst().equals(route) && !interfered) {
            wrongs.add("written though right: " + route);
          }
        }
      }
      default -> {}
    }
  }

  private void checkOurs(Change change, Route route) {
    if (route.protocol() != OURS) {
      wrongs.add(change + " touches " + route);
    }
  }

  private Optional<Errno> perform(Change change) {
    return switch (change) {
      case Change.AddRoute(Route route) -> add(route);
      case Change.ReplaceRoute(Route route) -> replace(route);
      case Change.DeleteRoute(Route route) -> delete(route);
      case Change.SetLink(int index, LinkUpdate update) -> set(index, update);
      case Change.CreateLink create -> {
        if (!known.contains(create.spec().type().kind())) {
          yield Optional.of(Errno.EOPNOTSUPP);
        }
        yield create(create.spec());
      }
      case Change.DeleteLink(int index) -> deleteLink(index);
      case Change.AddAddress(LinkAddress address) -> {
        if (addresses.stream().anyMatch(a -> a.address().equals(address.address()))) {
          yield Optional.of(Errno.EEXIST);
        }
        addresses.add(address);
        news.add(new Event.AddressAdded(address));
        connect(address);
        yield Optional.empty();
      }
      case Change.DeleteAddress(LinkAddress address) -> deleteAddress(address);
      case Change.ReplaceNeighbour(Neighbour neighbour) -> {
        neighbours.put(key(neighbour), neighbour);
        yield Optional.empty();
      }
      case Change.DeleteNeighbour(Neighbour neighbour) ->
          neighbours.remove(key(neighbour)) == null ? Optional.of(Errno.ENOENT) : Optional.empty();
      case Change.ReplaceForwarding(ForwardingEntry entry) -> {
        forwarding.put(key(entry), entry);
        yield Optional.empty();
      }
      case Change.DeleteForwarding(ForwardingEntry entry) ->
          forwarding.remove(key(entry)) == null ? Optional.of(Errno.ENOENT) : Optional.empty();
      default -> throw new UnsupportedOperationException(change.toString());
    };
  }

  private Optional<Errno> create(LinkSpec spec) {
    Optional<Errno> errno = create(spec.name(), spec.type().kind());
    if (errno.isEmpty() && spec.type() instanceof LinkType.Vxlan) {
      Link bare = links.get(nextIndex - 1);
      links.put(
          bare.index(),
          with(bare, spec.mtu().orElse(1450), spec.up(), spec.mac(), Optional.of(spec.type())));
    }
    return errno;
  }

  private Link with(
      Link link, int mtu, boolean up, Optional<String> mac, Optional<LinkType> settings) {
    boolean running = up && (!link.kind().equals("tun") || relays.containsKey(link.name()));
    return new Link(
        link.index(), link.name(), link.kind(), mtu, up, running, false, mac, 0, 0, settings);
  }

  private static String key(Neighbour neighbour) {
    return neighbour.linkIndex() + " " + neighbour.address();
  }

  private static String key(ForwardingEntry entry) {
    return entry.linkIndex() + " " + entry.mac();
  }

  Optional<Errno> create(String name, String kind) {
    if (links.values().stream().anyMatch(link -> link.name().equals(name))) {
      return Optional.of(Errno.EEXIST);
    }
    Link link = Sketch.link(nextIndex++, name, kind, 1480, false);
    links.put(link.index(), link);
    sysctls.put("ipv4/conf/" + name + "/rp_filter", "0");
    news.add(new Event.LinkChanged(link));
    return Optional.empty();
  }

  private Optional<Errno> add(Route route) {
    Optional<Errno> fault = fault(route);
    if (fault.isEmpty() && !routes.getOrDefault(route.key(), List.of()).isEmpty()) {
      return Optional.of(Errno.EEXIST);
    }
    if (fault.isEmpty()) {
      append(route);
    }
    return fault;
  }

  /** As {@code ip route append}. */
  void append(Route route) {
    routes.computeIfAbsent(route.key(), key -> new ArrayList<>()).add(route);
    news.add(new Event.RouteAdded(route, false));
  }

  private Optional<Errno> replace(Route route) {
    List<Route> same = routes.getOrDefault(route.key(), List.of());
    Optional<Errno> fault = fault(route);
    if (fault.isPresent() || same.isEmpty()) {
      return fault.isPresent() ? fault : add(route);
    }
    if (same.getFirst().equals(route)) {
      return Optional.empty();
    }
    if (same.contains(route)) {
      return Optional.of(Errno.EEXIST);
    }
    same.set(0, route);
    news.add(new Event.RouteAdded(route, true));
    return Optional.empty();
  }

  private Optional<Errno> delete(Route route) {
    List<Route> same = routes.get(route.key());
    if (same == null || !same.remove(route)) {
      return Optional.of(Errno.ESRCH);
    }
    news.add(new Event.RouteRemoved(route));
    return Optional.empty();
  }

  private Optional<Errno> fault(Route route) {
    for (NextHop hop : route.nextHops()) {
      Link link = links.get(hop.linkIndex());
      if (link == null) {
        return Optional.of(Errno.ENODEV);
      }
      if (!link.up()) {
        return Optional.of(Errno.ENETDOWN);
      }
      boolean neighbour =
          hop.gateway().isEmpty()
              || hop.onlink()
              || addresses.stream()
                  .anyMatch(
                      a ->
                          a.linkIndex() == hop.linkIndex()
                              && a.address().subnet().contains(hop.gateway().get()));
      if (!neighbour) {
        return Optional.of(Errno.ENETUNREACH);
      }
    }
    return Optional.empty();
  }

  private Optional<Errno> set(int index, LinkUpdate update) {
    Link old = links.get(index);
    if (old == null) {
      return Optional.of(Errno.ENODEV);
    }
    boolean up = update.up().orElse(old.up());
    Link link =
        with(old, update.mtu().orElse(old.mtu()), up, update.mac().or(old::mac), old.settings());
    links.put(index, link);
    news.add(new Event.LinkChanged(link));
    if (old.up() && !up) {
      dropRoutes(index);
    } else if (!old.up() && up) {
      addresses.stream().filter(a -> a.linkIndex() == index).forEach(this::connect);
    }
    return Optional.empty();
  }

  private void connect(LinkAddress address) {
    if (address.address().length() < address.address().address().family().bits()
        && links.get(address.linkIndex()).up()) {
      boolean v4 = address.address().address().family() == AddressFamily.IPV4;
      Route route =
          Route.onLink(address.address().subnet(), address.linkIndex())
              .withProtocol(Route.KERNEL_PROTOCOL)
              .withScope(v4 ? Scope.LINK : Scope.GLOBAL)
              .withMetric(v4 ? 0 : 256);
      if (!routes.getOrDefault(route.key(), List.of()).contains(route)) {
        append(route);
      }
    }
  }

  private Optional<Errno> deleteLink(int index) {
    Link link = links.get(index);
    if (link == null) {
      return Optional.of(Errno.ENODEV);
    }
    addresses.removeIf(a -> a.linkIndex() == index);
    neighbours.values().removeIf(n -> n.linkIndex() == index);
    forwarding.values().removeIf(e -> e.linkIndex() == index);
    links.remove(index);
    relays.remove(link.name());
    dropRoutes(index);
    news.add(new Event.LinkRemoved(link));
    return Optional.empty();
  }

  private Optional<Errno> deleteAddress(LinkAddress address) {
    if (!addresses.remove(address)) {
      return Optional.of(Errno.EADDRNOTAVAIL);
    }
    news.add(new Event.AddressRemoved(address));
    boolean last =
        addresses.stream()
            .noneMatch(
                a ->
                    a.linkIndex() == address.linkIndex()
                        && a.address().address().family() == AddressFamily.IPV4);
    if (last && address.address().address().family() == AddressFamily.IPV4) {
      dropRoutes(address.linkIndex());
    }
    return Optional.empty();
  }

  /** IPv4 routes of which no link is left go silently, those of IPv6 with news. */
  private void dropRoutes(int index) {
    for (List<Route> same : routes.values()) {
      for (Route route : List.copyOf(same)) {
        boolean uses = route.nextHops().stream().anyMatch(h -> h.linkIndex() == index);
        boolean dead =
            uses
                && route.nextHops().stream()
                    .allMatch(h -> h.linkIndex() == index || !isUp(h.linkIndex()));
        boolean v4 = route.family() == AddressFamily.IPV4;
        boolean removed = dead || (uses && !links.containsKey(index)) || (uses && !v4);
        if (removed) {
          same.remove(route);
          if (!v4) {
            news.add(new Event.RouteRemoved(route));
          }
        }
      }
    }
  }

  private boolean isUp(int index) {
    return links.containsKey(index) && links.get(index).up();
  }

  @Override
  public Relay relay(String device, Address local, int port, PacketRelay.Directory directory) {
    if (!known.contains("tun")) {
      throw new NetlinkException("open /dev/net/tun", Errno.ENOENT);
    }
    if (relays.containsKey(device)) {
      throw new NetlinkException("attach to TUN device " + device, Errno.EBUSY);
    }
    create(device, "tun");
    FakeRelay relay = new FakeRelay(device, local, port, directory);
    relays.put(device, relay);
    carrierChanged(device);
    return relay;
  }

  /** A TUN device has a carrier while somebody has it open. */
  private void carrierChanged(String device) {
    for (Link link : List.copyOf(links.values())) {
      if (link.name().equals(device)) {
        Link changed = with(link, link.mtu(), link.up(), link.mac(), link.settings());
        links.put(link.index(), changed);
        news.add(new Event.LinkChanged(changed));
      }
    }
  }

  @Override
  public String readSysctl(String name) {
    return sysctls.getOrDefault(name, "0");
  }

  @Override
  public void writeSysctl(String name, String value) {
    sysctls.put(name, value);
  }

  @Override
  public void close() {}
}
