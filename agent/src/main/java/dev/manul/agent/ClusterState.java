package dev.manul.agent;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.model.BGPConfiguration;
import dev.manul.model.BGPPeer;
import dev.manul.model.BlockAffinity;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watched part of the datastore, as far as one node needs it. Owned by the {@code agent}
 * thread: watches post to it, and only it calls {@link #view}.
 */
final class ClusterState implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClusterState.class);

  private final String nodeName;
  private final Executor owner;
  private final Runnable changed;
  private final List<Table<?>> tables = new ArrayList<>();
  private final List<Watch> watches = new ArrayList<>();
  private final Table<Node> nodes;
  private final Table<IPPool> pools;
  private final Table<BlockAffinity> affinities;
  private final Table<WorkloadEndpoint> workloads;
  private final Table<BGPPeer> peers;
  private final Table<BGPConfiguration> bgp;
  private final Table<FelixConfiguration> felix;
  private int unsynced;

  /**
   * @param owner runs tasks on the {@code agent} thread, in order
   * @param changed called on that thread after every change, once everything is listed
   */
  ClusterState(String nodeName, Executor owner, Runnable changed) {
    this.nodeName = nodeName;
    this.owner = owner;
    this.changed = changed;
    nodes = table(Node.KIND, node -> true);
    pools = table(IPPool.KIND, pool -> true);
    affinities =
        table(
            BlockAffinity.KIND,
            affinity ->
                affinity.spec().node().equals(nodeName)
                    && !affinity.spec().type().equals("virtual"));
    workloads = table(WorkloadEndpoint.KIND, endpoint -> endpoint.spec().node().equals(nodeName));
    peers = table(BGPPeer.KIND, peer -> true);
    bgp = table(BGPConfiguration.KIND, configuration -> true);
    felix = table(FelixConfiguration.KIND, configuration -> true);
    unsynced = tables.size();
  }

  /** Begins to watch. Called once, from any thread. */
  void watch(Datastore datastore) {
    for (Table<?> table : tables) {
      watches.add(table.watch(datastore));
    }
  }

  /** True once everything has been listed. */
  boolean isSynced() {
    return unsynced == 0;
  }

  /** Lines about stored resources that cannot be read; their last good versions are in force. */
  List<String> problems() {
    return tables.stream().flatMap(table -> table.problems.stream()).distinct().toList();
  }

  ClusterView view() {
    return new ClusterView(
        nodeName,
        nodes.items.values().stream().collect(Collectors.toMap(n -> n.metadata().name(), n -> n)),
        List.copyOf(pools.items.values()),
        List.copyOf(affinities.items.values()),
        List.copyOf(workloads.items.values()),
        List.copyOf(peers.items.values()),
        bgp.items.values().stream().collect(Collectors.toMap(c -> c.metadata().name(), c -> c)),
        Optional.ofNullable(felix.items.get(Key.of("default"))));
  }

  private <R extends Resource> Table<R> table(Kind<R> kind, Predicate<R> wanted) {
    Table<R> table = new Table<>(kind, wanted);
    tables.add(table);
    return table;
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }

  /** The resources of one kind; its sink's calls are carried to the owner. */
  private final class Table<R extends Resource> implements Sink<R> {
    private final Kind<R> kind;
    private final Predicate<R> wanted;
    private final Map<Key, R> items = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    Table(Kind<R> kind, Predicate<R> wanted) {
      this.kind = kind;
      this.wanted = wanted;
    }

    Watch watch(Datastore datastore) {
      return datastore.watch(kind, Selection.ALL, this);
    }

    @Override
    public void present(R resource) {
      owner.execute(
          () -> {
            R before =
                wanted.test(resource)
                    ? items.put(resource.key(), resource)
                    : items.remove(resource.key());
            if (before != null || wanted.test(resource)) {
              tell();
            }
          });
    }

    @Override
    public void absent(Key key) {
      owner.execute(
          () -> {
            if (items.remove(key) != null) {
              tell();
            }
          });
    }

    @Override
    public void synced() {
      owner.execute(
          () -> {
            unsynced--;
            tell();
          });
    }

    @Override
    public void broken(String problem) {
      log.warn("unreadable kind={} problem=\"{}\"", kind, problem);
      owner.execute(
          () -> {
            problems.add(problem);
            tell();
          });
    }

    @Override
    public void mended() {
      owner.execute(
          () -> {
            problems.clear();
            tell();
          });
    }

    private void tell() {
      if (isSynced()) {
        changed.run();
      }
    }
  }
}
