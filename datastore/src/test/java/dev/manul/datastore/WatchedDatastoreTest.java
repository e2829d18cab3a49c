package dev.manul.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.memory.FaultyDatastore;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known by heart is never older than what was written or read by the same hand. */
class WatchedDatastoreTest {

  private static final Key KEY = Key.of("h");

  private final MemoryDatastore memory = new MemoryDatastore();
  private final LateWatches late = new LateWatches(memory);
  private final AtomicLong nanoTime = new AtomicLong();
  private WatchedDatastore watched;

  @BeforeEach
  void open() {
    watched =
        new WatchedDatastore(late, Map.of(IPAMHandle.KIND, Selection.ALL), Map.of(), nanoTime::get);
    await().until(() -> late.waiting() == 1);
    late.tell();
    assertThat(watched.awaitSynced(Duration.ZERO)).isTrue();
  }

  @AfterEach
  void close() {
    watched.close();
    memory.close();
  }

  private static IPAMHandle handle(String name, int count) {
    return DatastoreContract.handle(name, count);
  }

  private static IPAMHandle written(WriteResult<IPAMHandle> result) {
    return DatastoreContract.written(result);
  }

  private void awaitWaiting(int calls) {
    await().until(() -> late.waiting() == calls);
  }

  @Test
  void knowsNothingBeforeItsWatchHasToldAll() {
    LateWatches slow = new LateWatches(memory);
    try (WatchedDatastore store =
        new WatchedDatastore(slow, Map.of(IPAMHandle.KIND, Selection.ALL))) {
      IPAMHandle there = written(memory.create(handle("h", 1)));
      assertThat(store.awaitSynced(Duration.ofMillis(1))).isFalse();
      assertThat(store.get(IPAMHandle.KIND, KEY)).contains(there);
      assertThat(store.list(IPAMHandle.KIND, Selection.ALL).items()).containsExactly(there);
      assertThat(slow.reads()).isEqualTo(2);
    }
  }

  @Test
  void ownWritesAreSeenAtOnceAndReadNothing() {
    IPAMHandle first = written(watched.create(handle("h", 1)));
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(first);
    IPAMHandle second = written(watched.update(first.withSpec(handle("h", 2).spec())));
    assertThat(watched.list(IPAMHandle.KIND, Selection.ALL).items()).containsExactly(second);
    written(watched.delete(second));
    assertThat(watched.get(IPAMHandle.KIND, KEY)).isEmpty();
    assertThat(watched.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(late.reads()).isZero();
  }

  @Test
  void whatTheWatchTellsLateOfOwnWritesChangesNothing() {
    IPAMHandle one = written(watched.create(handle("h", 1)));
    awaitWaiting(1);
    IPAMHandle two = written(watched.update(one.withSpec(handle("h", 2).spec())));
    awaitWaiting(2);
    IPAMHandle three = written(watched.update(two.withSpec(handle("h", 3).spec())));
    awaitWaiting(3);
    for (int i = 0; i < 3; i++) {
      late.tell();
      assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(three);
    }
    written(watched.delete(three));
    awaitWaiting(1);
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).isEmpty();
    assertThat(late.reads()).isZero();
  }

  @Test
  void anotherLifeIsToldLateAndChangesNothing() {
    IPAMHandle one = written(watched.create(handle("h", 1)));
    awaitWaiting(1);
    written(watched.delete(one));
    awaitWaiting(2);
    IPAMHandle two = written(watched.create(handle("h", 2)));
    awaitWaiting(3);
    for (int i = 0; i < 3; i++) {
      late.tell();
      assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(two);
    }
    assertThat(late.reads()).isZero();
  }

  @Test
  void othersWritesAreSeenWhenTheyAreTold() {
    IPAMHandle one = written(memory.create(handle("h", 1)));
    awaitWaiting(1);
    assertThat(watched.get(IPAMHandle.KIND, KEY)).isEmpty();
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(one);
    written(memory.delete(one));
    awaitWaiting(1);
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).isEmpty();
    assertThat(late.reads()).isZero();
  }

  @Test
  void aRefusedWriteShowsTheNewState() {
    IPAMHandle one = written(watched.create(handle("h", 1)));
    awaitWaiting(1);
    IPAMHandle two = written(memory.update(one));
    awaitWaiting(2);
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(one);
    assertThat(watched.update(one)).isInstanceOf(WriteResult.Conflict.class);
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(two);
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(two);
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(two);
    assertThat(late.reads()).isZero();
  }

  @Test
  void whatCannotBeOrderedIsRead() {
    IPAMHandle one = written(memory.create(handle("h", 1)));
    awaitWaiting(1);
    late.tell();
    IPAMHandle two = written(memory.update(one)); // somebody else's, told late
    awaitWaiting(1);
    IPAMHandle three = written(watched.update(handle("h", 3))); // whatever is there
    awaitWaiting(2);
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(three);
    assertThat(late.reads()).isEqualTo(1);
    assertThat(two).isNotEqualTo(three);
    late.tell();
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(three);
    assertThat(late.reads()).isEqualTo(1);
  }

  @Test
  void aWriteOfUnknownOutcomeIsLookedUp() {
    AtomicBoolean failing = new AtomicBoolean();
    FaultyDatastore faulty =
        new FaultyDatastore(
            late,
            new FaultyDatastore.Hook() {
              @Override
              public void before(FaultyDatastore.Operation operation, Resource resource) {}

              @Override
              public void after(
                  FaultyDatastore.Operation operation, Resource resource, WriteResult<?> result) {
                if (failing.get()) {
                  throw new DatastoreException("no answer");
                }
              }
            });
    try (WatchedDatastore store =
        new WatchedDatastore(faulty, Map.of(IPAMHandle.KIND, Selection.ALL))) {
      awaitWaiting(1);
      late.tell();
      failing.set(true);
      assertThatThrownBy(() -> store.create(handle("h", 1))).hasMessage("no answer");
      assertThat(store.get(IPAMHandle.KIND, KEY)).isPresent();
      assertThat(late.reads()).isEqualTo(1);
      assertThat(store.get(IPAMHandle.KIND, KEY)).isPresent();
      assertThat(late.reads()).isEqualTo(1);
    }
  }

  @Test
  void whatIsGoneBeforeTheWatchLookedIsLookedUpInTime() {
    written(watched.create(handle("h", 1)));
    awaitWaiting(1);
    // The watch's call is lost, as if the two had been merged.
    IPAMHandle again = written(memory.update(handle("h", 2)));
    written(memory.delete(again));
    assertThat(watched.get(IPAMHandle.KIND, KEY)).isPresent();
    assertThat(late.reads()).isZero();
    nanoTime.addAndGet(WatchedKind.PATIENCE.toNanos() + 1);
    assertThat(watched.get(IPAMHandle.KIND, KEY)).isEmpty();
    assertThat(late.reads()).isEqualTo(1);
  }

  @Test
  void whatIsKnownIsAnsweredWhileTheDatastoreIsAway() {
    IPAMHandle one = written(watched.create(handle("h", 1)));
    awaitWaiting(1);
    memory.close();
    nanoTime.addAndGet(WatchedKind.PATIENCE.toNanos() + 1);
    assertThat(watched.get(IPAMHandle.KIND, KEY)).contains(one);
    assertThat(watched.list(IPAMHandle.KIND, Selection.ALL).items()).containsExactly(one);
  }

  @Test
  void aPartOfAKindIsKnownAndTheRestIsAskedFor() {
    Node mine = DatastoreContract.written(memory.create(node("mine")));
    Node other = DatastoreContract.written(memory.create(node("other")));
    LateWatches counting = new LateWatches(memory);
    try (WatchedDatastore store =
        new WatchedDatastore(counting, Map.of(Node.KIND, Selection.onNode("mine")))) {
      await().until(() -> counting.waiting() == 2);
      counting.tellAll();
      assertThat(store.get(Node.KIND, Key.of("mine"))).contains(mine);
      assertThat(store.list(Node.KIND, Selection.onNode("mine")).items()).containsExactly(mine);
      assertThat(counting.reads()).isZero();
      assertThat(store.get(Node.KIND, Key.of("other"))).contains(other);
      assertThat(store.list(Node.KIND, Selection.ALL).items()).containsExactly(mine, other);
      assertThat(counting.reads()).isEqualTo(2);
    }
  }

  @Test
  void whatAWatchOfSomebodyElseTellsIsKnownWhileItGoesOn() {
    Node mine = DatastoreContract.written(memory.create(node("mine")));
    memory.create(node("other"));
    LateWatches counting = new LateWatches(memory);
    Map<Kind<?>, Selection> overheard = Map.of(Node.KIND, Selection.onNode("mine"));
    List<String> told = new CopyOnWriteArrayList<>();
    try (WatchedDatastore store = new WatchedDatastore(counting, Map.of(), overheard)) {
      Watch watch = store.watch(Node.KIND, Selection.ALL, new Telling(told));
      await().until(() -> counting.waiting() == 3);
      assertThat(store.get(Node.KIND, Key.of("mine"))).contains(mine);
      assertThat(counting.reads()).as("nothing is known before all was told").isEqualTo(1);
      counting.tellAll();
      assertThat(told).containsExactlyInAnyOrder("mine", "other", "all");

      assertThat(store.get(Node.KIND, Key.of("mine"))).contains(mine);
      assertThat(counting.reads()).isEqualTo(1);
      assertThat(store.get(Node.KIND, Key.of("other"))).isPresent();
      assertThat(counting.reads()).as("not among what is known").isEqualTo(2);
      assertThat(store.list(Node.KIND, Selection.ALL).items()).hasSize(2);
      assertThat(counting.reads()).isEqualTo(3);

      written(memory.delete(mine), counting);
      assertThat(told).contains("no mine");
      assertThat(store.get(Node.KIND, Key.of("mine"))).isEmpty();
      assertThat(counting.reads()).as("it may be there again").isEqualTo(4);

      Node again = DatastoreContract.written(memory.create(node("mine")));
      await().until(() -> counting.waiting() == 1);
      counting.tellAll();
      watch.close();
      assertThat(store.get(Node.KIND, Key.of("mine"))).contains(again);
      assertThat(counting.reads()).as("nobody tells anything any more").isEqualTo(5);
    }
  }

  private static void written(WriteResult<Node> result, LateWatches tellsLate) {
    DatastoreContract.written(result);
    await().until(() -> tellsLate.waiting() == 1);
    tellsLate.tellAll();
  }

  @Test
  void aNarrowerWatchIsNotOverheard() {
    Map<Kind<?>, Selection> overheard = Map.of(Node.KIND, Selection.ALL);
    memory.create(node("mine"));
    LateWatches counting = new LateWatches(memory);
    try (WatchedDatastore store = new WatchedDatastore(counting, Map.of(), overheard);
        Watch _ =
            store.watch(Node.KIND, Selection.onNode("other"), new Telling(new ArrayList<>()))) {
      await().until(() -> counting.waiting() == 1);
      counting.tellAll();
      assertThat(store.get(Node.KIND, Key.of("mine"))).isPresent();
      assertThat(counting.reads()).isEqualTo(1);
    }
  }

  /** Writes down what it is told. */
  private record Telling(List<String> told) implements Sink<Node> {
    @Override
    public void present(Node node) {
      told.add(node.metadata().name());
    }

    @Override
    public void absent(Key key) {
      told.add("no " + key.name());
    }

    @Override
    public void synced() {
      told.add("all");
    }
  }

  private static Node node(String name) {
    return new Node(Metadata.named(name), Node.Spec.EMPTY);
  }

  /**
   * Own and others' writes of few resources in a random order, told at random times: nothing own is
   * ever forgotten, and in the end all is known.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void nothingOwnIsForgottenInAnyOrder(long seed) {
    Random random = new Random(seed);
    Map<Key, Long> atLeast = new TreeMap<>();
    Set<Key> mayBeAbsent = new TreeSet<>(List.of(Key.of("h0"), Key.of("h1"), Key.of("h2")));
    for (int i = 0; i < 2000; i++) {
      String name = "h" + random.nextInt(3);
      Key key = Key.of(name);
      Optional<IPAMHandle> known = watched.get(IPAMHandle.KIND, key);
      if (known.isPresent()) {
        assertThat(version(known.get()))
            .as("seed %s step %s", seed, i)
            .isGreaterThanOrEqualTo(atLeast.getOrDefault(key, 0L));
      } else {
        assertThat(mayBeAbsent).as("seed %s step %s", seed, i).contains(key);
      }
      switch (random.nextInt(7)) {
        case 0, 1 -> {
          if (watched.update(known.orElse(handle(name, i)))
              instanceof WriteResult.Written<IPAMHandle>(IPAMHandle stored)) {
            atLeast.put(key, version(stored));
            mayBeAbsent.remove(key);
          }
        }
        case 2 -> {
          if (watched.create(handle(name, i))
              instanceof WriteResult.Written<IPAMHandle>(IPAMHandle stored)) {
            atLeast.put(key, version(stored));
            mayBeAbsent.remove(key);
          }
        }
        case 3 -> {
          if (watched.delete(known.orElse(handle(name, i)))
              instanceof WriteResult.Written<IPAMHandle>(IPAMHandle stored)) {
            atLeast.put(key, version(stored) + 1);
            mayBeAbsent.add(key);
          }
        }
        case 4 -> memory.update(handle(name, i));
        case 5 -> {
          if (random.nextBoolean()) {
            memory.create(handle(name, i));
          } else if (memory.delete(handle(name, i)) instanceof WriteResult.Written) {
            mayBeAbsent.add(key);
          }
        }
        default -> {
          for (int n = random.nextInt(5); n > 0 && late.waiting() > 0; n--) {
            late.tell();
          }
        }
      }
    }
    await()
        .untilAsserted(
            () -> {
              late.tellAll();
              nanoTime.addAndGet(WatchedKind.PATIENCE.toNanos() + 1);
              List<IPAMHandle> real = memory.list(IPAMHandle.KIND, Selection.ALL).items();
              assertThat(watched.list(IPAMHandle.KIND, Selection.ALL).items()).isEqualTo(real);
              int before = late.reads();
              assertThat(watched.list(IPAMHandle.KIND, Selection.ALL).items()).isEqualTo(real);
              assertThat(late.reads() - before).isZero();
            });
  }

  private static long version(IPAMHandle handle) {
    return Long.parseLong(handle.metadata().resourceVersion());
  }
}
