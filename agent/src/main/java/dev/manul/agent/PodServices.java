package dev.manul.agent;

import dev.manul.cni.CniOptions;
import dev.manul.cni.CniServer;
import dev.manul.cni.CniStatus;
import dev.manul.cni.WorkloadRoutes;
import dev.manul.datastore.Datastore;
import dev.manul.ipam.GarbageCollector;
import dev.manul.ipam.GarbageOptions;
import dev.manul.ipam.GarbageStatus;
import dev.manul.ipam.Ipam;
import dev.manul.ipam.PodSource;
import dev.manul.model.Prefix;
import dev.manul.netlink.NetworkNamespace;
import dev.manul.policy.NatOptions;
import dev.manul.policy.NatOutgoing;
import dev.manul.policy.NatStatus;
import dev.manul.routes.RouteProgrammer;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;

/**
 * What a node does for pods besides routing: it wires them, takes back what they leave behind, and
 * masquerades what they send to the world. Each part has threads of its own; all calls here return
 * at once, from any thread.
 */
final class PodServices implements AutoCloseable {
  private static final int USUAL_MTU = 1500;

  private final Optional<CniServer> cni;
  private final GarbageCollector garbage;
  private final NatOutgoing nat;
  private volatile int podMtu = USUAL_MTU;
  private volatile boolean ready;

  /**
   * @param cached reads at no cost what pods' addresses depend on
   * @param datastore reads what is there now
   */
  PodServices(
      AgentConfiguration configuration,
      Datastore cached,
      Datastore datastore,
      Ipam ipam,
      RouteProgrammer programmer,
      Clock clock) {
    nat = NatOutgoing.start(NetworkNamespace.current(), NatOptions.DEFAULT);
    garbage =
        GarbageCollector.start(
            datastore,
            ipam,
            new GarbageOptions(
                configuration.nodeName(),
                configuration.store() instanceof AgentConfiguration.Store.Kubernetes
                    ? PodSource.PODS
                    : PodSource.ENDPOINTS,
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
                        () -> ready),
                    cached,
                    ipam,
                    new AttachedRoutes(programmer),
                    clock))
            : Optional.empty();
  }

  /** Takes a new state of the cluster into account. */
  void look(ClusterView view, int mtu) {
    podMtu = mtu;
    ready = true;
    nat.pools(view.pools());
  }

  Optional<CniStatus> cniStatus() {
    return cni.map(CniServer::status);
  }

  GarbageStatus garbageStatus() {
    return garbage.status();
  }

  NatStatus natStatus() {
    return nat.status();
  }

  /** Ends the work in hand; pods, rules and sets stay as they are. */
  @Override
  public void close() {
    cni.ifPresent(CniServer::close);
    garbage.close();
    nat.close();
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
