package dev.manul.routes;

import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import dev.manul.netlink.ApplyReport;
import dev.manul.netlink.Change;
import dev.manul.netlink.Event;
import dev.manul.netlink.Link;
import dev.manul.netlink.LinkAddress;
import dev.manul.netlink.PacketRelay;
import dev.manul.netlink.Route;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of the programmer but its threads: takes in views, learned routes and news of the kernel, and
 * in {@link #settle} does what is to be done. Owned by one thread.
 */
final class RouteKeeper {

  private static final Logger log = LoggerFactory.getLogger(RouteKeeper.class);

  /** How often one pass may find that it has to begin again, such as after making the tunnel. */
  private static final int MOST_ROUNDS = 4;

  /** 10 ms. */
  private static final long SOON_NANOS = 10_000_000;

  private final ProgrammerOptions options;
  private final Kernel kernel;
  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private final RouteTable table;
  private final DesiredRoutes desired;

  private final Map<Integer, Link> links = new HashMap<>();
  private final List<LinkAddress> addresses = new ArrayList<>();
  private Underlay underlay = Underlay.EMPTY;
  private Optional<NodeView> view = Optional.empty(); // what was told, attached devices put in
  private Map<Prefix, String> toldWorkloads = Map.of();
  private final Map<String, Set<Prefix>> attached = new HashMap<>();
  private boolean readNeeded = true;
  private boolean retryNow;
  private boolean settingsDue;
  private long lastReadNanos;
  private long readTookNanos;
  private Optional<Instant> lastFullCheck = Optional.empty();

  private final IpipKeeper tunnel;
  private final List<VxlanKeeper> vxlans;
  private final List<UdpKeeper> udps;
  private List<Change> lastPodPeers = List.of();
  private List<RouteIssue> settingsIssues = List.of();

  RouteKeeper(
      ProgrammerOptions options, Kernel kernel, LongSupplier nanoTime, InstantSource clock) {
    this.options = options;
    this.kernel = kernel;
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.table = new RouteTable(options, kernel, nanoTime);
    this.desired = new DesiredRoutes(options, table);
    this.tunnel = new IpipKeeper(options, kernel, nanoTime);
    this.vxlans =
        Arrays.stream(AddressFamily.values())
            .map(family -> new VxlanKeeper(family, options, kernel, nanoTime))
            .toList();
    this.udps =
        Arrays.stream(AddressFamily.values())
            .map(family -> new UdpKeeper(family, options, kernel, nanoTime))
            .toList();
  }

  void view(NodeView newView) {
    if (view.isEmpty() || !view.get().sameButForLocalPrefixes(newView)) {
      settingsDue = true;
      tryTunnelsAgain();
    }
    toldWorkloads = newView.workloads();
    view = Optional.of(newView);
    putInAttached();
  }

  /** A device of a pod has these addresses behind it; none when it is gone. */
  void attached(String device, Set<Prefix> addresses) {
    Set<Prefix> before =
        addresses.isEmpty() ? attached.remove(device) : attached.put(device, addresses);
    if (!addresses.equals(before == null ? Set.of() : before)) {
      putInAttached();
    }
  }

  /** What is known first-hand counts more than what the view says of the same address. */
  private void putInAttached() {
    if (view.isPresent()) {
      Map<Prefix, String> workloads = new HashMap<>(toldWorkloads);
      attached.forEach(
          (device, addresses) -> addresses.forEach(address -> workloads.put(address, device)));
      view = Optional.of(view.get().withWorkloads(workloads));
    }
  }

  void learned(Collection<LearnedChange> changes) {
    desired.learned(changes);
  }

  boolean hasOwnRoutes() {
    return table.hasOwn();
  }

  void inSync() {
    table.allowRemoval();
  }

  /** News were lost, or nobody knows how far a batch went: everything is read again. */
  void readAgain() {
    readNeeded = true;
  }

  /** Takes in what others have done to the kernel's state. */
  void happened(Event event) {
    switch (event) {
      case Event.RouteAdded added -> table.added(added);
      case Event.RouteRemoved removed -> table.removed(removed);
      case Event.LinkChanged(Link link) -> linkChanged(link);
      case Event.LinkRemoved(Link link) -> {
        links.remove(link.index());
        linkGone(link.index());
      }
      case Event.AddressAdded(LinkAddress address) -> {
        addresses.removeIf(known -> sameAddress(known, address));
        addresses.add(address);
        retryNow = true;
      }
      case Event.AddressRemoved(LinkAddress address) -> {
        addresses.removeIf(known -> sameAddress(known, address));
        // With an address the kernel drops IPv4 routes that were of it, and tells nobody.
        readNeeded |= table.uses(address.linkIndex());
      }
      default -> vxlans.forEach(vxlan -> vxlan.happened(event));
    }
  }

  private static boolean sameAddress(LinkAddress a, LinkAddress b) {
    return a.linkIndex() == b.linkIndex() && a.address().equals(b.address());
  }

  private void linkChanged(Link link) {
    Link before = links.put(link.index(), link);
    if (before != null && before.up() && !link.up()) {
      linkGone(link.index());
    } else if (before == null || before.up() != link.up() || before.mtu() != link.mtu()) {
      retryNow = true;
      tryTunnelsAgain();
    }
  }

  private void tryTunnelsAgain() {
    tunnel.tryAgain();
    vxlans.forEach(VxlanKeeper::tryAgain);
    udps.forEach(UdpKeeper::tryAgain);
  }

  /** The kernel drops the routes of a link that goes down or away, and tells of IPv6's alone. */
  private void linkGone(int index) {
    if (!table.linkGone(index)) {
      readNeeded = true;
    }
  }

  /** Reads the kernel whole. */
  void read() {
    readNeeded = false;
    long began = nanoTime.getAsLong();
    try {
      readLinks();
      table.replaceAll(kernel.routes(options.table()));
      vxlans.forEach(VxlanKeeper::readAgain);
    } catch (RuntimeException e) {
      readNeeded = true;
      throw e;
    }
    refreshUnderlay();
    lastReadNanos = nanoTime.getAsLong();
    readTookNanos = lastReadNanos - began;
    lastFullCheck = Optional.of(clock.instant());
  }

  private void readLinks() {
    links.clear();
    for (Link link : kernel.links()) {
      links.put(link.index(), link);
    }
    addresses.clear();
    addresses.addAll(kernel.addresses());
  }

  private void refreshUnderlay() {
    underlay =
        underlay.withLinks(links.values()).withAddresses(addresses).withRoutes(table.foreign());
  }

  /** Does all there is to do. Afterwards {@link #underlay} and {@link #status} are of now. */
  void settle() {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      boolean checkDue = isCheckDue();
      settingsDue |= checkDue;
      if (readNeeded || table.doubtful() || checkDue) {
        read();
      }
      refreshUnderlay();
      if (view.isEmpty()) {
        return;
      }
      if (round < MOST_ROUNDS - 1 && setUpTunnels()) {
        readNeeded = true;
        continue;
      }
      addPodPeers();
      vxlans.forEach(vxlan -> vxlan.addEnds(underlay, view.get()));
      desired.decide(underlay, view.get());
      if (retryNow) {
        retryNow = false;
        table.retryFailures();
      }
      udps.forEach(udp -> udp.direct(underlay, view.get(), table.wanted()));
      table.apply();
      cleanTunnels();
      if (!readNeeded && !table.doubtful()) {
        break;
      }
    }
    if (settingsDue) {
      settingsDue = false;
      settingsIssues = HostSettings.ensure(kernel, underlay, view.get(), options);
    }
  }

  /** Once for each that is missing: what the kernel refuses is tried again at the next check. */
  private void addPodPeers() {
    List<Change> missing = PodPeers.missing(underlay, view.get());
    if (missing.isEmpty() || (missing.equals(lastPodPeers) && !isCheckDue())) {
      return;
    }
    lastPodPeers = missing;
    ApplyReport report = kernel.apply(missing);
    log.info("event=pod_peers_addressed changes={} failures={}", missing.size(), report.failures());
    readLinks();
    refreshUnderlay();
  }

  private boolean isCheckDue() {
    return nanoTime.getAsLong() - lastReadNanos >= options.fullCheckInterval().toNanos();
  }

  /** Whether a tunnel was changed, so that links and routes have to be read again. */
  private boolean setUpTunnels() {
    boolean changed = tunnel.setUp(underlay, view.get(), table.removing());
    for (VxlanKeeper vxlan : vxlans) {
      changed |= vxlan.setUp(underlay, view.get(), table.removing());
    }
    for (UdpKeeper udp : udps) {
      changed |= udp.setUp(underlay, view.get(), table.removing());
    }
    return changed;
  }

  /** Takes away what tunnels have and is not wanted. */
  private void cleanTunnels() {
    boolean changed = tunnel.clean(underlay, view.get(), table.removing(), this::leadsTo);
    for (VxlanKeeper vxlan : vxlans) {
      changed |= vxlan.clean(underlay, view.get(), table.removing(), this::leadsTo);
    }
    for (UdpKeeper udp : udps) {
      changed |= udp.clean(underlay, view.get(), table.removing(), this::leadsTo);
    }
    if (changed) {
      // With an address the kernel may have dropped routes.
      readNeeded = true;
      readLinks();
      refreshUnderlay();
    }
  }

  /** Whether a wanted route goes out by a link, as one may that waits for what is to come. */
  private boolean leadsTo(int linkIndex) {
    return table.wanted().stream()
        .flatMap(route -> route.nextHops().stream())
        .anyMatch(hop -> hop.linkIndex() == linkIndex);
  }

  /** How many nanoseconds from now {@link #settle} is to be called even if nothing happens. */
  long untilNext() {
    if (view.isEmpty()) {
      return options.fullCheckInterval().toNanos();
    }
    long now = nanoTime.getAsLong();
    long delay = Math.max(0, lastReadNanos + options.fullCheckInterval().toNanos() - now);
    delay = Math.min(delay, table.untilRetry().orElse(Long.MAX_VALUE));
    delay = Math.min(delay, tunnel.untilNext(table.removing()).orElse(Long.MAX_VALUE));
    for (VxlanKeeper vxlan : vxlans) {
      delay = Math.min(delay, vxlan.untilNext(table.removing()).orElse(Long.MAX_VALUE));
    }
    for (UdpKeeper udp : udps) {
      delay = Math.min(delay, udp.untilNext(underlay, table.removing()).orElse(Long.MAX_VALUE));
    }
    // Reading everything again and again must leave time for other work.
    return readNeeded || table.doubtful()
        ? Math.min(delay, Math.max(SOON_NANOS, 4 * readTookNanos))
        : delay;
  }

  Underlay underlay() {
    return underlay;
  }

  private List<RouteIssue> tunnelIssues() {
    List<RouteIssue> issues = new ArrayList<>(tunnel.issues());
    vxlans.forEach(vxlan -> issues.addAll(vxlan.issues()));
    udps.forEach(udp -> issues.addAll(udp.issues()));
    return issues;
  }

  /** The tunnel devices whose neighbours and forwarding entries are looked after, by index. */
  Set<Integer> watchedTunnels() {
    return vxlans.stream()
        .flatMapToInt(vxlan -> vxlan.linkIndex().stream())
        .boxed()
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether the kernel's news of neighbours and forwarding entries are of use. */
  boolean wantsNeighbours() {
    return !watchedTunnels().isEmpty()
        || (view.isPresent()
            && Arrays.stream(AddressFamily.values())
                .anyMatch(family -> view.get().vxlanInUse(family).isPresent()));
  }

  ProgrammerStatus status() {
    List<RouteIssue> issues = tunnelIssues();
    boolean tunnelsWell = issues.isEmpty();
    issues.addAll(settingsIssues);
    issues.addAll(desired.issues(ProgrammerStatus.MOST_LISTED));
    return new ProgrammerStatus(
        table.wantedCount(),
        table.installedCount(),
        table.repaired(),
        lastFullCheck,
        table.removing(),
        view.isPresent() && table.settled() && tunnelsWell && !readNeeded,
        table.failing(ProgrammerStatus.MOST_LISTED, underlay::linkName),
        issues);
  }

  /** What became of packets that this process carries, by device. */
  Map<String, PacketRelay.Counts> relays() {
    Map<String, PacketRelay.Counts> relays = new TreeMap<>();
    for (UdpKeeper udp : udps) {
      udp.counts().ifPresent(counts -> relays.put(udp.deviceName(), counts));
    }
    return relays;
  }

  /** Ends what carries packets in this process. Routes and devices stay. */
  void close() {
    udps.forEach(UdpKeeper::close);
  }

  /** The wanted routes as {@code ip route} writes them, in the order of prefixes. */
  List<String> lines() {
    return table.wanted().stream()
        .sorted(Comparator.comparing(Route::destination))
        .map(route -> route.text(underlay::linkName))
        .toList();
  }
}
