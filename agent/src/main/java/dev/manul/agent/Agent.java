package dev.manul.agent;

import dev.manul.bgp.BestPathChange;
import dev.manul.bgp.BestPathListener;
import dev.manul.bgp.Speaker;
import dev.manul.bgp.SpeakerConfiguration;
import dev.manul.bgp.SpeakerOptions;
import dev.manul.bgp.daemon.BgpApi;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WatchedDatastore;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.ipam.Ipam;
import dev.manul.model.Address;
import dev.manul.model.AgentStatus;
import dev.manul.model.Namespace;
import dev.manul.model.Pod;
import dev.manul.netlink.NetlinkException;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.routes.Encapsulation;
import dev.manul.routes.LearnedChange;
import dev.manul.routes.NodeView;
import dev.manul.routes.ProgrammerListener;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.ProgrammerStatus;
import dev.manul.routes.RouteIssue;
import dev.manul.routes.RouteProgrammer;
import dev.manul.routes.Underlay;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent: the wiring between the datastore, the speaker and the route programmer.
 *
 * <p>The {@code agent} thread owns every field that is not final or atomic. Closing it leaves the
 * dataplane as it is: routes stay, and peers keep forwarding to this node until it is back or the
 * graceful restart time has passed.
 */
final class Agent implements Answers, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /**
   * A first change is acted on at once; of those that follow it closely, only the newest counts.
   */
  private static final long PACE_NANOS = 50_000_000;

  private final AgentConfiguration configuration;
  private final AgentThread agentThread;
  private final AtomicBoolean recalculation = new AtomicBoolean();
  private final AtomicReference<Peering.Sessions> sessions =
      new AtomicReference<>(Peering.Sessions.NONE);
  private final AtomicReference<List<String>> unreadable = new AtomicReference<>(List.of());
  private final AtomicBoolean converged = new AtomicBoolean();
  private final AtomicBoolean synced = new AtomicBoolean();
  private final ClusterState cluster;
  private final RouteProgrammer programmer;
  private final Speaker speaker;
  private final BgpApi bgpApi;
  private final WatchedDatastore cached;
  private final SelfCare selfCare;
  private final PodServices pods;
  private final ServiceAnnouncements services;
  private final NextHops nextHops;
  private final StatusReport report;
  private final StartupLog.Step listing;
  private final StartupLog.Step convergence;
  private final StartupLog.Step programming;
  private volatile List<Encapsulation> encapsulations = List.of();
  private volatile boolean started;
  private long lastRecalculation = System.nanoTime() - PACE_NANOS;
  private volatile ClusterView last; // written by the owner alone, as the next
  private volatile NodeView viewed;
  private RemoteNodes nodes;
  private Set<Address> gateways = Set.of();
  private boolean policyWasInForce;
  private SpeakerConfiguration spoken;

  /**
   * Starts an agent. Returns when this node is registered; routes and sessions come up behind it.
   *
   * @param patience waits between tries to register
   * @throws AgentException when this node cannot be registered
   * @throws InterruptedException when asked to stop meanwhile
   */
  Agent(
      AgentConfiguration configuration,
      Datastore datastore,
      StartupLog startup,
      Clock clock,
      Patience patience)
      throws InterruptedException {
    this.configuration = configuration;
    this.last = ClusterView.empty(configuration.nodeName());
    this.nodes = RemoteNodes.none(configuration.nodeName());
    agentThread = new AgentThread(clock);

    StartupLog.Step reading = startup.begin("read the kernel's links, addresses and routes", "");
    programmer =
        RouteProgrammer.start(
            NetworkNamespace.current(),
            ProgrammerOptions.DEFAULT.withFullCheckInterval(configuration.fullCheckInterval()),
            new KernelEvents());
    boolean restarting = programmer.foundRoutes();
    reading.done();

    StartupLog.Step registering = startup.begin("register this node", "the datastore");
    NodeRegistration registration =
        new NodeRegistration(
            configuration,
            datastore,
            datastore instanceof KubernetesDatastore cluster
                ? () -> cluster.facts().podSubnets()
                : List::of);
    cached =
        new WatchedDatastore(
            datastore,
            Ipam.kept(configuration.nodeName()),
            Map.of(
                Pod.KIND,
                Selection.onNode(configuration.nodeName()),
                Namespace.KIND,
                Selection.ALL));
    Ipam ipam = new Ipam(cached, clock);
    selfCare =
        new SelfCare(
            configuration,
            registration,
            ipam,
            programmer::underlay,
            this::collectsGarbage,
            this::recalculateSoon,
            clock);
    register(patience);
    registering.done();

    listing = startup.begin("list the datastore", "the datastore's first listing");
    convergence = startup.begin("hear from every peer", "End-of-RIB of all peers");
    programming = startup.begin("program routes", "the peers' first routes");
    cluster =
        new ClusterState(
            configuration.nodeName(),
            configuration.namespace(),
            agentThread::post,
            this::recalculateSoon);
    services = new ServiceAnnouncements(configuration.advertisedClusterIps());
    nextHops = new NextHops(programmer::underlay);
    report = new StatusReport(configuration, startup, clock.instant());
    speaker =
        Speaker.start(
            new SpeakerOptions(
                restarting, configuration.convergenceLimit(), configuration.nodeName()),
            nextHops,
            new SpeakerEvents());
    speaker.monitor(configuration.bmpStations());
    bgpApi = new BgpApi(speaker);
    pods = new PodServices(configuration, cached, datastore, ipam, programmer, clock);
    started = true;
    cluster.watch(datastore);
    var _ = Thread.ofVirtual().name("encapsulations").start(this::probeEncapsulations);
    agentThread.beat(this::beat);
  }

  /** How a start that has to wait for others does so. */
  interface Patience {

    /**
     * Waits a while.
     *
     * @throws InterruptedException when the agent is to stop instead
     */
    void pause() throws InterruptedException;
  }

  /** A datastore that is away may come back; what it holds may be wrong for good. */
  private void register(Patience patience) throws InterruptedException {
    while (true) {
      try {
        selfCare.register();
        return;
      } catch (DatastoreException e) {
        log.warn("not registered yet, trying again: {}", e.getMessage());
        try {
          patience.pause();
        } catch (InterruptedException stopped) {
          selfCare.close();
          cached.close();
          programmer.close();
          throw stopped;
        }
      }
    }
  }

  /**
   * Sessions tell nobody when they come and go, and which gateways speak with us depends on them;
   * nor does policy when it is in force, and whether this node is ready depends on that.
   */
  private void beat() {
    if (!speakingGateways().equals(gateways) || policyWasInForce != pods.policy().isInForce()) {
      recalculateSoon();
    }
  }

  /** Whether this agent is the one that cleans up behind all; asked only once it has started. */
  private boolean collectsGarbage() {
    return started && pods.collectsGarbage();
  }

  /** What this agent says of itself. Any thread but its own; waits for the route programmer. */
  @Override
  public AgentStatus status() {
    return report.status(
        facts(),
        pods.troubles(),
        programmer.lines(),
        pods.policy().status(),
        encapsulations,
        programmer.relays());
  }

  /** Whether pods may be sent here, and what stands against it. Any thread, at once. */
  @Override
  public StatusServer.Probe readiness() {
    AgentStatus.Condition ready = StatusReport.readiness(facts());
    return new StatusServer.Probe(configuration.nodeName(), ready.status(), List.of(ready));
  }

  /** Whether the process is worth keeping: its owner thread gets its work done. Any thread. */
  @Override
  public StatusServer.Probe liveness() {
    return new StatusServer.Probe(configuration.nodeName(), agentThread.isLive(), List.of());
  }

  @Override
  public Optional<BgpApi> bgp() {
    return Optional.of(bgpApi);
  }

  @Override
  public Optional<RoutingSight> routing() {
    return Optional.of(
        new RoutingSight(
            configuration.nodeName(), () -> last, () -> viewed, programmer, speaker, pods));
  }

  @Override
  public PolicyService policy() {
    return pods.policy();
  }

  private StatusReport.Facts facts() {
    return new StatusReport.Facts(
        synced.get(),
        converged.get(),
        programmer.status(),
        pods.policy().isInForce(),
        sessions.get(),
        speaker.status(),
        unreadable.get(),
        selfCare.problem());
  }

  /** Takes some milliseconds of the kernel, and nothing waits for it. */
  private void probeEncapsulations() {
    try {
      encapsulations = Encapsulation.probe();
      encapsulations.forEach(
          one ->
              log.info(
                  "event=encapsulation name={} available={} problem=\"{}\"",
                  one.name(),
                  one.verdict(),
                  one.problem().orElse("")));
    } catch (NetlinkException e) {
      log.warn("not known which encapsulations this kernel has: {}", e.getMessage());
    }
  }

  private void recalculateSoon() {
    if (recalculation.compareAndSet(false, true)) {
      agentThread.post(
          () -> {
            long early = lastRecalculation + PACE_NANOS - System.nanoTime();
            agentThread.post(this::recalculateNow, Math.max(0, early));
          });
    }
  }

  private void recalculateNow() {
    recalculation.set(false);
    lastRecalculation = System.nanoTime();
    recalculate();
  }

  private void recalculate() {
    if (!cluster.isSynced()) {
      return;
    }
    ClusterView view = cluster.view();
    Peering.Sessions wanted = wantedSessions(view);
    services.look(view);
    RouteSource source =
        RouteSource.of(configuration.bgp(), view.felix(), configuration.policySettings());
    if (cluster.want(interests(wanted, source))) {
      return; // what is asked for now comes soon, and had better be there before anything is done
    }
    if (synced.compareAndSet(false, true)) {
      listing.done();
    }
    Underlay underlay = programmer.underlay();
    sessions.set(wanted);
    nodes = nodes.next(view, selfCare.claims(), configuration.policySettings(), source, underlay);
    List<String> problems = new ArrayList<>(cluster.problems());
    problems.addAll(nodes.tunnels().problems());
    unreadable.set(List.copyOf(problems));
    last = view;
    if (nextHops.look(wanted)) {
      speaker.nextHopsChanged();
    }
    gateways = speakingGateways();
    NodeViews.nodeView(view, nodes, configuration.ipipMtu(), gateways, services.ranges(), wanted)
        .filter(next -> !next.equals(viewed))
        .ifPresent(
            next -> {
              programmer.view(next);
              viewed = next; // behind, as who sees it asks the programmer how far it is
            });
    SpeakerSettings.of(configuration, view, wanted, services.routes())
        .filter(next -> !next.equals(spoken))
        .ifPresent(
            next -> {
              spoken = next;
              speaker.configure(next);
            });
    List<HostInterface> interfaces = HostInterfaces.of(underlay);
    int mtu = nodes.tunnels().podMtu(view, configuration.ipipMtu(), underlay);
    pods.look(view, nodes.addresses(), underlay, mtu);
    StatusReport.Facts facts = facts();
    policyWasInForce = facts.policyInForce();
    selfCare.look(view, interfaces, issues(), StatusReport.readiness(facts).status());
  }

  private Peering.Sessions wantedSessions(ClusterView view) {
    if (!configuration.bgp()) {
      return Peering.Sessions.NONE;
    }
    return view.sameForSessions(last) ? sessions.get() : Peering.sessions(view);
  }

  private ClusterState.Interests interests(Peering.Sessions wanted, RouteSource source) {
    return new ClusterState.Interests(
        wanted.secrets(),
        wanted.filtered(),
        services.needsServices(),
        services.needsEndpoints(),
        source == RouteSource.DATASTORE);
  }

  private List<RouteIssue> issues() {
    return programmer.status().issues();
  }

  /** Neighbours with which a session is up: routers that know this node's blocks. */
  private Set<Address> speakingGateways() {
    return speaker.status().neighbors().stream()
        .filter(neighbor -> neighbor.established())
        .map(neighbor -> neighbor.address())
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void close() {
    // The order matters: first nothing new comes in, then the sessions end without a word, so that
    // peers keep forwarding, and the kernel is left as it is.
    pods.close();
    cluster.close();
    selfCare.close();
    cached.close();
    speaker.close();
    programmer.close();
    agentThread.close();
    log.info("stopped node={} dataplane=kept", configuration.nodeName());
  }

  /** Carries the kernel's news to the owner. */
  private final class KernelEvents implements ProgrammerListener {
    @Override
    public void underlayChanged(Underlay underlay) {
      agentThread.post(
          () -> {
            if (started) {
              speaker.nextHopsChanged();
              recalculateSoon();
            }
          });
    }

    @Override
    public void statusChanged(ProgrammerStatus status) {
      agentThread.post(
          () -> {
            if (started) {
              if (converged.get() && status.settled()) {
                programming.done();
              }
              recalculateSoon();
            }
          });
    }
  }

  /** Carries the speaker's news to the route programmer. */
  private final class SpeakerEvents implements BestPathListener {
    @Override
    public void changed(List<BestPathChange> batch) {
      programmer.learned(
          batch.stream()
              .map(
                  change ->
                      change
                          .best()
                          .map(best -> LearnedChange.learned(change.prefix(), best.nextHops()))
                          .orElseGet(() -> LearnedChange.withdrawn(change.prefix())))
              .toList());
    }

    @Override
    public void converged() {
      agentThread.post(
          () -> {
            converged.set(true);
            convergence.done();
            programming.waitsFor("the kernel");
            programmer.inSync();
            recalculateSoon();
          });
    }
  }
}
