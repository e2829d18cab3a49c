package dev.manul.datastore;

import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One kind as a watch tells it and as own reads and writes show it.
 *
 * <p>Versions can be compared for equality only. So each resource remembers the steps by which own
 * reads and writes have run ahead of the watch. What the watch tells is one of those steps, and
 * then it is on its way to what is known already; or there are no steps, and then it is news; or
 * neither, and then it is older or newer than what is known, nobody can say which, and the next
 * read asks the datastore. That is rare: it takes somebody else's write within the watch's delay of
 * an own one.
 *
 * <p>A watch may tell nothing of a resource that was gone again before it looked. So steps to a
 * resource that it does not tell in good time are looked up as well.
 */
final class WatchedKind<R extends Resource> implements Sink<R> {

  /** Own writes of one resource that the watch may lag behind before the first are forgotten. */
  private static final int MAX_STEPS = 64;

  /** Deletions of resources that the watch may lag behind, likewise. */
  private static final int MAX_GONE = 1024;

  /** How often a list looks up what is unsure before it asks for all. */
  private static final int ROUNDS = 3;

  /** How long the watch may lag behind an own write before the resource is looked up. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Datastore real;
  private final LongSupplier nanoTime;
  private final Kind<R> kind;
  private final Selection selection;
  private final boolean late;
  private final CountDownLatch synced = new CountDownLatch(1);
  private final TreeMap<Key, Slot<R>> slots = new TreeMap<>(); // guarded by this
  private final Set<Key> gone = new LinkedHashSet<>(); // guarded by this
  private final Set<String> problems = new LinkedHashSet<>(); // guarded by this
  private Watch watch;

  /**
   * A step of a resource.
   *
   * @param base the version it was made from; null when that is unknown
   * @param version the version it led to; null when that was the resource's end
   */
  private record Step(String base, String version) {}

  /** What is known of one resource; guarded by the kind. */
  private static final class Slot<R> {
    private Optional<R> known = Optional.empty();

    /** The version that the watch told last; null when it told none, or the resource's end. */
    private String told;

    /** By which the known state is ahead of what was told. */
    private final Deque<Step> ahead = new ArrayDeque<>();

    /** Whether the known state may be an old one. */
    private boolean unsure;

    /** When the last step was made or looked up. */
    private long since;

    /** Moves with all that may be news. */
    private long turn;

    /** Operations under way. */
    private int users;

    boolean idle() {
      return known.isEmpty() && ahead.isEmpty() && !unsure && users == 0;
    }
  }

  /**
   * What is known of a kind: nothing yet.
   *
   * @param late whether what the watch has not told may be there all the same, and is to be read
   */
  WatchedKind(
      Datastore real, LongSupplier nanoTime, Kind<R> kind, Selection selection, boolean late) {
    this.real = real;
    this.nanoTime = nanoTime;
    this.kind = kind;
    this.selection = selection;
    this.late = late;
  }

  void start() {
    watch = real.watch(kind, selection, this);
  }

  boolean awaitSynced(long nanos) throws InterruptedException {
    return synced.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  void close() {
    if (watch != null) {
      watch.close();
    }
  }

  // ---- reads

  Optional<R> get(Key key) {
    if (synced.getCount() > 0) {
      return real.get(kind, key);
    }
    Pending pending;
    Optional<R> fallback;
    synchronized (this) {
      Slot<R> slot = slots.get(key);
      boolean sure = slot == null || !(slot.unsure || overdue(slot));
      Optional<R> known = slot == null ? Optional.empty() : slot.known;
      if (sure && (known.isPresent() || (!late && selection.covers(Selection.ALL)))) {
        return known;
      }
      pending = sure ? null : begin(key, false);
      fallback = slot == null || slot.unsure ? Optional.empty() : known;
    }
    if (pending == null) {
      return real.get(kind, key); // perhaps there, and not among those that are watched
    }
    try {
      Optional<R> found = real.get(kind, key);
      pending.found(found);
      return found;
    } catch (DatastoreException e) {
      if (fallback.isEmpty()) {
        throw e;
      }
      return fallback; // neither is the watch told anything now
    } finally {
      pending.end();
    }
  }

  private boolean overdue(Slot<R> slot) {
    return slot.known.isPresent()
        && !slot.ahead.isEmpty()
        && nanoTime.getAsLong() - slot.since > PATIENCE.toNanos();
  }

  Listing<R> list(Selection asked) {
    if (late || synced.getCount() > 0 || !selection.covers(asked)) {
      return real.list(kind, asked);
    }
    for (int i = 0; i < ROUNDS; i++) {
      synchronized (this) {
        if (unsure().isEmpty()) {
          List<R> items = new ArrayList<>();
          for (Slot<R> slot : slots.values()) {
            slot.known.filter(asked::admits).ifPresent(items::add);
          }
          return new Listing<>(items, List.copyOf(problems));
        }
      }
      unsure().forEach(this::get);
    }
    return real.list(kind, asked);
  }

  private synchronized List<Key> unsure() {
    List<Key> keys = new ArrayList<>();
    slots.forEach(
        (key, slot) -> {
          if (slot.unsure || overdue(slot)) {
            keys.add(key);
          }
        });
    return keys;
  }

  // ---- own reads and writes

  /** Whether a write of this resource can change what is known. */
  synchronized boolean concerns(R resource) {
    return selection.admits(resource) || slots.containsKey(resource.key());
  }

  /** Notes that an operation on a resource begins. */
  synchronized Pending begin(Key key, boolean write) {
    Slot<R> slot = slots.computeIfAbsent(key, k -> new Slot<>());
    slot.users++;
    return new Pending(key, slot, write);
  }

  /** An operation under way; ended exactly once. */
  final class Pending {
    private final Key key;
    private final Slot<R> slot;
    private final long turn;
    private final boolean write;
    private boolean understood;

    private Pending(Key key, Slot<R> slot, boolean write) {
      this.key = key;
      this.slot = slot;
      this.turn = slot.turn;
      this.write = write;
    }

    /** The datastore held this at some time after the operation began. */
    void found(Optional<R> current) {
      synchronized (WatchedKind.this) {
        Optional<R> now = current.filter(selection::admits);
        if (!learned(now)) {
          return;
        }
        String version = version(now);
        if (version != null && version.equals(slot.told)) {
          slot.ahead.clear();
        } else if (slot.ahead.isEmpty()
            || !Objects.equals(version, slot.ahead.getLast().version())) {
          // Also when nothing is there and nothing was told: a whole life may still be told.
          step(null, version);
        }
        slot.unsure = false;
        slot.since = nanoTime.getAsLong();
      }
    }

    /**
     * A write was done.
     *
     * @param base the version that it replaced; "" for none, or for whatever there was
     * @param after what there is now
     */
    void wrote(String base, Optional<R> after) {
      synchronized (WatchedKind.this) {
        Optional<R> now = after.filter(selection::admits);
        boolean same = now.isPresent() && version(now).equals(version(slot.known));
        if (learned(now) && !same) {
          step(base.isEmpty() ? null : base, version(now));
        }
      }
    }

    /** Makes this what is known, unless something else was learned since the operation began. */
    private boolean learned(Optional<R> now) {
      understood = true;
      if (slot.turn != turn) {
        // Which of the two is newer cannot be told.
        slot.unsure |= !Objects.equals(version(now), version(slot.known));
        return false;
      }
      slot.known = now;
      slot.turn++;
      gone.remove(key);
      if (now.isEmpty()) {
        gone.add(key);
      }
      return true;
    }

    private void step(String base, String version) {
      slot.ahead.addLast(new Step(base, version));
      slot.since = nanoTime.getAsLong();
      if (slot.ahead.size() > MAX_STEPS) {
        slot.ahead.removeFirst();
      }
    }

    /** Ends the operation; a write whose outcome nobody learned may have changed anything. */
    void end() {
      synchronized (WatchedKind.this) {
        if (!understood && write) {
          slot.unsure = true;
          slot.turn++;
        } else if (!understood) {
          slot.since = nanoTime.getAsLong();
        }
        slot.users--;
        tidy(key, slot);
      }
    }
  }

  private static String version(Optional<? extends Resource> resource) {
    return resource.map(r -> r.metadata().resourceVersion()).orElse(null);
  }

  /** Forgets what need not be remembered; called with the lock held. */
  private void tidy(Key key, Slot<R> slot) {
    if (slot.idle()) {
      slots.remove(key, slot);
      gone.remove(key);
    }
    while (gone.size() > MAX_GONE) {
      Key oldest = gone.iterator().next();
      gone.remove(oldest);
      Slot<R> old = slots.get(oldest);
      if (old != null && old.known.isEmpty() && old.users == 0) {
        slots.remove(oldest);
      }
    }
  }

  // ---- what the watch tells

  @Override
  public synchronized void present(R resource) {
    told(resource.key(), Optional.of(resource));
  }

  /** The same from a watch of more than is to be known. */
  synchronized void seen(R resource) {
    if (selection.admits(resource)) {
      present(resource);
    } else if (slots.containsKey(resource.key())) {
      absent(resource.key());
    }
  }

  @Override
  public synchronized void absent(Key key) {
    told(key, Optional.empty());
  }

  private void told(Key key, Optional<R> now) {
    Slot<R> slot = slots.computeIfAbsent(key, k -> new Slot<>());
    String before = slot.told;
    slot.told = version(now);
    if (slot.ahead.isEmpty()) {
      if (!slot.unsure) {
        slot.known = now;
      }
      slot.turn++;
    } else if (!overtaken(slot, before)) {
      slot.unsure = true;
      slot.turn++;
    }
    tidy(key, slot);
  }

  /** Whether what was told is one of the steps ahead; then it and those before it are done. */
  private boolean overtaken(Slot<R> slot, String before) {
    int place = 0;
    for (Step step : slot.ahead) {
      if (leadsTo(step, slot.told, before)) {
        drop(slot.ahead, place + 1);
        return true;
      }
      if (slot.told != null && slot.told.equals(step.base())) {
        drop(slot.ahead, place);
        return true;
      }
      place++;
    }
    return false;
  }

  /** An end is known by what was there before: there may have been others. */
  private static boolean leadsTo(Step step, String told, String before) {
    return told == null
        ? step.version() == null && step.base() != null && step.base().equals(before)
        : told.equals(step.version());
  }

  private static void drop(Deque<Step> steps, int count) {
    for (int i = 0; i < count; i++) {
      steps.removeFirst();
    }
  }

  @Override
  public void synced() {
    synced.countDown();
  }

  @Override
  public synchronized void broken(String problem) {
    problems.add(problem);
  }

  @Override
  public synchronized void mended() {
    problems.clear();
  }
}
