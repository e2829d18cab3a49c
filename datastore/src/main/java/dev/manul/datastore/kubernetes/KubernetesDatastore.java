package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.EndpointSlice;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Namespace;
import dev.manul.model.Node;
import dev.manul.model.Pod;
import dev.manul.model.Resource;
import dev.manul.model.Service;
import dev.manul.model.ServiceAccount;
import dev.manul.model.WorkloadEndpoint;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Resources in the Kubernetes API.
 *
 * <p>Manul's own kinds are custom resources; every write of them is compared and set by the server.
 * A {@link Node} is Kubernetes' Node with Calico's annotations, a {@link WorkloadEndpoint} is what
 * the annotations of a pod say; {@link Pod}, {@link Namespace} and other kinds of Kubernetes are
 * only read, its policies too. An update that would change nothing of what is stored does not move
 * the version.
 *
 * <p>A read or a write that the API does not answer within 10 seconds fails. Watches keep what they
 * have told while the API is away, say so by {@link Sink#broken}, and go on when it is back.
 */
public final class KubernetesDatastore implements Datastore {

  private final ApiServer api;
  private final ObjectReader reader;
  private final Map<Kind<?>, Mapping<?>> mappings = new HashMap<>();
  private final CustomWriter custom;
  private final NodeWriter nodes;
  private final EndpointWriter endpoints;
  private final Map<String, Feed> feeds = new HashMap<>(); // guarded by itself
  private final List<Campaign> campaigns = new CopyOnWriteArrayList<>();

  KubernetesDatastore(ApiServer api) {
    this.api = api;
    this.reader = new ObjectReader(api);
    for (Kind<?> kind : Kinds.ALL) {
      mappings.put(kind, kind.isOwn() ? new OwnMapping<>(kind) : new ReadMapping<>(kind, true));
    }
    for (Kind<?> kind : List.of(ServiceAccount.KIND, Service.KIND)) {
      mappings.put(kind, new ReadMapping<>(kind, false));
    }
    // Servers have v1 from 1.21 on, and v1beta1 until 1.24.
    mappings.put(
        EndpointSlice.KIND,
        new ReadMapping<>(EndpointSlice.KIND, false).orIn("/apis/discovery.k8s.io/v1beta1"));
    NodeMapping nodeMapping = new NodeMapping();
    EndpointMapping endpointMapping = new EndpointMapping();
    mappings.put(Node.KIND, nodeMapping);
    mappings.put(WorkloadEndpoint.KIND, endpointMapping);
    mappings.put(Pod.KIND, new PodMapping());
    mappings.put(Namespace.KIND, new NamespaceMapping());
    this.custom = new CustomWriter(api, reader);
    this.nodes = new NodeWriter(api, reader, nodeMapping);
    this.endpoints = new EndpointWriter(api, reader, endpointMapping);
  }

  /**
   * Makes ready to talk to the API; whether it can be reached shows with the first request.
   *
   * @throws DatastoreException when the access is not described well enough to try
   */
  public static KubernetesDatastore open(KubernetesAccess access) {
    return open(access, Patience.USUAL);
  }

  static KubernetesDatastore open(KubernetesAccess access, Patience patience) {
    return new KubernetesDatastore(new ApiServer(AccessConfig.of(access, patience), patience));
  }

  /** What the cluster says of itself besides its resources. */
  public ClusterFacts facts() {
    return new ClusterFacts(api);
  }

  /** What ends pods, which resources as such are only read of. */
  public PodEvictions evictions() {
    return new PodEvictions(api);
  }

  @SuppressWarnings("unchecked") // the mapping of a kind is of its resources
  private <R extends Resource> Mapping<R> mapping(Kind<R> kind) {
    Mapping<?> mapping = mappings.get(kind);
    if (mapping == null) {
      throw new IllegalArgumentException("no objects of the Kubernetes API are a " + kind);
    }
    return (Mapping<R>) mapping;
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    return reader.get(mapping(kind), key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    return reader.list(mapping(kind), selection);
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    return switch (resource) {
      case Node node -> throw Refusal.notOurs(node, "created");
      case WorkloadEndpoint endpoint -> cast(endpoints.put(endpoint));
      case Resource other when !other.kind().isOwn() -> throw Refusal.onlyRead(resource);
      default -> custom.create(own(resource), resource);
    };
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    return switch (resource) {
      case Node node -> cast(nodes.update(node));
      case WorkloadEndpoint endpoint -> cast(endpoints.put(endpoint));
      case Resource other when !other.kind().isOwn() -> throw Refusal.onlyRead(resource);
      default -> custom.update(own(resource), resource);
    };
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    return switch (resource) {
      case Node node -> throw Refusal.notOurs(node, "deleted");
      case WorkloadEndpoint endpoint -> cast(endpoints.delete(endpoint));
      case Resource other when !other.kind().isOwn() -> throw Refusal.onlyRead(resource);
      default -> custom.delete(own(resource), resource);
    };
  }

  @SuppressWarnings("unchecked") // the mapping of an own kind is of its resources
  private <R extends Resource> OwnMapping<R> own(R resource) {
    return (OwnMapping<R>) mapping(resource.kind());
  }

  @SuppressWarnings("unchecked") // the resource that was written was an R
  private static <R extends Resource> WriteResult<R> cast(WriteResult<?> result) {
    return (WriteResult<R>) result;
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    Mapping<R> mapping = mapping(kind);
    String collection = mapping.path().collection(selection.namespace());
    String query = mapping.query(selection);
    String id = collection + "?" + query;
    Subscription<R> subscription =
        new Subscription<>(mapping, selection, sink, ended -> leave(id, ended));
    synchronized (feeds) {
      if (api.isClosed()) {
        throw new DatastoreException("the datastore at " + api.url() + " is closed");
      }
      Feed feed = feeds.get(id);
      if (feed == null || !feed.join(subscription)) {
        feed = new Feed(api, mapping, collection, query);
        feeds.put(id, feed);
        feed.join(subscription);
      }
    }
    return subscription;
  }

  private void leave(String id, Subscription<?> subscription) {
    synchronized (feeds) {
      Feed feed = feeds.get(id);
      if (feed != null && feed.leave(subscription)) {
        feeds.remove(id);
      }
    }
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    Campaign campaign =
        new LeaseCandidacy(api, Clock.systemUTC(), office, candidate, listener, LeaseTerms.USUAL);
    campaigns.add(campaign);
    return campaign;
  }

  @Override
  public void close() {
    campaigns.forEach(Campaign::close);
    synchronized (feeds) {
      feeds.values().forEach(Feed::end);
      feeds.clear();
    }
    api.close();
  }
}
