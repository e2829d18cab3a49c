package dev.manul.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.model.BlockAffinity;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every datastore does alike. */
public abstract class DatastoreContract {

  protected Datastore store;

  /** A datastore without resources. */
  protected abstract Datastore open() throws Exception;

  /** Makes what a workload endpoint of a pod needs to be stored. */
  protected void preparePod(String namespace, String pod) throws Exception {}

  /** Whether an update that changes nothing is a new version. */
  protected boolean countsUnchangedUpdates() {
    return true;
  }

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  protected static IPPool pool(String name, String cidr) {
    return new IPPool(Metadata.named(name), IPPool.Spec.of(Prefix.parse(cidr)));
  }

  protected static IPAMHandle handle(String name, int count) {
    return new IPAMHandle(
        Metadata.named(name), new IPAMHandle.Spec(name, Map.of("10.0.0.0/26", count), false));
  }

  protected static WorkloadEndpoint endpoint(String namespace, String pod) {
    return new WorkloadEndpoint(
        Metadata.named(namespace, WorkloadEndpoint.nameOf("n1", pod)),
        WorkloadEndpoint.Spec.ofPod(
            "n1", pod, "c", List.of(Prefix.parse("10.0.0.1/32")), "cali0123456789a"));
  }

  protected static <R extends dev.manul.model.Resource> R written(WriteResult<R> result) {
    assertThat(result).isInstanceOf(WriteResult.Written.class);
    return ((WriteResult.Written<R>) result).resource();
  }

  private static <R extends dev.manul.model.Resource> Optional<R> conflict(WriteResult<R> result) {
    assertThat(result).isInstanceOf(WriteResult.Conflict.class);
    return ((WriteResult.Conflict<R>) result).current();
  }

  @Test
  void createdResourcesAreRead() {
    IPPool created = written(store.create(pool("a", "10.0.0.0/16")));

    assertThat(created.metadata().resourceVersion()).isNotEmpty();
    assertThat(created.metadata().uid()).isNotEmpty();
    assertThat(created.metadata().creationTimestamp()).endsWith("Z");
    assertThat(created.spec()).isEqualTo(pool("a", "10.0.0.0/16").spec());
    assertThat(store.get(IPPool.KIND, Key.of("a"))).contains(created);
    assertThat(store.list(IPPool.KIND, Selection.ALL).items()).containsExactly(created);
  }

  @Test
  void nothingIsWhereNothingWasStored() {
    assertThat(store.get(IPPool.KIND, Key.of("a"))).isEmpty();
    assertThat(store.list(IPPool.KIND, Selection.ALL).items()).isEmpty();
    assertThat(store.list(WorkloadEndpoint.KIND, Selection.inNamespace("x")).items()).isEmpty();
  }

  @Test
  void createOfWhatExistsIsAConflict() {
    IPPool first = written(store.create(pool("a", "10.0.0.0/16")));
    assertThat(conflict(store.create(pool("a", "10.1.0.0/16")))).contains(first);
    assertThat(store.get(IPPool.KIND, Key.of("a"))).contains(first);
  }

  @Test
  void updateComparesTheVersion() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    IPAMHandle second = written(store.update(first.withSpec(handle("h", 2).spec())));

    assertThat(second.metadata().resourceVersion())
        .isNotEqualTo(first.metadata().resourceVersion());
    assertThat(second.metadata().uid()).isEqualTo(first.metadata().uid());
    assertThat(second.metadata().creationTimestamp())
        .isEqualTo(first.metadata().creationTimestamp());
    assertThat(conflict(store.update(first.withSpec(handle("h", 3).spec())))).contains(second);
    assertThat(store.get(IPAMHandle.KIND, Key.of("h"))).contains(second);
  }

  @Test
  void updateToTheSameContentMovesTheVersion() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    IPAMHandle second = written(store.update(first));
    if (!countsUnchangedUpdates()) {
      assertThat(second).isEqualTo(first);
      return;
    }
    assertThat(second.metadata().resourceVersion())
        .isNotEqualTo(first.metadata().resourceVersion());
    assertThat(conflict(store.update(first))).contains(second);
  }

  @Test
  void updateWithoutAVersionReplacesWhateverIsThere() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    IPAMHandle second = written(store.update(handle("h", 5)));
    assertThat(second.spec()).isEqualTo(handle("h", 5).spec());
    assertThat(second.metadata().uid()).isEqualTo(first.metadata().uid());
  }

  @Test
  void updateAndDeleteOfWhatIsGoneAreConflicts() {
    assertThat(conflict(store.update(handle("h", 1)))).isEmpty();
    assertThat(conflict(store.delete(handle("h", 1)))).isEmpty();
    IPAMHandle first = written(store.create(handle("h", 1)));
    written(store.delete(first));
    assertThat(conflict(store.update(first))).isEmpty();
    assertThat(conflict(store.delete(first))).isEmpty();
  }

  @Test
  void deleteComparesTheVersion() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    IPAMHandle second = written(store.update(first.withSpec(handle("h", 2).spec())));
    assertThat(conflict(store.delete(first))).contains(second);
    assertThat(written(store.delete(second))).isEqualTo(second);
    assertThat(store.get(IPAMHandle.KIND, Key.of("h"))).isEmpty();
  }

  @Test
  void aSecondLifeHasAnotherVersionAndIdentity() {
    IPAMHandle first = written(store.create(handle("h", 1)));
    written(store.delete(first));
    IPAMHandle second = written(store.create(handle("h", 1)));
    assertThat(second.metadata().uid()).isNotEqualTo(first.metadata().uid());
    assertThat(conflict(store.delete(first))).contains(second);
  }

  @Test
  void listsAreInTheOrderOfKeysAndSelect() throws Exception {
    preparePod("ns2", "a");
    preparePod("ns1", "b");
    preparePod("ns1", "a");
    written(store.create(endpoint("ns2", "a")));
    written(store.create(endpoint("ns1", "b")));
    written(store.create(endpoint("ns1", "a")));

    assertThat(store.list(WorkloadEndpoint.KIND, Selection.ALL).items())
        .extracting(e -> e.key().toString())
        .containsExactly("ns1/n1-k8s-a-eth0", "ns1/n1-k8s-b-eth0", "ns2/n1-k8s-a-eth0");
    assertThat(store.list(WorkloadEndpoint.KIND, Selection.inNamespace("ns1")).items()).hasSize(2);

    IPAMHandle labelled =
        handle("l", 1)
            .withMetadata(Metadata.named("l").withLabels(Map.of("team", "red", "tier", "db")));
    written(store.create(labelled));
    written(store.create(handle("m", 1)));
    assertThat(store.list(IPAMHandle.KIND, Selection.labelled(Map.of("team", "red"))).items())
        .extracting(h -> h.metadata().name())
        .containsExactly("l");
  }

  @Test
  void invalidResourcesAreRefused() {
    assertThatThrownBy(() -> store.create(pool("", "10.0.0.0/16")))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("metadata.name");
    assertThatThrownBy(
            () -> store.create(endpoint("", "a").withMetadata(Metadata.named("n1-k8s-a-eth0"))))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("metadata.namespace");
    assertThatThrownBy(() -> store.create(pool("b", "169.254.0.0/20")))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("IPPool b: spec.cidr");
  }

  @Test
  void immutableFieldsAndOverlapsAreRefused() {
    IPPool first = written(store.create(pool("a", "10.0.0.0/16")));
    assertThatThrownBy(() -> store.update(first.withSpec(first.spec().withBlockSize(27))))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("spec.blockSize");
    assertThatThrownBy(() -> store.create(pool("b", "10.0.128.0/17")))
        .isInstanceOf(InvalidResourceException.class)
        .hasMessageContaining("spec.cidr")
        .hasMessageContaining("10.0.0.0/16");
    assertThat(store.list(IPPool.KIND, Selection.ALL).items()).containsExactly(first);
    written(store.update(first.withSpec(first.spec().withNatOutgoing(true))));
  }

  @Test
  void oneOfManyThreadsWinsEachRace() throws Exception {
    written(store.create(handle("h", 0)));
    int threads = 4;
    int rounds = 50;
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      tasks.add(
          () -> {
            int conflicts = 0;
            for (int i = 0; i < rounds; ) {
              IPAMHandle current = store.get(IPAMHandle.KIND, Key.of("h")).orElseThrow();
              int count = current.spec().block().getOrDefault("10.0.0.0/26", 0);
              if (store.update(current.withSpec(handle("h", count + 1).spec()))
                  instanceof WriteResult.Written) {
                i++;
              } else {
                conflicts++;
              }
            }
            return conflicts;
          });
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Future<Integer> future : pool.invokeAll(tasks)) {
        assertThat(future.get()).isNotNegative();
      }
    }
    assertThat(store.get(IPAMHandle.KIND, Key.of("h")).orElseThrow().spec().block())
        .containsEntry("10.0.0.0/26", threads * rounds);
  }

  @Test
  void watchesTellWhatIsAndWhatComes() {
    IPAMHandle first = written(store.create(handle("a", 1)));
    RecordingSink<IPAMHandle> sink = new RecordingSink<>();
    try (Watch watch = store.watch(IPAMHandle.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1);
      assertThat(sink.events()).containsExactly("present a", "synced");

      IPAMHandle changed = written(store.update(first.withSpec(handle("a", 2).spec())));
      await().until(() -> changed.equals(sink.state().get(Key.of("a"))));
      IPAMHandle second = written(store.create(handle("b", 1)));
      await().until(() -> second.equals(sink.state().get(Key.of("b"))));
      written(store.delete(changed));
      await().until(() -> !sink.state().containsKey(Key.of("a")));
      assertThat(sink.timesSynced()).isEqualTo(1);
    }
  }

  @Test
  void watchesSelect() throws Exception {
    preparePod("ns2", "a");
    preparePod("ns1", "a");
    RecordingSink<WorkloadEndpoint> sink = new RecordingSink<>();
    try (Watch watch = store.watch(WorkloadEndpoint.KIND, Selection.inNamespace("ns1"), sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1);
      written(store.create(endpoint("ns2", "a")));
      WorkloadEndpoint mine = written(store.create(endpoint("ns1", "a")));
      await().until(() -> sink.state().containsKey(mine.key()));
      assertThat(sink.state()).hasSize(1);
    }
  }

  @Test
  void losingALabelIsGoingFromTheWatch() {
    BlockAffinity labelled =
        new BlockAffinity(
            Metadata.named("n-10-0-0-0-26").withLabels(Map.of("node", "n")),
            new BlockAffinity.Spec(null, "n", null, Prefix.parse("10.0.0.0/26"), false));
    BlockAffinity stored = written(store.create(labelled));
    RecordingSink<BlockAffinity> sink = new RecordingSink<>();
    try (Watch watch =
        store.watch(BlockAffinity.KIND, Selection.labelled(Map.of("node", "n")), sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1 && sink.state().size() == 1);
      written(store.update(stored.withMetadata(stored.metadata().withLabels(Map.of()))));
      await().until(() -> sink.state().isEmpty());
    }
  }

  @Test
  void aClosedWatchIsSilent() {
    RecordingSink<IPAMHandle> closed = new RecordingSink<>();
    RecordingSink<IPAMHandle> open = new RecordingSink<>();
    Watch first = store.watch(IPAMHandle.KIND, Selection.ALL, closed);
    Watch second = store.watch(IPAMHandle.KIND, Selection.ALL, open);
    await().until(() -> closed.timesSynced() == 1 && open.timesSynced() == 1);
    first.close();
    written(store.create(handle("a", 1)));
    await().until(() -> open.state().size() == 1);
    assertThat(closed.state()).isEmpty();
    second.close();
  }

  @Test
  void aFailingSinkDoesNotStopOthers() {
    RecordingSink<IPAMHandle> sink = new RecordingSink<>();
    Sink<IPAMHandle> failing =
        new Sink<>() {
          @Override
          public void present(IPAMHandle resource) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void absent(Key key) {}

          @Override
          public void synced() {}
        };
    try (Watch bad = store.watch(IPAMHandle.KIND, Selection.ALL, failing);
        Watch good = store.watch(IPAMHandle.KIND, Selection.ALL, sink)) {
      assertThat(bad).isNotSameAs(good);
      written(store.create(handle("a", 1)));
      written(store.create(handle("b", 1)));
      await().until(() -> sink.state().size() == 2);
    }
  }

  /** Notes what a campaign's listener is told. */
  private static final class Outcome implements Campaign.Listener {
    private final AtomicInteger terms = new AtomicInteger();

    @Override
    public void elected() {
      terms.incrementAndGet();
    }

    @Override
    public void deposed() {
      terms.addAndGet(100);
    }
  }

  @Test
  @SuppressWarnings("try") // a campaign may be closed twice, and is
  void oneCandidateHoldsAnOfficeAndHandsItOver() {
    Outcome first = new Outcome();
    Outcome second = new Outcome();
    Outcome other = new Outcome();
    try (Campaign one = store.campaign("keeper", "n1", first)) {
      await().until(one::leads);
      try (Campaign two = store.campaign("keeper", "n2", second);
          Campaign elsewhere = store.campaign("gardener", "n2", other)) {
        await().until(elsewhere::leads);
        assertThat(two.leads()).isFalse();
        one.close();
        assertThat(first.terms).hasValue(101);
        await().until(two::leads);
        assertThat(one.leads()).isFalse();
        assertThat(second.terms).hasValue(1);
      }
      assertThat(second.terms).hasValue(101);
    }
    assertThat(first.terms).hasValue(101);
  }
}
