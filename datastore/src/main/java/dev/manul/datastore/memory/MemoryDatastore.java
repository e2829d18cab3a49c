package dev.manul.datastore.memory;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Listing;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WatchProgress;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.WriteRules;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Resource;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * A datastore in memory. Versions and uids count up, so that a run can be repeated exactly.
 *
 * <p>Watches are served by one thread, which is started with the first of them.
 */
public final class MemoryDatastore implements Datastore {
  private final Clock clock;
  private final Map<Kind<?>, TreeMap<Key, Resource>> stored = new HashMap<>();
  private final List<Subscription<?>> subscriptions = new CopyOnWriteArrayList<>();
  private final Map<String, Semaphore> offices = new ConcurrentHashMap<>();
  private final List<Campaign> campaigns = new CopyOnWriteArrayList<>();
  private long version;
  private boolean closed;
  private Thread dispatcher;

  public MemoryDatastore() {
    this(Clock.systemUTC());
  }

  /** A datastore whose creation times are {@code clock}'s. */
  public MemoryDatastore(Clock clock) {
    this.clock = clock;
  }

  @Override
  public <R extends Resource> Optional<R> get(Kind<R> kind, Key key) {
    synchronized (stored) {
      return Optional.ofNullable(kind.type().cast(table(kind).get(key)));
    }
  }

  @Override
  public <R extends Resource> Listing<R> list(Kind<R> kind, Selection selection) {
    List<R> items = new ArrayList<>();
    synchronized (stored) {
      for (Resource resource : table(kind).values()) {
        if (selection.admits(resource)) {
          items.add(kind.type().cast(resource));
        }
      }
    }
    return new Listing<>(items, List.of());
  }

  @Override
  public <R extends Resource> WriteResult<R> create(R resource) {
    WriteRules.check(resource);
    synchronized (stored) {
      Optional<R> current = current(resource);
      if (current.isPresent()) {
        return new WriteResult.Conflict<>(current);
      }
      checkAgainst(resource, true);
      String next = nextVersion();
      Metadata metadata =
          resource
              .metadata()
              .created(
                  new UUID(0, version).toString(),
                  clock.instant().truncatedTo(ChronoUnit.SECONDS).toString(),
                  next);
      return put(resource, metadata);
    }
  }

  @Override
  public <R extends Resource> WriteResult<R> update(R resource) {
    WriteRules.check(resource);
    synchronized (stored) {
      Optional<R> current = current(resource);
      if (current.isEmpty() || !mayReplace(resource, current.get())) {
        return new WriteResult.Conflict<>(current);
      }
      WriteRules.checkChange(current.get(), resource);
      checkAgainst(resource, false);
      Metadata was = current.get().metadata();
      return put(
          resource, resource.metadata().created(was.uid(), was.creationTimestamp(), nextVersion()));
    }
  }

  @Override
  public <R extends Resource> WriteResult<R> delete(R resource) {
    synchronized (stored) {
      Optional<R> current = current(resource);
      if (current.isEmpty() || !mayReplace(resource, current.get())) {
        return new WriteResult.Conflict<>(current);
      }
      table(resource.kind()).remove(resource.key());
      tell(resource.kind(), resource.key());
      return new WriteResult.Written<>(current.get());
    }
  }

  private static boolean mayReplace(Resource resource, Resource current) {
    String expected = resource.metadata().resourceVersion();
    return expected.isEmpty() || expected.equals(current.metadata().resourceVersion());
  }

  private Map<Key, Resource> table(Kind<?> kind) {
    if (closed) {
      throw new DatastoreException("the datastore is closed");
    }
    return stored.computeIfAbsent(kind, k -> new TreeMap<>());
  }

  @SuppressWarnings("unchecked") // a table holds resources of its kind only
  private <R extends Resource> Optional<R> current(R resource) {
    return Optional.ofNullable((R) table(resource.kind()).get(resource.key()));
  }

  private void checkAgainst(Resource resource, boolean isNew) {
    List<Resource> others = new ArrayList<>();
    for (Kind<?> kind : WriteRules.neighbours(resource.kind(), isNew)) {
      others.addAll(table(kind).values());
    }
    WriteRules.checkAgainst(resource, others);
  }

  private String nextVersion() {
    return Long.toString(++version);
  }

  @SuppressWarnings("unchecked") // withMetadata gives the same kind of record
  private <R extends Resource> WriteResult<R> put(R resource, Metadata metadata) {
    R written = (R) resource.withMetadata(metadata);
    table(resource.kind()).put(resource.key(), written);
    tell(resource.kind(), resource.key());
    return new WriteResult.Written<>(written);
  }

  private void tell(Kind<?> kind, Key key) {
    for (Subscription<?> subscription : subscriptions) {
      if (subscription.kind.equals(kind)) {
        subscription.dirty.add(key);
      }
    }
    stored.notifyAll();
  }

  @Override
  public <R extends Resource> Watch watch(Kind<R> kind, Selection selection, Sink<R> sink) {
    Subscription<R> subscription = new Subscription<>(kind, selection, sink);
    synchronized (stored) {
      table(kind);
      subscriptions.add(subscription);
      if (dispatcher == null) {
        dispatcher = Thread.ofPlatform().daemon().name("memory-datastore").start(this::dispatch);
      }
      stored.notifyAll();
    }
    return subscription;
  }

  @Override
  public Campaign campaign(String office, String candidate, Campaign.Listener listener) {
    Semaphore seat = offices.computeIfAbsent(office, name -> new Semaphore(1, true));
    Campaign campaign = new MemoryCandidacy(seat, office, candidate, listener);
    campaigns.add(campaign);
    return campaign;
  }

  private void dispatch() {
    while (true) {
      Subscription<?> next;
      synchronized (stored) {
        while ((next = waiting()) == null) {
          if (closed) {
            return;
          }
          try {
            stored.wait();
          } catch (InterruptedException e) {
            return;
          }
        }
      }
      next.serve();
    }
  }

  private Subscription<?> waiting() {
    for (Subscription<?> subscription : subscriptions) {
      if (!subscription.synced || !subscription.dirty.isEmpty()) {
        return subscription;
      }
    }
    return null;
  }

  @Override
  public void close() {
    for (Subscription<?> subscription : subscriptions) {
      subscription.close();
    }
    campaigns.forEach(Campaign::close);
    synchronized (stored) {
      closed = true;
      stored.notifyAll();
    }
  }

  private final class Subscription<R extends Resource> implements Watch {
    private final Kind<R> kind;
    private final WatchProgress<R> progress;
    private final Set<Key> dirty = new LinkedHashSet<>(); // guarded by stored
    private boolean synced; // guarded by stored

    Subscription(Kind<R> kind, Selection selection, Sink<R> sink) {
      this.kind = kind;
      this.progress = new WatchProgress<>(kind, selection, sink);
    }

    void serve() {
      Map<Key, Optional<R>> changes = new HashMap<>();
      List<Key> order;
      boolean first;
      synchronized (stored) {
        if (closed) {
          return;
        }
        first = !synced;
        synced = true;
        order = new ArrayList<>(first ? table(kind).keySet() : dirty);
        dirty.clear();
        order.forEach(key -> changes.put(key, get(kind, key)));
      }
      for (Key key : order) {
        changes.get(key).ifPresentOrElse(progress::present, () -> progress.absent(key));
      }
      if (first) {
        progress.synced();
      }
    }

    @Override
    public void close() {
      subscriptions.remove(this);
      progress.end();
    }
  }
}
