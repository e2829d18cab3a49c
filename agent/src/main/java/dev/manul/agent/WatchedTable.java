package dev.manul.agent;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of the watched resources of one kind. Its watch's calls are carried to the owner's
 * thread, on which everything else is to be called.
 *
 * @param <R> what is watched
 * @param <T> what is kept of each
 */
final class WatchedTable<R extends Resource, T> implements Sink<R> {
  private static final Logger log = LoggerFactory.getLogger(WatchedTable.class);

  private final Kind<R> kind;
  private final Selection selection;
  private final Executor owner;
  private final Runnable onChange;
  private final Function<R, Optional<T>> kept;
  private final BiPredicate<T, T> same;
  private final Map<Key, T> items = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private List<T> listed; // null: to be made anew
  private Map<String, T> named; // null: to be made anew
  private boolean synced;
  private Watch watch;

  private WatchedTable(
      Kind<R> kind,
      Selection selection,
      Executor owner,
      Runnable onChange,
      Function<R, Optional<T>> kept,
      BiPredicate<T, T> same) {
    this.kind = kind;
    this.selection = selection;
    this.owner = owner;
    this.onChange = onChange;
    this.kept = kept;
    this.same = same;
  }

  /**
   * A table of whole resources.
   *
   * @param owner runs tasks on one thread, in order
   * @param onChange called there after every change
   */
  static <R extends Resource> WatchedTable<R, R> whole(
      Kind<R> kind, Selection selection, Executor owner, Runnable onChange) {
    return new WatchedTable<>(
        kind, selection, owner, onChange, Optional::of, WatchedTable::sameButForItsVersion);
  }

  /**
   * A table of what is needed of resources.
   *
   * @param kept empty for a resource of which nothing is
   */
  static <R extends Resource, T> WatchedTable<R, T> of(
      Kind<R> kind, Executor owner, Runnable onChange, Function<R, Optional<T>> kept) {
    return new WatchedTable<>(kind, Selection.ALL, owner, onChange, kept, Object::equals);
  }

  /** Others write to the same objects: a kubelet's sign of life is no news to us. */
  private static <R extends Resource> boolean sameButForItsVersion(R before, R now) {
    return before
        .withMetadata(before.metadata().withResourceVersion(now.metadata().resourceVersion()))
        .equals(now);
  }

  /** Begins to watch. Called once. */
  void watch(Datastore datastore) {
    watch = datastore.watch(kind, selection, this);
  }

  /** Ends the watch; what it has told by then may still change the table. */
  void close() {
    if (watch != null) {
      watch.close();
    }
  }

  /** True once everything has been listed. */
  boolean isSynced() {
    return synced;
  }

  /** True once everything has been listed, or it is known why that cannot be done. */
  boolean isHeard() {
    return synced || !problems.isEmpty();
  }

  /** Why resources cannot be read; their last good versions are in force. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  Optional<T> get(Key key) {
    return Optional.ofNullable(items.get(key));
  }

  /** All items in the order of their keys; the same object until one changes. */
  List<T> all() {
    if (listed == null) {
      listed = List.copyOf(items.values());
    }
    return listed;
  }

  /** All items by name; the same object until one changes. */
  Map<String, T> byName() {
    if (named == null) {
      named =
          items.entrySet().stream()
              .collect(Collectors.toUnmodifiableMap(e -> e.getKey().name(), Map.Entry::getValue));
    }
    return named;
  }

  @Override
  public void present(R resource) {
    Optional<T> now = kept.apply(resource);
    owner.execute(
        () -> {
          T before =
              now.isPresent() ? items.put(resource.key(), now.get()) : items.remove(resource.key());
          boolean news =
              now.isPresent() ? before == null || !same.test(before, now.get()) : before != null;
          if (news) {
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
          synced = true;
          onChange.run();
        });
  }

  @Override
  public void broken(String problem) {
    log.warn("unreadable kind={} problem=\"{}\"", kind, problem);
    owner.execute(
        () -> {
          problems.add(problem);
          onChange.run();
        });
  }

  @Override
  public void mended() {
    owner.execute(
        () -> {
          problems.clear();
          onChange.run();
        });
  }

  private void changed() {
    listed = null;
    named = null;
    onChange.run();
  }
}
