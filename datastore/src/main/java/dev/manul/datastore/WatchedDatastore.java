package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A datastore that knows some kinds by heart: it watches them, and answers reads of them from what
 * the watches told. All else, and every write, goes to the datastore behind it.
 *
 * <p>What was written or read through this object is never forgotten for an older state that a
 * watch tells later. Others' writes are seen as soon as the watch tells them, or when a write is
 * refused because of one; so reads may be behind, and a decision that must not be is made by the
 * compare-and-set of its write, as ever.
 *
 * <p>Until a kind's watch has told all there is, reads of it go through. When the datastore behind
 * cannot be reached, reads are answered with the last that was told.
 *
 * <p>Other kinds it may overhear: it knows of them what is told to a watch that somebody else has
 * begun through it, for as long as that goes on, so that two need not be told the same. What is not
 * told there is read.
 *
 * <p>Closing it ends its watches and leaves the datastore behind it open.
 */
public final class WatchedDatastore extends ForwardingDatastore {
  private final LongSupplier nanoTime;
  private final Map<Kind<?>, Selection> overheard;
  private final Map<Kind<?>, WatchedKind<?>> kinds = new ConcurrentHashMap<>();

  /**
   * Begins to watch.
   *
   * @param real where everything is kept
   * @param kept what is to be known by heart: kinds, and which resources of each
   */
  public WatchedDatastore(Datastore real, Map<Kind<?>, Selection> kept) {
    this(real, kept, Map.of());
  }

  /**
   * Begins to watch.
   *
   * @param real where everything is kept
   * @param kept what is to be known by heart: kinds, and which resources of each
   * @param overheard other kinds, and which resources of each are worth knowing while a watch of
   *     them goes by
   */
  public WatchedDatastore(
      Datastore real, Map<Kind<?>, Selection> kept, Map<Kind<?>, Selection> overheard) {
    this(real, kept, overheard, System::nanoTime);
  }

  WatchedDatastore(
      Datastore real,
      Map<Kind<?>, Selection> kept,
      Map<Kind<?>, Selection> overheard,
      LongSupplier nanoTime) {
    super(real);
    this.nanoTime = nanoTime;
    this.overheard = Map.copyOf(overheard);
    kept.forEach((kind, selection) -> kinds.put(kind, watched(kind, selection)));
  }

  private <R extends Resource> WatchedKind<R> watched(Kind<R> kind, Selection selection) {
    WatchedKind<R> watched = new WatchedKind<>(real, nanoTime, kind, selection, false);
    watched.start();
    return watched;
  }

  /**
   * Waits until every kept kind is known.
   *
   * @return false when that took longer than {@code limit}
   */
  public boolean awaitSynced(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    for (WatchedKind<?> kind : kinds.values()) {
      try {
        if (!kind.awaitSynced(end - System.nanoTime())) {
          return false;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("unchecked") // a kind's entry is of that kind
  private <R extends Resource> Optional<WatchedKind<R>> kept(Kind<?> kind) {
    return Optional.ofNullable((WatchedKind<R>) kinds.get(kind));
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    Optional<WatchedKind<R>> kept = kept(kind);
    return kept.isPresent() ? kept.get().get(key) : real.get(kind, key);
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    Optional<WatchedKind<R>> kept = kept(kind);
    return kept.isPresent() ? kept.get().list(selection) : real.list(kind, selection);
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    Selection part = overheard.get(kind);
    if (part == null || !selection.covers(part)) {
      return real.watch(kind, selection, sink);
    }
    WatchedKind<R> listener = new WatchedKind<>(real, nanoTime, kind, part, true);
    Watch watch = real.watch(kind, selection, new Overheard<>(listener, sink));
    kinds.put(kind, listener);
    return () -> {
      boolean _ = kinds.remove(kind, listener);
      watch.close();
    };
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    return written(resource, () -> real.create(resource), Optional::of);
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    return written(resource, () -> real.update(resource), Optional::of);
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    return written(resource, () -> real.delete(resource), stored -> Optional.empty());
  }

  /**
   * Writes, and remembers what came of it.
   *
   * @param after what there is after a write that was done
   */
  private <R extends Resource> WriteResult<R> written(
      R resource, Supplier<WriteResult<R>> write, Function<R, Optional<R>> after) {
    Optional<WatchedKind<R>> kept = kept(resource.kind());
    if (kept.isEmpty() || !kept.get().concerns(resource)) {
      return write.get();
    }
    WatchedKind<R>.Pending pending = kept.get().begin(resource.key(), true);
    try {
      WriteResult<R> result = write.get();
      switch (result) {
        case WriteResult.Written<R>(R stored) -> {
          Optional<R> now = after.apply(stored);
          // A delete tells the version that it ended.
          R before = now.isPresent() ? resource : stored;
          pending.wrote(before.metadata().resourceVersion(), now);
        }
        case WriteResult.Conflict<R>(Optional<R> current) -> pending.found(current);
      }
      return result;
    } finally {
      pending.end();
    }
  }

  /** Ends the watches. */
  @Override
  public void close() {
    kinds.values().forEach(WatchedKind::close);
  }
}
