package dev.manul.ipam;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What a watch has told of a kind, reduced to what matters. Written by the datastore's thread, read
 * by any.
 *
 * @param <V> what is kept of a resource
 */
final class Mirror<R extends Resource, V> implements Sink<R>, AutoCloseable {

  /** Learns that something here has changed. */
  interface Listener<V> {

    /**
     * A resource came, changed or went.
     *
     * @param before what was kept of it; empty for a new one
     * @param after what is kept of it; empty when it is gone
     */
    void changed(Optional<V> before, Optional<V> after);

    /** The first listing is complete, or what is stored can be read no longer, or again. */
    void completeness();
  }

  private final Map<Key, V> kept = new ConcurrentHashMap<>();
  private final Function<R, V> reduce;
  private final Listener<V> listener;
  private volatile boolean synced;
  private volatile Optional<String> problem = Optional.empty();
  private volatile Watch watch;

  private Mirror(Function<R, V> reduce, Listener<V> listener) {
    this.reduce = reduce;
    this.listener = listener;
  }

  static <R extends Resource, V> Mirror<R, V> of(
      Datastore datastore, Kind<R> kind, Function<R, V> reduce, Listener<V> listener) {
    Mirror<R, V> mirror = new Mirror<>(reduce, listener);
    mirror.watch = datastore.watch(kind, Selection.ALL, mirror);
    return mirror;
  }

  /** Whether everything stored has been told, and all of it could be read. */
  boolean complete() {
    return synced && problem.isEmpty();
  }

  /** What cannot be read; empty when all can. */
  Optional<String> problem() {
    return problem;
  }

  Collection<V> values() {
    return List.copyOf(kept.values());
  }

  @Override
  public void present(R resource) {
    V after = reduce.apply(resource);
    listener.changed(Optional.ofNullable(kept.put(resource.key(), after)), Optional.of(after));
  }

  @Override
  public void absent(Key key) {
    V before = kept.remove(key);
    if (before != null) {
      listener.changed(Optional.of(before), Optional.empty());
    }
  }

  @Override
  public void synced() {
    synced = true;
    listener.completeness();
  }

  @Override
  public void broken(String line) {
    problem = Optional.of(line);
    listener.completeness();
  }

  @Override
  public void mended() {
    problem = Optional.empty();
    listener.completeness();
  }

  @Override
  public void close() {
    watch.close();
  }
}
