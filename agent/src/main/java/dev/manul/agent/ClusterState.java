package dev.manul.agent;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPFilter;
import dev.manul.model.BGPPeer;
import dev.manul.model.BlockAffinity;
import dev.manul.model.EndpointSlice;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.Secret;
import dev.manul.model.Service;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/**
 * The watched part of the datastore, as far as one node needs it. Owned by the {@code agent}
 * thread: watches post to it, and only it calls {@link #view}.
 *
 * <p>What few clusters need is watched only when it is asked for by {@link #want}: Secrets one by
 * one, filters, and services, of which not the resources are kept but what is to be announced.
 */
final class ClusterState implements AutoCloseable {

  /**
   * What is watched on demand.
   *
   * @param secrets names of Secrets in the agent's namespace
   * @param filters whether BGPFilters are of interest
   * @param services whether services are
   * @param endpoints whether it is of interest where endpoints of services are
   * @param blocks whether it is of interest whose which block is
   */
  record Interests(
      Set<String> secrets, boolean filters, boolean services, boolean endpoints, boolean blocks) {

    static final Interests NONE = new Interests(Set.of(), false, false, false, false);

    Interests {
      secrets = Set.copyOf(secrets);
    }
  }

  private final String nodeName;
  private final String namespace;
  private final Executor owner;
  private final Runnable onChange;
  private final List<WatchedTable<?, ?>> tables = new ArrayList<>();
  private final WatchedTable<Node, Node> nodes;
  private final WatchedTable<IPPool, IPPool> pools;
  private final WatchedTable<BlockAffinity, BlockAffinity> affinities;
  private final WatchedTable<WorkloadEndpoint, WorkloadEndpoint> workloads;
  private final WatchedTable<BGPPeer, BGPPeer> peers;
  private final WatchedTable<BGPConfiguration, BGPConfiguration> bgp;
  private final WatchedTable<FelixConfiguration, FelixConfiguration> felix;

  private final Map<String, WatchedTable<Secret, Secret>> secrets = new TreeMap<>();
  private WatchedTable<BGPFilter, BGPFilter> filters; // null: not watched
  private WatchedTable<Service, AnnouncedService> services; // null: not watched
  private WatchedTable<EndpointSlice, ReadyEndpoints> endpoints; // null: not watched
  private WatchedTable<IPAMBlock, HeldBlock> blocks; // null: not watched
  private Map<String, ClusterView.SecretState> secretStates; // null: to be made anew
  private Datastore datastore;
  private boolean closed;

  /**
   * @param namespace where Secrets are
   * @param owner runs tasks on the {@code agent} thread, in order
   * @param onChange called on that thread after every change, once everything is listed
   */
  ClusterState(String nodeName, String namespace, Executor owner, Runnable onChange) {
    this.nodeName = nodeName;
    this.namespace = namespace;
    this.owner = owner;
    this.onChange = onChange;
    nodes = table(Node.KIND, Selection.ALL);
    pools = table(IPPool.KIND, Selection.ALL);
    affinities = table(BlockAffinity.KIND, Selection.onNode(nodeName));
    workloads = table(WorkloadEndpoint.KIND, Selection.onNode(nodeName));
    peers = table(BGPPeer.KIND, Selection.ALL);
    bgp = table(BGPConfiguration.KIND, Selection.ALL);
    felix = table(FelixConfiguration.KIND, Selection.ALL);
  }

  private <R extends Resource> WatchedTable<R, R> table(Kind<R> kind, Selection selection) {
    WatchedTable<R, R> table = WatchedTable.whole(kind, selection, owner, this::tell);
    tables.add(table);
    return table;
  }

  /** Begins to watch. Called once, from any thread. */
  void watch(Datastore from) {
    datastore = from;
    tables.forEach(table -> table.watch(from));
  }

  /**
   * Says what is to be watched from now on besides what always is.
   *
   * @return true when something is watched from now on that was not before, so that it is worth
   *     waiting until {@link #isSynced}
   */
  boolean want(Interests wanted) {
    boolean more = wantSecrets(wanted.secrets());
    boolean hadFilters = filters != null;
    filters =
        switched(
            filters,
            wanted.filters(),
            () -> WatchedTable.whole(BGPFilter.KIND, Selection.ALL, owner, this::tell));
    boolean hadServices = services != null;
    services =
        switched(
            services,
            wanted.services(),
            () -> WatchedTable.of(Service.KIND, owner, this::tell, AnnouncedService::of));
    boolean hadEndpoints = endpoints != null;
    endpoints =
        switched(
            endpoints,
            wanted.endpoints(),
            () ->
                WatchedTable.of(
                    EndpointSlice.KIND,
                    owner,
                    this::tell,
                    slice -> ReadyEndpoints.of(slice, nodeName)));
    boolean hadBlocks = blocks != null;
    blocks =
        switched(
            blocks,
            wanted.blocks(),
            () -> WatchedTable.of(IPAMBlock.KIND, owner, this::tell, HeldBlock::of));
    return more
        || (!hadBlocks && blocks != null)
        || (!hadFilters && filters != null)
        || (!hadServices && services != null)
        || (!hadEndpoints && endpoints != null);
  }

  private boolean wantSecrets(Set<String> names) {
    boolean more = false;
    for (String name : names) {
      if (!secrets.containsKey(name)) {
        more = true;
        WatchedTable<Secret, Secret> table =
            WatchedTable.whole(
                Secret.KIND, Selection.named(namespace, name), owner, this::secretsChanged);
        secrets.put(name, table);
        begin(table);
        secretStates = null;
      }
    }
    for (String name : List.copyOf(secrets.keySet())) {
      if (!names.contains(name)) {
        secrets.remove(name).close();
        secretStates = null;
      }
    }
    return more;
  }

  private <R extends Resource, T> WatchedTable<R, T> switched(
      WatchedTable<R, T> table,
      boolean on,
      java.util.function.Supplier<WatchedTable<R, T>> making) {
    if (on && table == null) {
      WatchedTable<R, T> made = making.get();
      begin(made);
      return made;
    }
    if (!on && table != null) {
      table.close();
      return null;
    }
    return table;
  }

  private void begin(WatchedTable<?, ?> table) {
    if (!closed) {
      table.watch(datastore);
    }
  }

  /** True once everything has been listed; of what is watched on demand, or known why not. */
  boolean isSynced() {
    return tables.stream().allMatch(WatchedTable::isSynced)
        && onDemand().allMatch(WatchedTable::isHeard);
  }

  private Stream<WatchedTable<?, ?>> onDemand() {
    return Stream.concat(
        secrets.values().stream(),
        Stream.of(
                Optional.ofNullable(filters),
                Optional.ofNullable(services),
                Optional.ofNullable(endpoints),
                Optional.ofNullable(blocks))
            .flatMap(Optional::stream));
  }

  /** Lines about stored resources that cannot be read; their last good versions are in force. */
  List<String> problems() {
    return Stream.concat(tables.stream(), onDemand())
        .flatMap(table -> table.problems().stream())
        .distinct()
        .toList();
  }

  /**
   * The cluster as it is now. What has not changed since the last view is the same object in both,
   * so that whoever derives something from a part can tell whether it has to do so again.
   */
  ClusterView view() {
    return new ClusterView(
        nodeName,
        nodes.byName(),
        pools.all(),
        affinities.all(),
        workloads.all(),
        peers.all(),
        bgp.byName(),
        FelixConfiguration.inForce(
            felix.get(Key.of(FelixConfiguration.DEFAULT_NAME)),
            felix.get(Key.of(FelixConfiguration.NODE_PREFIX + nodeName))),
        new ClusterView.OnDemand(
            namespace,
            secretStates(),
            filters == null ? Map.of() : filters.byName(),
            services == null ? List.of() : services.all(),
            endpoints == null ? List.of() : endpoints.all(),
            blocks == null ? List.of() : blocks.all()));
  }

  private Map<String, ClusterView.SecretState> secretStates() {
    if (secretStates == null) {
      Map<String, ClusterView.SecretState> states = new TreeMap<>();
      secrets.forEach(
          (name, table) ->
              states.put(
                  name,
                  new ClusterView.SecretState(
                      table.get(new Key(namespace, name)), table.problems().stream().findFirst())));
      secretStates = Map.copyOf(states);
    }
    return secretStates;
  }

  private void secretsChanged() {
    secretStates = null;
    tell();
  }

  private void tell() {
    if (isSynced()) {
      onChange.run();
    }
  }

  @Override
  public void close() {
    tables.forEach(WatchedTable::close);
    // What is watched on demand belongs to the agent thread, which may be about to begin another.
    owner.execute(
        () -> {
          closed = true;
          onDemand().forEach(WatchedTable::close);
        });
  }
}
