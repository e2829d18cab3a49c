package dev.manul.agent;

import dev.manul.cni.CniOptions;
import dev.manul.cni.CniOptions.Division;
import dev.manul.cni.CniServer;
import dev.manul.cni.WorkloadRoutes;
import dev.manul.datastore.Datastore;
import dev.manul.ipam.GarbageCollector;
import dev.manul.ipam.GarbageOptions;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.PodSource;
import dev.manul.model.Address;
import dev.manul.model.AgentStatus;
import dev.manul.model.Prefix;
import dev.manul.policy.PolicyStatus;
import dev.manul.routes.RouteProgrammer;
import dev.manul.routes.Underlay;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a node does for pods besides routing: it wires them, takes back what they leave behind,
 * enforces policy on them, and masquerades what they send to the world. Each part has threads of
 * its own; all calls here return at once, from any thread.
 */
final class PodServices implements AutoCloseable {
  private static final int USUAL_MTU = 1500;

  private final Optional<CniServer> cni;
  private final GarbageCollector garbage;
  private final PolicyService policy;
  private final MetricsServer metrics;
  private volatile int podMtu = USUAL_MTU;
  private volatile boolean ready;

  /**
   * @param cached reads at no cost what pods' addresses depend on; policy's watches of pods and
   *     namespaces go through it, so that it hears what an ADD asks for
   * @param datastore reads what is there now
   */
  PodServices(
      AgentConfiguration configuration,
      Datastore cached,
      Datastore datastore,
      Ipam ipam,
      RouteProgrammer programmer,
      Clock clock) {
    boolean onKubernetes = configuration.store() instanceof AgentConfiguration.Store.Kubernetes;
    policy =
        new PolicyService(
            configuration.nodeName(), onKubernetes, cached, configuration.policySettings());
    metrics =
        new MetricsServer(
            () -> policy.metrics() + RelayMetrics.text(programmer.relays()),
            configuration.policySettings());
    garbage =
        GarbageCollector.start(
            datastore,
            ipam,
            new GarbageOptions(
                configuration.nodeName(),
                onKubernetes ? PodSource.PODS : PodSource.ENDPOINTS,
                configuration.leakGracePeriod()),
            clock);
    cni =
        configuration.managesCni()
            ? Optional.of(
                CniServer.start(
                    new CniOptions(
                            configuration.nodeName(),
                            configuration.cniSocket(),
                            configuration.stateDirectory(),
                            () -> podMtu,
                            () -> ready && policy.isInForce())
                        .withPolicy(policy::inForce)
                        .withDivision(
                            onKubernetes ? Division.FAR_DATASTORE : Division.NEAR_DATASTORE),
                    cached,
                    datastore,
                    ipam,
                    new AttachedRoutes(programmer),
                    clock))
            : Optional.empty();
  }

  /** Takes a new state of the cluster and of this host into account. */
  void look(ClusterView view, Set<Address> nodeAddresses, Underlay underlay, int mtu) {
    podMtu = mtu;
    ready = true;
    policy.look(view, nodeAddresses, HostInterfaces.of(underlay));
    policy.look(underlay);
    metrics.look(view.felix());
  }

  PolicyService policy() {
    return policy;
  }

  /**
   * The file of the namespace behind a pod's device; empty for one that this agent did not wire.
   */
  Optional<Path> namespaceOf(String device) {
    return cni.flatMap(server -> server.namespaceOf(device));
  }

  /** Whether this agent is the one that collects what others left behind. */
  boolean collectsGarbage() {
    return garbage.status().leading();
  }

  /** What is wrong with any of it; nothing when all is well. */
  List<AgentStatus.Condition> troubles() {
    List<AgentStatus.Condition> troubles = new ArrayList<>();
    troubles.addAll(troubles(policy, metrics));
    garbage
        .status()
        .problem()
        .map(line -> trouble("GarbageCollected", "PassFailed", line))
        .ifPresent(troubles::add);
    int releasing = cni.map(server -> server.status().releasing()).orElse(0);
    if (releasing > 0) {
      troubles.add(
          trouble(
              "AddressesReleased",
              "DatastoreAway",
              releasing + " removed pods' addresses wait for the datastore to be released"));
    }
    return troubles;
  }

  /** What is wrong with policy and its metrics. */
  static List<AgentStatus.Condition> troubles(PolicyService policy, MetricsServer metrics) {
    List<AgentStatus.Condition> troubles = new ArrayList<>();
    policy.status().map(PolicyStatus::failing).orElse(List.of()).stream()
        .map(line -> trouble("PolicyEnforced", "PacketFilterFailing", line))
        .forEach(troubles::add);
    policy.problems().stream()
        .map(line -> trouble("PolicyReadable", "BadPolicy", line))
        .forEach(troubles::add);
    if (!metrics.problem().isEmpty()) {
      troubles.add(trouble("MetricsServed", "BadSetting", metrics.problem()));
    }
    return troubles;
  }

  private static AgentStatus.Condition trouble(String type, String reason, String message) {
    return new AgentStatus.Condition(type, false, reason, message);
  }

  /** Ends the work in hand; pods, rules and sets stay as they are. */
  @Override
  public void close() {
    cni.ifPresent(CniServer::close);
    garbage.close();
    metrics.close();
    policy.close();
  }

  /** Lets the route programmer want the routes that the CNI server puts into the kernel. */
  private record AttachedRoutes(RouteProgrammer programmer) implements WorkloadRoutes {
    @Override
    public void add(String device, Set<Prefix> addresses) {
      programmer.attached(device, addresses);
    }

    @Override
    public void remove(String device) {
      programmer.attached(device, Set.of());
    }
  }
}
