package dev.manul.bgp;

import dev.manul.bgp.bfd.BfdStatus;
import dev.manul.bgp.bmp.BmpExporter;
import dev.manul.bgp.bmp.BmpStation;
import dev.manul.bgp.rib.Explanations;
import dev.manul.bgp.rib.Identity;
import dev.manul.bgp.rib.Rib;
import dev.manul.bgp.rib.RibPages;
import dev.manul.bgp.rib.RibView;
import dev.manul.bgp.session.Link;
import dev.manul.bgp.session.Neighbor;
import dev.manul.bgp.session.NeighborHost;
import dev.manul.bgp.session.Notifications;
import dev.manul.bgp.session.Scheduler;
import dev.manul.bgp.session.Scheduler.Timer;
import dev.manul.bgp.session.SessionMonitor;
import dev.manul.bgp.session.Transport;
import dev.manul.bgp.transport.NettyTransport;
import dev.manul.bgp.transport.SignatureCounters;
import dev.manul.bgp.wire.BgpMessage.Notification;
import dev.manul.model.Address;
import dev.manul.model.Ipv4Address;
import dev.manul.model.Prefix;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a {@link Speaker} does, on its core thread. */
final class SpeakerCore implements NeighborHost, NettyTransport.Events {
  private static final Logger log = LoggerFactory.getLogger(SpeakerCore.class);
  private static final long LISTEN_AGAIN_MILLIS = 1000;
  private static final long SIGNATURES_MILLIS = 5000;

  /** How many times the convergence limit a restarted speaker waits for connected neighbours. */
  private static final int CONNECTED_LIMITS = 8;

  private final SpeakerOptions options;
  private final BestPathListener listener;
  private final CoreThread core;
  private final Rib rib;
  private final NettyTransport transport;
  private final BfdWatch bfd;
  private final BmpExporter bmp;

  /** Told of nothing before there is a configuration, and so a name. */
  private List<BmpStation> stations = List.of();

  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Map<Address, Neighbor> neighbors = new TreeMap<>();
  private final Set<InetSocketAddress> listening = new HashSet<>();
  private final Map<InetSocketAddress, String> listenProblems = new HashMap<>();

  /** Null before the first configuration. */
  private SpeakerConfiguration configuration;

  /** Neighbours that have not sent all their routes yet. */
  private final Set<Address> awaited = new HashSet<>();

  private final SignatureWatch signatures = new SignatureWatch(SignatureCounters::read);
  private boolean converged;
  private Timer convergenceLimit;
  private Timer listenAgain;

  SpeakerCore(
      SpeakerOptions options,
      NextHopResolver resolver,
      BestPathListener listener,
      CoreThread core) {
    this.options = options;
    this.listener = listener;
    this.core = core;
    this.rib = new Rib(resolver, listener, options.restarting());
    this.transport = new NettyTransport(core, this, core::now);
    this.bfd = new BfdWatch(core, neighbors::get);
    this.bmp = new BmpExporter(core, core, new Monitored());
  }

  void configure(SpeakerConfiguration wanted) {
    SpeakerConfiguration before = configuration;
    configuration = wanted;
    boolean renamed =
        before != null
            && (before.asNumber() != wanted.asNumber()
                || !before.routerId().equals(wanted.routerId())
                || before.selection().defaultLocalPreference()
                    != wanted.selection().defaultLocalPreference());
    if (renamed) {
      log.info(
          "all sessions reset asNumber={} routerId={} was={} {}",
          wanted.asNumber(),
          wanted.routerId(),
          before.asNumber(),
          before.routerId());
      List.copyOf(neighbors.keySet())
          .forEach(address -> removeNeighbor(address, Notifications.CONFIGURATION_CHANGE));
    }
    identify();
    rib.select(wanted.selection());
    rib.originate(wanted.originated());
    transport.neighbors(wanted.neighbors());
    if (before == null || !Set.copyOf(before.listen()).equals(Set.copyOf(wanted.listen()))) {
      listen();
    }
    configureNeighbors();
    if (before == null) {
      neighbors.values().stream()
          .filter(neighbor -> neighbor.configuration().shutdown().isEmpty())
          .forEach(neighbor -> awaited.add(neighbor.configuration().address()));
      awaitLimit(options.restarting() ? CONNECTED_LIMITS : 1);
      watchSignatures();
    }
    awaited.retainAll(neighbors.keySet());
    bmp.stations(stations);
    checkConvergence();
  }

  /**
   * Lets neighbours have their time; a connected one that many times more, because routes in the
   * kernel that are taken for given up carry packets as long as a slow neighbour has not said so.
   */
  private void awaitLimit(int limits) {
    convergenceLimit =
        core.schedule(
            options.convergenceLimit().toMillis(),
            () -> {
              if (limits > 1
                  && awaited.stream().map(neighbors::get).anyMatch(Neighbor::connected)) {
                awaitLimit(limits - 1);
              } else {
                converge("the limit has passed");
              }
            });
  }

  private void watchSignatures() {
    core.schedule(
        SIGNATURES_MILLIS,
        () -> {
          signatures.check(neighbors.values());
          watchSignatures();
        });
  }

  private void identify() {
    Set<Ipv4Address> clusters = new HashSet<>();
    for (NeighborConfiguration neighbor : configuration.neighbors()) {
      if (neighbor.routeReflectorClient()) {
        clusters.add(neighbor.clusterId().orElse(configuration.routerId()));
      }
    }
    rib.identify(new Identity(configuration.routerId(), clusters));
  }

  private void configureNeighbors() {
    Set<Address> kept = new HashSet<>();
    configuration.neighbors().forEach(neighbor -> kept.add(neighbor.address()));
    for (Address address : List.copyOf(neighbors.keySet())) {
      if (!kept.contains(address)) {
        removeNeighbor(address, Notifications.PEER_DECONFIGURED);
      }
    }
    for (NeighborConfiguration wanted : configuration.neighbors()) {
      Neighbor known = neighbors.get(wanted.address());
      if (known == null) {
        Neighbor added = new Neighbor(this, wanted);
        neighbors.put(wanted.address(), added);
        added.start();
      } else if (!known.configuration().equals(wanted)) {
        known.reconfigure(wanted);
        if (wanted.bfd().isEmpty()) {
          bfd.end(wanted.address());
        }
      }
    }
  }

  private void removeNeighbor(Address address, Notification notification) {
    log.info("neighbor removed peer={} reason=\"{}\"", address, Notifications.text(notification));
    bfd.end(address);
    neighbors.remove(address).stop(notification);
  }

  private void listen() {
    Set<InetSocketAddress> wanted = Set.copyOf(configuration.listen());
    listening.retainAll(wanted);
    listenProblems.keySet().retainAll(wanted);
    transport.listen(wanted);
  }

  @Override
  public void listening(InetSocketAddress address, Optional<String> failure) {
    if (failure.isEmpty()) {
      listenProblems.remove(address);
      listening.add(address);
      log.info("listening address={}", address);
      return;
    }
    String problem = "cannot listen on " + text(address) + ": " + failure.get();
    if (!problem.equals(listenProblems.put(address, problem))) {
      log.warn("{}; trying again", problem);
    }
    if (listenAgain != null) {
      listenAgain.cancel();
    }
    listenAgain = core.schedule(LISTEN_AGAIN_MILLIS, this::listen);
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + " port " + address.getPort();
  }

  @Override
  public Link.Listener accepted(Link link) {
    return neighbors.get(link.remoteAddress()).accept(link);
  }

  @Override
  public Optional<NeighborConfiguration> neighbor(Address address) {
    return Optional.ofNullable(neighbors.get(address)).map(Neighbor::configuration);
  }

  @Override
  public void complete(Neighbor neighbor) {
    awaited.remove(neighbor.configuration().address());
    checkConvergence();
  }

  private void checkConvergence() {
    if (awaited.isEmpty() && !converged && configuration != null) {
      converge("all neighbors have sent their routes");
    }
  }

  private void converge(String reason) {
    if (converged) {
      return;
    }
    converged = true;
    convergenceLimit.cancel();
    log.info("converged reason=\"{}\" silent={}", reason, awaited);
    rib.converged();
    rib.settle();
    listener.converged();
  }

  /** After each batch of tasks. */
  void settle() {
    rib.settle();
    transport.flush();
  }

  void nextHopsChanged() {
    rib.nextHopsChanged();
  }

  /** Says Cease to everybody. */
  void cease(String text) {
    bmp.stations(List.of());
    List.copyOf(neighbors.keySet())
        .forEach(address -> removeNeighbor(address, Notifications.shutdown(text)));
  }

  /** Does something to a neighbour; nothing when there is none. */
  void with(Address address, Consumer<Neighbor> deed) {
    Neighbor neighbor = neighbors.get(address);
    if (neighbor != null) {
      deed.accept(neighbor);
    }
  }

  /** Stops speaking without a word; to BFD, so that nobody takes it for a path that is dead. */
  void abandon() {
    bmp.stations(List.of());
    bfd.leave();
    neighbors.values().forEach(Neighbor::abandon);
  }

  void closeTransport(boolean orderly) {
    bfd.close();
    bmp.close();
    transport.close(orderly);
  }

  Optional<RouteExplanation> why(Prefix prefix) {
    return Explanations.explain(
        rib, prefix, neighbors.values().stream().map(Neighbor::ribPeer).toList());
  }

  List<RibEntry> localRib() {
    return RibView.all(rib);
  }

  List<RibEntry> adjRibIn(Address peer) {
    Neighbor neighbor = neighbors.get(peer);
    return neighbor == null ? List.of() : RibView.in(rib, neighbor.ribPeer());
  }

  List<RibEntry> adjRibOut(Address peer) {
    Neighbor neighbor = neighbors.get(peer);
    return neighbor == null ? List.of() : RibView.out(rib, neighbor.ribPeer());
  }

  RibPage page(RibTable table, int from, int count) {
    return switch (table) {
      case RibTable.Local l -> RibPages.local(rib, from, count);
      case RibTable.In(Address peer) when neighbors.containsKey(peer) ->
          RibPages.in(rib, neighbors.get(peer).ribPeer(), from, count);
      case RibTable.Out(Address peer) when neighbors.containsKey(peer) ->
          RibPages.out(rib, neighbors.get(peer).ribPeer(), from, count);
      case RibTable.In i -> new RibPage(List.of(), RibPage.END);
      case RibTable.Out o -> new RibPage(List.of(), RibPage.END);
    };
  }

  List<RibEntry> lookUp(RibTable table, Prefix prefix) {
    return switch (table) {
      case RibTable.Local l -> RibPages.local(rib, prefix);
      case RibTable.In(Address peer) when neighbors.containsKey(peer) ->
          RibPages.in(rib, neighbors.get(peer).ribPeer(), prefix);
      case RibTable.Out(Address peer) when neighbors.containsKey(peer) ->
          RibPages.out(rib, neighbors.get(peer).ribPeer(), prefix);
      case RibTable.In i -> List.of();
      case RibTable.Out o -> List.of();
    };
  }

  SpeakerStatus status() {
    List<NeighborStatus> statuses = new ArrayList<>(neighbors.size());
    neighbors.values().forEach(neighbor -> statuses.add(neighbor.status()));
    return new SpeakerStatus(
        asNumber(),
        routerId(),
        converged,
        List.copyOf(listening),
        List.copyOf(listenProblems.values()),
        rib.prefixCount(),
        rib.pathCount(),
        transport.strangers(),
        statuses);
  }

  /** Sets which stations are told of everything (RFC 7854). */
  void monitor(List<BmpStation> wanted) {
    stations = wanted;
    if (configuration != null) {
      bmp.stations(stations);
    }
  }

  @Override
  public SessionMonitor monitor() {
    return bmp;
  }

  /** What stations are told. */
  private final class Monitored implements BmpExporter.Source {
    @Override
    public String name() {
      return options.hostName().isEmpty() ? routerId().text() : options.hostName();
    }

    @Override
    public int prefixes() {
      return rib.prefixCount();
    }

    @Override
    public NeighborStatus status(Address peer) {
      return neighbors.get(peer).status();
    }

    @Override
    public RibPage announced(Address peer, int from, int count) {
      return page(new RibTable.In(peer), from, count);
    }
  }

  /** Any thread. */
  Optional<BfdStatus> bfd(Address peer) {
    return bfd.status(peer);
  }

  @Override
  public void watch(Neighbor neighbor, Address local) {
    bfd.begin(neighbor.configuration(), local);
  }

  @Override
  public Scheduler scheduler() {
    return core;
  }

  @Override
  public Transport transport() {
    return transport;
  }

  @Override
  public Rib rib() {
    return rib;
  }

  @Override
  public String hostName() {
    return options.hostName();
  }

  @Override
  public long asNumber() {
    return configuration == null ? 0 : configuration.asNumber();
  }

  @Override
  public long defaultLocalPreference() {
    return configuration.selection().defaultLocalPreference();
  }

  @Override
  public Ipv4Address routerId() {
    return configuration == null ? Ipv4Address.UNSPECIFIED : configuration.routerId();
  }

  @Override
  public boolean restarting() {
    return options.restarting() && !converged;
  }

  @Override
  public boolean forwardingKept() {
    return options.restarting();
  }

  /** Learned routes go to external neighbours and clients, or come from them. */
  @Override
  public boolean transit(Neighbor neighbor) {
    if (passesOn(neighbor.configuration())) {
      return configuration.neighbors().size() > 1;
    }
    return configuration.neighbors().stream().anyMatch(this::passesOn);
  }

  private boolean passesOn(NeighborConfiguration neighbor) {
    long localAs = neighbor.localAsNumber().orElse(configuration.asNumber());
    return neighbor.routeReflectorClient() || neighbor.asNumber() != localAs;
  }

  @Override
  public double random() {
    return random.nextDouble();
  }
}
