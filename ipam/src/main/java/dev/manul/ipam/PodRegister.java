package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.ipam.PodTable.Entry;
import dev.manul.model.Address;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where it is looked up what pods there are. */
interface PodRegister extends AutoCloseable {

  /** Where {@link Pod}s carry the addresses that were given to them, before the kubelet says so. */
  List<String> ADDRESS_ANNOTATIONS =
      List.of("cni.projectcalico.org/podIP", "cni.projectcalico.org/podIPs");

  /** Whether everything there is is known. */
  boolean complete();

  /** What cannot be read; empty when all can. */
  Optional<String> problem();

  /** The pods as the watch has told them. */
  PodTable heard();

  /** What the datastore has of an allocation's pod now. */
  List<Entry> stored(AllocationInfo allocation);

  @Override
  void close();

  /** Begins to listen. */
  static PodRegister open(Datastore datastore, PodSource source, Mirror.Listener<Entry> listener) {
    return switch (source) {
      case PODS ->
          new Watched<>(datastore, Pod.KIND, listener) {
            @Override
            Entry entry(Pod pod) {
              return PodRegister.entry(pod);
            }

            @Override
            Key key(String namespace, String pod, String node) {
              return new Key(namespace, pod);
            }
          };
      case ENDPOINTS ->
          new Watched<>(datastore, WorkloadEndpoint.KIND, listener) {
            @Override
            Entry entry(WorkloadEndpoint endpoint) {
              return PodRegister.entry(endpoint);
            }

            @Override
            Key key(String namespace, String pod, String node) {
              return new Key(namespace, WorkloadEndpoint.nameOf(node, pod));
            }
          };
    };
  }

  /** A Kubernetes pod: its addresses are what the kubelet reports and what the CNI has noted. */
  static Entry entry(Pod pod) {
    Set<Address> addresses = new HashSet<>();
    pod.status().podIPs().forEach(text -> add(text, addresses));
    for (String annotation : ADDRESS_ANNOTATIONS) {
      for (String text : pod.metadata().annotations().getOrDefault(annotation, "").split(",", -1)) {
        add(text, addresses);
      }
    }
    return new Entry(pod.key(), pod.spec().nodeName(), addresses, pod.finished());
  }

  private static void add(String text, Set<Address> addresses) {
    int slash = text.indexOf('/');
    String bare = (slash < 0 ? text : text.substring(0, slash)).strip();
    try {
      if (!bare.isEmpty()) {
        addresses.add(Address.parse(bare));
      }
    } catch (IllegalArgumentException e) {
      // somebody's text that is no address; the others count
    }
  }

  static Entry entry(WorkloadEndpoint endpoint) {
    WorkloadEndpoint.Spec spec = endpoint.spec();
    Set<Address> addresses = new HashSet<>();
    for (Prefix network : spec.ipNetworks()) {
      if (network.isSingleAddress()) {
        addresses.add(network.address());
      }
    }
    String pod = spec.pod().isEmpty() ? spec.workload() : spec.pod();
    return new Entry(new Key(endpoint.metadata().namespace(), pod), spec.node(), addresses, false);
  }

  /** A register over one kind. */
  abstract class Watched<R extends Resource> implements PodRegister {
    private final Datastore datastore;
    private final Kind<R> kind;
    private final Mirror<R, Entry> mirror;

    Watched(Datastore datastore, Kind<R> kind, Mirror.Listener<Entry> listener) {
      this.datastore = datastore;
      this.kind = kind;
      this.mirror = Mirror.of(datastore, kind, this::entry, listener);
    }

    abstract Entry entry(R resource);

    abstract Key key(String namespace, String pod, String node);

    @Override
    public boolean complete() {
      return mirror.complete();
    }

    @Override
    public Optional<String> problem() {
      return mirror.problem();
    }

    @Override
    public PodTable heard() {
      Collection<Entry> entries = mirror.values();
      return PodTable.of(entries);
    }

    @Override
    public List<Entry> stored(AllocationInfo allocation) {
      Key key =
          key(
              allocation.attributes().getOrDefault("namespace", ""),
              allocation.attributes().getOrDefault("pod", ""),
              allocation.node().orElse(""));
      return datastore.get(kind, key).map(this::entry).stream().toList();
    }

    @Override
    public void close() {
      mirror.close();
    }
  }
}
