package dev.manul.agent;

import dev.manul.cni.AllowedSources;
import dev.manul.cni.CniException;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.BaselineAdminNetworkPolicy;
import dev.manul.model.ClusterNetworkPolicy;
import dev.manul.model.EndpointSlice;
import dev.manul.model.GlobalNetworkPolicy;
import dev.manul.model.GlobalNetworkSet;
import dev.manul.model.HostEndpoint;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.KubernetesNetworkPolicy;
import dev.manul.model.Metadata;
import dev.manul.model.Namespace;
import dev.manul.model.NetworkPolicy;
import dev.manul.model.NetworkSet;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Profile;
import dev.manul.model.Resource;
import dev.manul.model.ServiceAccount;
import dev.manul.model.StagedGlobalNetworkPolicy;
import dev.manul.model.StagedKubernetesNetworkPolicy;
import dev.manul.model.StagedNetworkPolicy;
import dev.manul.model.Tier;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.policy.meaning.Endpoint;
import dev.manul.policy.meaning.Fact;
import dev.manul.policy.meaning.ServiceId;
import dev.manul.policy.translation.Translated;
import dev.manul.policy.translation.Translation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches all that policy depends on and tells what it means. The {@code policy-feed} thread owns
 * what is remembered: of each resource only what has to be said when it goes.
 */
final class PolicyFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PolicyFeed.class);

  /** Kinds that mean something by themselves. */
  private static final List<Kind<? extends Resource>> SIMPLE =
      List.of(
          Tier.KIND,
          Profile.KIND,
          Namespace.KIND,
          ServiceAccount.KIND,
          NetworkSet.KIND,
          GlobalNetworkSet.KIND,
          KubernetesNetworkPolicy.KIND,
          NetworkPolicy.KIND,
          GlobalNetworkPolicy.KIND,
          AdminNetworkPolicy.KIND,
          BaselineAdminNetworkPolicy.KIND,
          ClusterNetworkPolicy.KIND,
          StagedNetworkPolicy.KIND,
          StagedGlobalNetworkPolicy.KIND,
          StagedKubernetesNetworkPolicy.KIND);

  private final String nodeName;
  private final boolean podsAreThere;
  private final boolean beside;
  private final Consumer<Collection<Fact>> policies;
  private final Runnable onSynced;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("policy-feed").factory());
  private final List<Watch> watches = new ArrayList<>();
  private int unsynced;

  private final Map<Place, Fact> goodbyes = new HashMap<>();
  private final Map<Place, List<String>> problems = new TreeMap<>();
  private final Map<ServiceId, Map<Key, EndpointSlice>> slices = new HashMap<>();
  private final Map<Key, ServiceId> serviceOfSlice = new HashMap<>();
  private final Map<Key, HostEndpoint> hosts = new HashMap<>();
  private final Set<String> namespaces = new HashSet<>();
  private List<HostInterface> interfaces = List.of();
  private volatile List<String> lines = List.of();
  private final FoundPods<Place> found;

  /** Which resource. */
  private record Place(String kind, Key key) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byKind = kind.compareTo(other.kind);
      return byKind != 0 ? byKind : key.compareTo(other.key);
    }
  }

  /**
   * A feed that watches nothing yet.
   *
   * @param podsAreThere whether the datastore has Kubernetes' pods and namespaces; if not, workload
   *     endpoints stand for pods, and a namespace is there when an endpoint is in it
   * @param beside whether pods' interfaces have to be found, as another network has wired them
   * @param policies is told facts, on the feed's thread
   * @param onSynced called there once everything that was stored has been told
   */
  PolicyFeed(
      String nodeName,
      boolean podsAreThere,
      boolean beside,
      Consumer<Collection<Fact>> policies,
      Runnable onSynced) {
    this.nodeName = nodeName;
    this.podsAreThere = podsAreThere;
    this.beside = beside;
    found = new FoundPods<>(beside, BridgeFilter::switchOn);
    this.policies = policies;
    this.onSynced = onSynced;
  }

  /** Begins to watch. Called once. */
  void watch(Datastore datastore) {
    int kinds = SIMPLE.size() + 3;
    post(
        () -> {
          unsynced = kinds;
          policies.accept(Translation.builtIn());
        });
    SIMPLE.forEach(kind -> watch(datastore, kind, this::simple));
    watch(datastore, EndpointSlice.KIND, this::slice);
    watch(datastore, HostEndpoint.KIND, this::host);
    if (podsAreThere) {
      watch(datastore, Pod.KIND, this::pod);
    } else {
      watch(datastore, WorkloadEndpoint.KIND, this::workload);
    }
  }

  private <R extends Resource> void watch(
      Datastore datastore, Kind<R> kind, Function<R, Translated> meaning) {
    watches.add(datastore.watch(kind, Selection.ALL, new Feeding<>(kind, meaning)));
  }

  /** What this host's interfaces are now; host endpoints are found by them. Any thread. */
  void interfaces(List<HostInterface> now) {
    post(
        () -> {
          if (!now.equals(interfaces)) {
            interfaces = List.copyOf(now);
            hosts.values().forEach(host -> tell(place(host), host(host)));
          }
        });
  }

  /** What this host's links and routes are now; pods' places are found by them. */
  void devices(PodDevices now) {
    post(() -> found.look(now).forEach(this::tell));
  }

  /** What cannot be read of policies, a line each; at once, from any thread. */
  List<String> problems() {
    return Stream.concat(lines.stream(), found.problems().stream()).toList();
  }

  private void post(Runnable task) {
    try {
      thread.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              log.error("event=policy_input_failed", e);
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("stopping, task dropped");
    }
  }

  /** Carries what a watch sees to the feed's thread. */
  private final class Feeding<R extends Resource> implements Sink<R> {
    private final Kind<R> kind;
    private final Function<R, Translated> meaning;

    Feeding(Kind<R> kind, Function<R, Translated> meaning) {
      this.kind = kind;
      this.meaning = meaning;
    }

    @Override
    public void present(R resource) {
      post(() -> tell(place(resource), meaning.apply(resource)));
    }

    @Override
    public void absent(Key key) {
      post(() -> gone(new Place(kind.toString(), key)));
    }

    @Override
    public void synced() {
      post(
          () -> {
            if (--unsynced == 0) {
              onSynced.run();
            }
          });
    }

    @Override
    public void broken(String problem) {
      post(() -> complain(new Place(kind.toString(), Key.of("")), List.of(problem)));
    }

    @Override
    public void mended() {
      post(() -> complain(new Place(kind.toString(), Key.of("")), List.of()));
    }
  }

  private static Place place(Resource resource) {
    return new Place(resource.kind().toString(), resource.key());
  }

  private void tell(Place place, Translated translated) {
    complain(place, translated.problems());
    if (!translated.facts().isEmpty()) {
      policies.accept(translated.facts());
    }
  }

  private void gone(Place place) {
    complain(place, List.of());
    if (place.kind().equals(HostEndpoint.KIND.toString())) {
      hosts.remove(place.key());
    }
    found.gone(place);
    Fact goodbye = goodbyes.remove(place);
    if (goodbye != null) {
      policies.accept(List.of(goodbye));
    } else if (place.kind().equals(EndpointSlice.KIND.toString())) {
      sliceGone(place.key());
    }
  }

  private void complain(Place place, List<String> now) {
    List<String> before = now.isEmpty() ? problems.remove(place) : problems.put(place, now);
    if (!now.equals(before == null ? List.of() : before)) {
      now.forEach(line -> log.warn("event=policy_unreadable problem=\"{}\"", line));
      lines = problems.values().stream().flatMap(List::stream).toList();
    }
  }

  private Translated simple(Resource resource) {
    goodbyes.put(place(resource), Translation.gone(resource));
    return Translation.of(resource);
  }

  private Translated pod(Pod pod) {
    if (pod.spec().nodeName().isEmpty()) {
      return Translated.NOTHING;
    }
    goodbyes.put(place(pod), Translation.gone(pod));
    boolean here = pod.spec().nodeName().equals(nodeName) && !pod.spec().hostNetwork();
    if (!here) {
      return Translation.pod(pod, Optional.empty());
    }
    Metadata metadata = pod.metadata();
    return found.translated(
        place(pod),
        pod.key().toString(),
        beside ? "" : WorkloadEndpoint.deviceOf(metadata.namespace(), metadata.name()),
        beside ? Set.of() : spoofable(pod),
        local -> Translation.pod(pod, local));
  }

  /** What cannot be read allows nothing more. */
  private static Set<Prefix> spoofable(Pod pod) {
    try {
      return Set.copyOf(AllowedSources.of(pod.metadata().annotations()));
    } catch (CniException e) {
      log.warn("event=annotation_unreadable pod={} problem=\"{}\"", pod.key(), e.getMessage());
      return Set.of();
    }
  }

  private Translated workload(WorkloadEndpoint endpoint) {
    goodbyes.put(place(endpoint), Translation.gone(endpoint));
    boolean here = endpoint.spec().node().equals(nodeName);
    Set<Prefix> spoofable = Set.copyOf(endpoint.spec().allowSpoofedSourcePrefixes());
    Translated translated =
        here
            ? found.translated(
                place(endpoint),
                endpoint.key().toString(),
                endpoint.spec().interfaceName(),
                spoofable,
                local -> Translation.workload(endpoint, local))
            : Translation.workload(endpoint, Optional.empty());
    return withNamespace(endpoint.metadata().namespace(), translated);
  }

  /** Where there are no namespaces to read, one is there as soon as something is in it. */
  private Translated withNamespace(String namespace, Translated translated) {
    if (!namespaces.add(namespace)) {
      return translated;
    }
    Metadata metadata =
        Metadata.named("", namespace).withLabels(Map.of("kubernetes.io/metadata.name", namespace));
    return new Translated(
        Stream.concat(
                Translation.of(new Namespace(metadata)).facts().stream(),
                translated.facts().stream())
            .toList(),
        translated.problems());
  }

  private Translated host(HostEndpoint endpoint) {
    hosts.put(endpoint.key(), endpoint);
    goodbyes.put(place(endpoint), Translation.gone(endpoint));
    return Translation.host(
        endpoint,
        endpoint.spec().node().equals(nodeName)
            ? device(endpoint.spec()).map(device -> new Endpoint.Local(device, Set.of()))
            : Optional.empty());
  }

  /** The interface that a host endpoint is about: named, or one that has an expected address. */
  private Optional<String> device(HostEndpoint.Spec host) {
    if (!host.interfaceName().isEmpty()) {
      return Optional.of(host.interfaceName());
    }
    return interfaces.stream()
        .filter(
            each ->
                each.addresses().stream()
                    .anyMatch(address -> host.expectedIPs().contains(address.address().text())))
        .map(HostInterface::name)
        .findFirst();
  }

  private Translated slice(EndpointSlice slice) {
    Optional<ServiceId> service = Translation.serviceOf(slice);
    if (!Optional.ofNullable(serviceOfSlice.get(slice.key())).equals(service)) {
      sliceGone(slice.key()); // of another service
    }
    if (service.isEmpty()) {
      return Translated.NOTHING;
    }
    serviceOfSlice.put(slice.key(), service.get());
    Map<Key, EndpointSlice> all = slices.computeIfAbsent(service.get(), _ -> new HashMap<>());
    EndpointSlice before = all.put(slice.key(), slice.addressesOnly());
    if (before != null && before.sameAddresses(slice)) {
      return Translated.NOTHING; // an endpoint that is ready or is not is no news to policy
    }
    return Translation.service(service.get(), all.values());
  }

  private void sliceGone(Key key) {
    ServiceId service = serviceOfSlice.remove(key);
    if (service == null) {
      return;
    }
    Map<Key, EndpointSlice> all = slices.get(service);
    all.remove(key);
    if (all.isEmpty()) {
      slices.remove(service);
    }
    policies.accept(Translation.service(service, all.values()).facts());
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
    thread.shutdownNow();
  }
}
