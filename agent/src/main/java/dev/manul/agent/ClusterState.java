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
  private final Runnable onChange;
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
   * @param onChange called on that thread after every change, once everything is listed
   */
  ClusterState(String nodeName, Executor owner, Runnable onChange) {
    this.nodeName = nodeName;
    this.owner = owner;
    this.onChange = onChange;
    nodes = table(Node.KIND, Selection.ALL);
    pools = table(IPPool.KIND, Selection.ALL);
    affinities = table(BlockAffinity.KIND, Selection.onNode(nodeName));
    workloads = table(WorkloadEndpoint.KIND, Selection.onNode(nodeName));
    peers = table(BGPPeer.KIND, Selection.ALL);
    bgp = table(BGPConfiguration.KIND, Selection.ALL);
    felix = table(FelixConfiguration.KIND, Selection.ALL);
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
        Optional.ofNullable(felix.items.get(Key.of("default"))));
  }

  private <R extends Resource> Table<R> table(Kind<R> kind, Selection selection) {
    Table<R> table = new Table<>(kind, selection);
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
    private final Selection selection;
    private final Map<Key, R> items = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private List<R> listed; // null: to be made anew
    private Map<String, R> named; // null: to be made anew

    Table(Kind<R> kind, Selection selection) {
      this.kind = kind;
      this.selection = selection;
    }

    Watch watch(Datastore datastore) {
      return datastore.watch(kind, selection, this);
    }

    /** All items in the order of their keys; the same object until one changes. */
    List<R> all() {
      if (listed == null) {
        listed = List.copyOf(items.values());
      }
      return listed;
    }

    /** All items by name; the same object until one changes. */
    Map<String, R> byName() {
      if (named == null) {
        named =
            items.values().stream()
                .collect(
                    Collectors.toUnmodifiableMap(item -> item.metadata().name(), item -> item));
      }
      return named;
    }

    @Override
    public void present(R resource) {
      owner.execute(
          () -> {
            R before = items.put(resource.key(), resource);
            if (before == null || !sameButForItsVersion(before, resource)) {
              changed();
            }
          });
    }

    @Override
    public void absent(Key key) {
      owner.execute(
          () -> {
            if (items.remove(key) != null) {
              changed();
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

    /** Others write to the same objects: a kubelet's sign of life is no news to us. */
    private boolean sameButForItsVersion(R before, R now) {
      return before
          .withMetadata(before.metadata().withResourceVersion(now.metadata().resourceVersion()))
          .equals(now);
    }

    private void changed() {
      listed = null;
      named = null;
      tell();
    }

    private void tell() {
      if (isSynced()) {
        onChange.run();
      }
    }
  }
}
