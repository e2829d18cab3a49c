package dev.manul.agent;

import dev.manul.datastore.Datastore;
import dev.manul.model.Address;
import dev.manul.model.AgentStatus;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.PolicyStatus;
import dev.manul.routes.ProgrammerListener;
import dev.manul.routes.ProgrammerOptions;
import dev.manul.routes.ProgrammerStatus;
import dev.manul.routes.RouteProgrammer;
import dev.manul.routes.Underlay;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent beside somebody else's network: network policy and nothing besides. It neither registers
 * the node, nor hands out addresses, speaks BGP, writes routes or wires pods, nor masquerades.
 *
 * <p>The {@code agent} thread owns every field that is not final or volatile.
 */
final class PolicyAgent implements Answers, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyAgent.class);

  private final AgentConfiguration configuration;
  private final String startedAt;
  private final StartupLog startup;
  private final StartupLog.Step listing;
  private final AgentThread agentThread;
  private final ClusterState cluster;

  /** Only looks: it is never told what there should be, so it writes nothing. */
  private final RouteProgrammer kernel;

  private final PolicyService policy;
  private final MetricsServer metrics;
  private volatile List<String> unreadable = List.of();
  private volatile boolean synced;

  /** Starts; the datastore is there. */
  PolicyAgent(
      AgentConfiguration configuration, Datastore datastore, StartupLog startup, Clock clock) {
    this.configuration = configuration;
    this.startup = startup;
    startedAt = clock.instant().toString();
    Map<String, String> environment = configuration.policySettings();
    boolean onKubernetes = configuration.store() instanceof AgentConfiguration.Store.Kubernetes;
    policy = PolicyService.beside(configuration.nodeName(), onKubernetes, datastore, environment);
    metrics = new MetricsServer(policy::metrics, environment);
    agentThread = new AgentThread(clock);
    cluster =
        new ClusterState(
            configuration.nodeName(), configuration.namespace(), agentThread::post, this::look);
    listing = startup.begin("list the datastore", "the datastore's first listing");
    kernel =
        RouteProgrammer.start(
            NetworkNamespace.current(), ProgrammerOptions.DEFAULT, new KernelEvents());
    cluster.watch(datastore);
    agentThread.beat(() -> {});
  }

  /** Pools are the other network's affair, here even where there are some. */
  private void look() {
    if (!cluster.isSynced()) {
      return;
    }
    if (!synced) {
      synced = true;
      listing.done();
    }
    ClusterView view = cluster.view();
    unreadable = cluster.problems();
    Set<Address> nodes = NodeViews.nodeAddresses(view);
    Underlay underlay = kernel.underlay();
    policy.look(view.withoutPools(), nodes, HostInterfaces.of(underlay));
    policy.look(underlay);
    metrics.look(view.felix());
  }

  @Override
  public AgentStatus status() {
    AgentStatus.Condition ready = ready();
    List<AgentStatus.Condition> conditions = new ArrayList<>();
    conditions.add(ready);
    unreadable.stream()
        .map(line -> new AgentStatus.Condition("DatastoreReadable", false, "BrokenResource", line))
        .forEach(conditions::add);
    conditions.addAll(PodServices.troubles(policy, metrics));
    return new AgentStatus(
        configuration.nodeName(),
        AgentVersion.text(),
        startedAt,
        ready.status(),
        conditions,
        startup.steps(),
        List.of(),
        new AgentStatus.Routes(0, 0, 0, "", List.of(), List.of()),
        policy.status().map(StatusReport::policy).orElse(null),
        List.of(),
        List.of());
  }

  private AgentStatus.Condition ready() {
    if (!synced) {
      return notReady("DatastoreNotListed", "waiting for the datastore's first listing");
    }
    return policy.status().map(PolicyStatus::settled).orElse(false)
        ? new AgentStatus.Condition("Ready", true, "PolicyInForce", "")
        : notReady("PolicyNotInForce", "waiting for policy to be in the kernel");
  }

  private static AgentStatus.Condition notReady(String reason, String message) {
    return new AgentStatus.Condition("Ready", false, reason, message);
  }

  @Override
  public StatusServer.Probe readiness() {
    AgentStatus.Condition ready = ready();
    return new StatusServer.Probe(configuration.nodeName(), ready.status(), List.of(ready));
  }

  @Override
  public StatusServer.Probe liveness() {
    return new StatusServer.Probe(configuration.nodeName(), agentThread.isLive(), List.of());
  }

  @Override
  public PolicyService policy() {
    return policy;
  }

  @Override
  public void close() {
    cluster.close();
    metrics.close();
    policy.close();
    kernel.close();
    agentThread.close();
    log.info("stopped node={} dataplane=kept", configuration.nodeName());
  }

  private final class KernelEvents implements ProgrammerListener {
    @Override
    public void underlayChanged(Underlay underlay) {
      agentThread.post(PolicyAgent.this::look);
    }

    @Override
    public void statusChanged(ProgrammerStatus status) {
      // it programs nothing
    }
  }
}
