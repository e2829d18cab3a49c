package dev.manul.agent;

import dev.manul.datastore.Datastore;
import dev.manul.model.Address;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.FlowExplanation;
import dev.manul.model.IPPool;
import dev.manul.model.InterfaceAddress;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.FlowQuestion;
import dev.manul.policy.NetworkPolicies;
import dev.manul.policy.NetworkPolicyOptions;
import dev.manul.policy.PolicyStatus;
import dev.manul.policy.explanation.Flow;
import dev.manul.policy.meaning.EndpointId;
import dev.manul.routes.Underlay;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Network policy on this node. How rules are made depends on settings of the cluster; when these
 * change, the enforcement is begun anew, while the old rules stay until the new are complete. One
 * thread at a time may call {@link #look}; all else may be called by any.
 */
final class PolicyService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyService.class);

  private final String nodeName;
  private final boolean podsAreThere;
  private final Datastore datastore;
  private final Map<String, String> environment;

  /** Whether the network is somebody else's work, so that pods' interfaces have to be found. */
  private final boolean beside;

  /** What settings depend on besides the environment. */
  private record Concern(Optional<FelixConfiguration> felix, List<IPPool> pools) {}

  private Concern seen; // of the thread that looks, as all without a word about it
  private List<HostInterface> seenInterfaces = List.of();
  private NetworkPolicyOptions options;
  private boolean ipip;
  private boolean vxlan;
  private boolean udp;
  private volatile List<String> settingsProblems = List.of();
  private volatile Running running;
  private volatile Set<Address> ownAddresses = Set.of();
  private volatile boolean inForce;

  private record Running(NetworkPolicies policies, PolicyFeed feed) {
    void close() {
      feed.close();
      policies.close();
    }
  }

  /**
   * A service that does nothing before the first look.
   *
   * @param podsAreThere whether the datastore has Kubernetes' pods
   * @param environment has settings as {@code FELIX_…}
   */
  PolicyService(
      String nodeName, boolean podsAreThere, Datastore datastore, Map<String, String> environment) {
    this(nodeName, podsAreThere, datastore, environment, false);
  }

  private PolicyService(
      String nodeName,
      boolean podsAreThere,
      Datastore datastore,
      Map<String, String> environment,
      boolean beside) {
    this.nodeName = nodeName;
    this.podsAreThere = podsAreThere;
    this.datastore = datastore;
    this.environment = Map.copyOf(environment);
    this.beside = beside;
  }

  /** A service for pods that another network has wired, which have to be found. */
  static PolicyService beside(
      String nodeName, boolean podsAreThere, Datastore datastore, Map<String, String> environment) {
    return new PolicyService(nodeName, podsAreThere, datastore, environment, true);
  }

  /** Takes a new state of this host's links and routes into account, after the cluster's. */
  void look(Underlay underlay) {
    running.feed().devices(new PodDevices(underlay, options.rules().interfacePrefixes()));
  }

  /** Takes a new state of the cluster and of this host into account. */
  void look(ClusterView view, Set<Address> nodeAddresses, List<HostInterface> interfaces) {
    Concern concern = new Concern(view.felix(), view.pools());
    if (!concern.equals(seen)) {
      seen = concern;
      PolicySettings settings = settings(view);
      settingsProblems = settings.problems();
      if (!settings.options().equals(options)) {
        begin(settings.options(), view.pools(), nodeAddresses);
      }
    }
    Running now = running;
    now.policies().pools(view.pools());
    now.policies().nodes(nodeAddresses);
    now.feed().interfaces(interfaces);
    if (!interfaces.equals(seenInterfaces)) {
      seenInterfaces = interfaces;
      ownAddresses =
          interfaces.stream()
              .flatMap(each -> each.addresses().stream())
              .map(InterfaceAddress::address)
              .collect(Collectors.toUnmodifiableSet());
    }
  }

  /**
   * A tunnel that was in use once is guarded from then on: its device takes packets for a while
   * after the last pool has no use for it, or for good, and whoever changes the mode of a pool to
   * and fro does not have the enforcement begun anew each time.
   */
  private PolicySettings settings(ClusterView view) {
    ipip |= view.pools().stream().anyMatch(pool -> encapsulates(pool.spec().ipipMode(), pool));
    vxlan |= view.pools().stream().anyMatch(pool -> encapsulates(pool.spec().vxlanMode(), pool));
    udp |= view.pools().stream().anyMatch(pool -> encapsulates(pool.spec().udp(), pool));
    return PolicySettings.of(view.felix(), environment, ipip, vxlan, udp)
        .withSeesPorts(BridgeFilter.isThere());
  }

  private static boolean encapsulates(EncapsulationMode mode, IPPool pool) {
    return mode != EncapsulationMode.NEVER && !pool.spec().disabled();
  }

  /** Tunnelled packets are taken from nodes alone, so these are told before anything is written. */
  private void begin(NetworkPolicyOptions wanted, List<IPPool> pools, Set<Address> nodes) {
    if (running != null) {
      log.info("event=policy_begun_anew reason=\"its settings have changed\"");
      running.close();
    }
    options = wanted;
    NetworkPolicies policies = NetworkPolicies.start(NetworkNamespace.current(), wanted);
    policies.pools(pools);
    policies.nodes(nodes);
    PolicyFeed feed =
        new PolicyFeed(nodeName, podsAreThere, beside, policies::apply, policies::synced);
    feed.watch(datastore);
    running = new Running(policies, feed);
  }

  /**
   * Completes when the policy of a pod of this node is in the kernel; cancelled when its settings
   * change meanwhile. Who waits no longer cancels.
   *
   * @param addresses what the pod must be known to have by then
   */
  CompletableFuture<Void> inForce(String namespace, String endpoint, List<Address> addresses) {
    Running now = running;
    return now == null
        ? new CompletableFuture<>()
        : now.policies().inForce(new EndpointId.Workload(namespace, endpoint), addresses);
  }

  /** How it is going; {@link Optional#empty} before it has begun. */
  Optional<PolicyStatus> status() {
    return Optional.ofNullable(running).map(now -> now.policies().status());
  }

  /** What becomes of a flow on this node; empty before policy is known. May wait for the kernel. */
  Optional<FlowExplanation> explain(Flow flow) {
    return Optional.ofNullable(running)
        .filter(now -> now.policies().status().backend().isPresent())
        .map(now -> now.policies().explain(nodeName, new FlowQuestion(flow, ownAddresses)));
  }

  /** Policy in Prometheus's text format. May wait for the kernel. */
  String metrics() {
    Running now = running;
    return now == null ? "" : PolicyMetrics.text(now.policies().status(), now.policies().counts());
  }

  /**
   * Whether policy has been written since the start, so that pods may come: those whose own policy
   * is not there yet are closed. Stays true, for rules stay whatever becomes of this agent.
   */
  boolean isInForce() {
    inForce = inForce || status().flatMap(PolicyStatus::lastFullCheck).isPresent();
    return inForce;
  }

  /** What cannot be read of policies and settings, a line each. */
  List<String> problems() {
    Running now = running;
    List<String> ofPolicies = now == null ? List.of() : now.feed().problems();
    return Stream.concat(settingsProblems.stream(), ofPolicies.stream()).toList();
  }

  /** Ends the work in hand; rules and sets stay as they are. */
  @Override
  public void close() {
    if (running != null) {
      running.close();
    }
  }
}
