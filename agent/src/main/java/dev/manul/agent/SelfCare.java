package dev.manul.agent;

import dev.manul.agent.AgentConfiguration.AddressSource;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.TunnelType;
import dev.manul.model.Address;
import dev.manul.model.Condition;
import dev.manul.model.IPPool;
import dev.manul.model.Node;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.RouteIssue;
import dev.manul.routes.Underlay;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's Node true: its addresses, its tunnels' addresses, its conditions. Works on the
 * {@code registrar} thread, which may wait for the datastore; only the newest wish counts.
 */
final class SelfCare implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SelfCare.class);

  /**
   * Kubernetes' word for a node whose pods have a network: without it a cloud's node controller
   * keeps pods away. It is said once the node is ready and stays said while the agent restarts, as
   * the dataplane stays.
   */
  private static final Condition NETWORK_AVAILABLE =
      new Condition(
          "NetworkUnavailable", "False", "ManulIsUp", "Manul is running on this node", "", 0);

  private static final Pattern MORE = Pattern.compile(" \\(and \\d+ more\\)$");
  private static final long SOON_MILLIS = 25;
  private static final long RETRY_SECONDS = 5;
  private static final long RECLAIM_SECONDS = 600;

  /** What a look depends on: nothing is done while it stays the same. */
  private record Concern(
      List<IPPool> pools,
      Optional<Node> self,
      List<HostInterface> interfaces,
      Map<TunnelType, Set<Address>> tunnels,
      List<Condition> conditions) {}

  private final AgentConfiguration configuration;
  private final NodeRegistration registration;
  private final Ipam ipam;
  private final OwnTunnels tunnels;
  private final Supplier<Underlay> underlay;
  private final BooleanSupplier collectsGarbage;
  private final Clock clock;
  private final ScheduledExecutorService registrar =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("registrar").factory());
  private final AtomicReference<Concern> wanted = new AtomicReference<>();
  private final AtomicReference<String> problem = new AtomicReference<>("");
  private Concern seen; // by the agent thread
  private Future<?> next = CompletableFuture.completedFuture(null); // by the registrar

  /**
   * @param collectsGarbage whether this agent is the one that cleans up behind all
   * @param onClaim called when this node's tunnel addresses have changed, see {@link #claims}
   */
  SelfCare(
      AgentConfiguration configuration,
      NodeRegistration registration,
      Ipam ipam,
      Supplier<Underlay> underlay,
      BooleanSupplier collectsGarbage,
      Runnable onClaim,
      Clock clock) {
    this.configuration = configuration;
    this.registration = registration;
    this.ipam = ipam;
    this.tunnels =
        new OwnTunnels(
            registration,
            ipam,
            configuration.nodeName(),
            underlay,
            onClaim,
            ProgrammerOptions.DEFAULT.linger(),
            System::nanoTime);
    this.underlay = underlay;
    this.collectsGarbage = collectsGarbage;
    this.clock = clock;
  }

  /** Registers this node, waiting for the datastore. The caller's thread does the work. */
  void register() {
    Node self = registration.register(HostInterfaces.of(underlay.get()), Sockets::sourceTowards);
    registration.createDefaults(self);
    // What writers that died left behind costs room, not truth: it is looked for off the start's
    // path, and by one agent of the cluster.
    var _ =
        registrar.scheduleWithFixedDelay(
            this::reclaim,
            ThreadLocalRandom.current().nextLong(RECLAIM_SECONDS),
            RECLAIM_SECONDS,
            TimeUnit.SECONDS);
  }

  private void reclaim() {
    if (!collectsGarbage.getAsBoolean()) {
      return;
    }
    try {
      ipam.reclaim().repairs().forEach(repair -> log.info("reclaimed {}", repair));
    } catch (RuntimeException e) {
      log.warn("reclaiming failed, next try in {} s: {}", RECLAIM_SECONDS, e.getMessage());
    }
  }

  /** This node's tunnel addresses, published yet or not. Any thread. */
  Map<TunnelType, Address> claims() {
    return tunnels.claims();
  }

  /** What could not be done last time, in one line; "" when all is well. Any thread. */
  String problem() {
    return problem.get();
  }

  /**
   * Considers a new state of the cluster. The agent thread only.
   *
   * @param interfaces this host's
   * @param ready whether this node carries pods' traffic
   */
  void look(
      ClusterView view, List<HostInterface> interfaces, List<RouteIssue> issues, boolean ready) {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(reachability(issues));
    conditions.add(encapsulation(issues));
    if (configuration.store() instanceof AgentConfiguration.Store.Kubernetes && ready) {
      conditions.add(NETWORK_AVAILABLE);
    }
    Concern concern =
        new Concern(
            view.pools(), view.self(), interfaces, OwnTunnels.devices(underlay.get()), conditions);
    if (concern.equals(seen)) {
      return;
    }
    seen = concern;
    if (wanted.getAndSet(concern) == null) {
      registrar.execute(this::care);
    }
  }

  private void care() {
    Concern concern = wanted.getAndSet(null);
    if (concern == null) {
      return;
    }
    try {
      keepAddresses(concern.interfaces());
      keepConditions(concern.conditions());
      if (!tunnels.keep(concern.pools())) {
        wanted.compareAndSet(null, concern);
        var _ = registrar.schedule(this::care, SOON_MILLIS, TimeUnit.MILLISECONDS);
      }
      careAgain(concern, tunnels.untilNext());
      problem.set("");
    } catch (RuntimeException e) {
      // The datastore away, a race lost too often, a pool without room: all wait for a next time.
      log.warn("self-care failed, next try in {} s: {}", RETRY_SECONDS, e.getMessage());
      problem.set(e.getMessage());
      wanted.compareAndSet(null, concern);
      if (!registrar.isShutdown()) {
        var _ = registrar.schedule(this::care, RETRY_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  /** For what is due by the clock alone, should nothing newer come. */
  private void careAgain(Concern concern, OptionalLong nanos) {
    next.cancel(false);
    nanos.ifPresent(
        delay ->
            next =
                registrar.schedule(
                    () -> {
                      wanted.compareAndSet(null, concern);
                      care();
                    },
                    delay,
                    TimeUnit.NANOSECONDS));
  }

  private void keepAddresses(List<HostInterface> interfaces) {
    if (!(configuration.ipv4() instanceof AddressSource.Detect)
        && !(configuration.ipv6() instanceof AddressSource.Detect)) {
      return;
    }
    registration.change(
        node ->
            registration.withAddresses(
                node,
                registration.addresses(Optional.of(node), interfaces, Sockets::sourceTowards)));
  }

  /** In one write, for each is news to all who watch nodes. */
  private void keepConditions(List<Condition> wanted) {
    registration.change(
        node -> {
          List<Condition> conditions = new ArrayList<>(node.status().conditions());
          boolean changed = false;
          for (Condition condition : wanted) {
            changed |= put(conditions, condition);
          }
          return changed ? node.withStatus(node.status().withConditions(conditions)) : node;
        });
  }

  /** Puts a condition in the place of what is known of its type; false when that says the same. */
  private boolean put(List<Condition> conditions, Condition condition) {
    Optional<Condition> known =
        conditions.stream().filter(c -> c.type().equals(condition.type())).findFirst();
    if (known.filter(c -> sameTruth(c, condition)).isPresent()) {
      return false;
    }
    conditions.removeIf(c -> c.type().equals(condition.type()));
    String since =
        known
            .filter(c -> c.status().equals(condition.status()))
            .map(Condition::lastTransitionTime)
            .orElseGet(() -> clock.instant().toString());
    conditions.add(
        new Condition(
            condition.type(),
            condition.status(),
            condition.reason(),
            condition.message(),
            since,
            0));
    return true;
  }

  /**
   * How many more there are of something changes often while a cluster starts, and is not worth a
   * write each time, of which all nodes hear.
   */
  private static boolean sameTruth(Condition a, Condition b) {
    return a.status().equals(b.status())
        && a.reason().equals(b.reason())
        && MORE.split(a.message(), -1)[0].equals(MORE.split(b.message(), -1)[0]);
  }

  /** Whether every block of the cluster can be reached from here, as a condition of the node. */
  static Condition reachability(List<RouteIssue> issues) {
    List<RouteIssue> unreachable =
        issues.stream()
            .filter(
                issue ->
                    issue.reason() == RouteIssue.Reason.BLOCKS_UNREACHABLE
                        || issue.reason() == RouteIssue.Reason.TUNNEL_END_NOT_READY
                        || issue.reason() == RouteIssue.Reason.NEXT_HOP_UNREACHABLE)
            .toList();
    if (unreachable.isEmpty()) {
      return new Condition("BlocksReachable", "True", "RoutesResolved", "", "", 0);
    }
    String more = unreachable.size() > 1 ? " (and " + (unreachable.size() - 1) + " more)" : "";
    return new Condition(
        "BlocksReachable",
        "False",
        unreachable.getFirst().reason().condition(),
        unreachable.getFirst().message() + more,
        "",
        0);
  }

  /** Whether this node has the tunnels that pools ask for, as a condition of the node. */
  static Condition encapsulation(List<RouteIssue> issues) {
    return issues.stream()
        .filter(RouteIssue::isOfTunnel)
        .findFirst()
        .map(
            issue ->
                new Condition(
                    "EncapsulationAvailable",
                    "False",
                    issue.reason().condition(),
                    issue.message(),
                    "",
                    0))
        .orElseGet(() -> new Condition("EncapsulationAvailable", "True", "AsPoolsAsk", "", "", 0));
  }

  @Override
  public void close() {
    registrar.shutdownNow();
  }
}
