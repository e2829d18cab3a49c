package dev.manul.datastore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Listing;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPAMHandle;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import dev.manul.model.WorkloadEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and their editors do to the files. */
final class HandEditTest {
  /** Well below the time that a broken file is given. */
  private static final Duration SHORT_PAUSE = Duration.ofMillis(20);

  private static final Key POOL = Key.of("pool");
  private static final String GOOD =
      """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata:
        name: pool
      spec:
        cidr: 10.244.0.0/16
        ipipMode: Always
      """;

  @TempDir Path parent;

  private Path directory;
  private Path file;
  private FileDatastore store;

  @BeforeEach
  void open() {
    directory = parent.resolve("store");
    file = directory.resolve("ippools/pool.yaml");
    store = FileDatastore.open(directory);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private IPPool pool() {
    return store.get(IPPool.KIND, POOL).orElseThrow();
  }

  private String version() {
    return pool().metadata().resourceVersion();
  }

  private IPPool created() {
    WriteResult<IPPool> result =
        store.create(
            new IPPool(Metadata.named("pool"), IPPool.Spec.of(Prefix.parse("10.244.0.0/16"))));
    return ((WriteResult.Written<IPPool>) result).resource();
  }

  @Test
  void aFileMadeByHandIsAResource() throws IOException {
    Files.writeString(file, GOOD);
    IPPool pool = pool();
    assertThat(pool.spec().ipipMode()).isEqualTo(EncapsulationMode.ALWAYS);

    IPPool changed = pool.withSpec(pool.spec().withNatOutgoing(true));
    assertThat(store.update(changed)).isInstanceOf(WriteResult.Written.class);
    assertThat(pool().metadata().uid()).isNotEmpty();
    assertThat(store.update(changed)).isInstanceOf(WriteResult.Conflict.class);
  }

  @Test
  void anEditInPlaceMovesTheVersion() throws IOException {
    IPPool before = created();
    // the same length, at once, without touching the version that stands in the file
    Files.writeString(file, Files.readString(file).replace("26", "27"));
    assertThat(pool().spec().blockSize()).isEqualTo(27);
    assertThat(version()).isNotEqualTo(before.metadata().resourceVersion());
    assertThat(store.update(before)).isInstanceOf(WriteResult.Conflict.class);
  }

  @Test
  void manyFastEditsAreAllSeen() throws IOException {
    created();
    String text = Files.readString(file);
    for (int i = 0; i < 200; i++) {
      int size = 20 + i % 10;
      Files.writeString(file, text.replace("blockSize: 26", "blockSize: " + size));
      assertThat(pool().spec().blockSize()).isEqualTo(size);
    }
  }

  @Test
  void anEditByRenameWithTheOldTimesIsSeen() throws IOException {
    IPPool before = created();
    Path copy = directory.resolve("ippools/.pool.yaml.swp");
    Files.writeString(copy, Files.readString(file).replace("26", "28"));
    Files.setLastModifiedTime(copy, Files.getLastModifiedTime(file));
    Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(pool().spec().blockSize()).isEqualTo(28);
    assertThat(version()).isNotEqualTo(before.metadata().resourceVersion());
  }

  @Test
  void editorsLeftoversAreNoResources() throws IOException {
    created();
    for (String name : List.of(".pool.yaml.swp", "pool.yaml~", "4913", "#pool.yaml#", ".x.yaml")) {
      Files.writeString(directory.resolve("ippools").resolve(name), "{");
    }
    Listing<IPPool> listing = store.list(IPPool.KIND, Selection.ALL);
    assertThat(listing.items()).hasSize(1);
    assertThat(listing.problems()).isEmpty();
  }

  @Test
  void theLastGoodVersionStaysInForce() throws IOException {
    IPPool good = created();
    Files.writeString(file, "spec: [");

    assertThat(store.get(IPPool.KIND, POOL)).contains(good);
    Listing<IPPool> listing = store.list(IPPool.KIND, Selection.ALL);
    assertThat(listing.items()).containsExactly(good);
    assertThat(listing.problems()).hasSize(1);
    assertThat(listing.problems().getFirst()).startsWith(file + ":1:").doesNotContain("\n");

    try (FileDatastore later = FileDatastore.open(directory)) {
      assertThat(later.get(IPPool.KIND, POOL)).contains(good);
      assertThat(later.list(IPPool.KIND, Selection.ALL).problems()).hasSize(1);
    }

    Files.writeString(file, GOOD);
    assertThat(pool().spec().ipipMode()).isEqualTo(EncapsulationMode.ALWAYS);
    assertThat(store.list(IPPool.KIND, Selection.ALL).problems()).isEmpty();
    assertThat(directory.resolve(".good/ippools/pool.yaml")).doesNotExist();
  }

  @Test
  void aFileThatWasNeverGoodIsAbsentAndNamed() throws IOException {
    Files.writeString(file, GOOD.replace("cidr", "cdir"));
    assertThat(store.get(IPPool.KIND, POOL)).isEmpty();
    Listing<IPPool> listing = store.list(IPPool.KIND, Selection.ALL);
    assertThat(listing.items()).isEmpty();
    assertThat(listing.problems())
        .containsExactly(
            file + ": document 1: field spec.cdir is not known; did you mean spec.cidr?");
  }

  @Test
  void aBrokenFileIsNotOverwrittenButByForce() throws IOException {
    IPPool good = created();
    Files.writeString(file, "spec: [");

    assertThatThrownBy(() -> store.update(good))
        .isInstanceOf(DatastoreException.class)
        .hasMessageContaining("repair or delete the file");
    assertThatThrownBy(this::created)
        .isInstanceOf(DatastoreException.class)
        .hasMessageContaining("repair or delete the file");
    assertThat(Files.readString(file)).isEqualTo("spec: [");

    assertThat(store.update(good.withMetadata(good.metadata().withResourceVersion(""))))
        .isInstanceOf(WriteResult.Written.class);
    assertThat(store.list(IPPool.KIND, Selection.ALL).problems()).isEmpty();
    Files.writeString(file, "spec: [");
    assertThat(store.delete(pool())).isInstanceOf(WriteResult.Written.class);
    assertThat(file).doesNotExist();
    assertThat(store.get(IPPool.KIND, POOL)).isEmpty();
    assertThat(directory.resolve(".good/ippools/pool.yaml")).doesNotExist();
  }

  @Test
  void wrongNamesKindsAndRulesAreProblems() throws IOException {
    Path other = directory.resolve("ippools/other.yaml");
    Files.writeString(other, GOOD);
    Files.writeString(directory.resolve("ippools/two.yaml"), GOOD + "---\n" + GOOD);
    Files.writeString(directory.resolve("ippools/kind.yaml"), GOOD.replace("IPPool", "BGPPeer"));
    Files.writeString(file, GOOD.replace("ipipMode: Always", "blockSize: 8"));
    Files.write(directory.resolve("ippools/bytes.yaml"), new byte[] {'a', (byte) 0xff});
    assertThat(store.list(IPPool.KIND, Selection.ALL).problems())
        .satisfiesExactly(
            p -> assertThat(p).contains("bytes.yaml: is not text in UTF-8"),
            p -> assertThat(p).contains("kind.yaml: ").contains("not known"),
            p -> assertThat(p).contains("other.yaml: field metadata.name: pool belongs in"),
            p -> assertThat(p).contains("spec.blockSize: got 8, allowed are 20 to 32"),
            p -> assertThat(p).contains("two.yaml: has 2 resources, wanted 1"));
  }

  @Test
  void watchesTellEditsBreaksAndRepairs() throws IOException {
    IPPool good = created();
    RecordingSink<IPPool> sink = new RecordingSink<>();
    try (Watch watch = store.watch(IPPool.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1);

      Files.writeString(file, "spec: [");
      await().until(() -> sink.problems().size() == 1);
      assertThat(sink.problems().getFirst()).startsWith(file + ":1:");
      assertThat(sink.state()).containsEntry(POOL, good);

      Files.writeString(file, GOOD);
      await()
          .until(() -> sink.state().get(POOL).spec().ipipMode().equals(EncapsulationMode.ALWAYS));
      await().until(() -> sink.timesMended() == 1);
      Files.delete(file);
      await().until(() -> sink.state().isEmpty());
      assertThat(sink.problems()).hasSize(1);
    }
  }

  @Test
  void anEditInTwoStepsIsNotCalledBroken() throws IOException {
    created();
    RecordingSink<IPPool> sink = new RecordingSink<>();
    try (Watch watch = store.watch(IPPool.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1);
      int quickEdits = 0;
      for (EncapsulationMode mode : EncapsulationMode.values()) {
        int toldBefore = sink.problems().size();
        long began = System.nanoTime();
        Files.writeString(file, "");
        Files.writeString(file, GOOD.replace("Always", mode.toString()));
        long took = System.nanoTime() - began;
        await().until(() -> sink.state().get(POOL).spec().ipipMode() == mode);
        // On a machine that held this thread up between the two writes, the file was broken for so
        // long that saying so is right; such a round proves nothing.
        if (took < SHORT_PAUSE.toNanos()) {
          quickEdits++;
          assertThat(sink.problems()).hasSize(toldBefore);
        }
      }
      assertThat(quickEdits).isPositive();
    }
  }

  @Test
  void aWatchBegunOnABrokenFileTellsTheLastGood() throws IOException {
    IPPool good = created();
    Files.writeString(file, "spec: [");
    assertThat(pool()).isEqualTo(good);
    try (FileDatastore later = FileDatastore.open(directory)) {
      RecordingSink<IPPool> sink = new RecordingSink<>();
      Watch watch = later.watch(IPPool.KIND, Selection.ALL, sink);
      await().until(() -> sink.timesSynced() == 1);
      assertThat(sink.state()).containsEntry(POOL, good);
      assertThat(sink.problems()).hasSize(1);
      watch.close();
    }
  }

  @Test
  void namespacesComeAndGoWhileWatched() throws IOException {
    RecordingSink<WorkloadEndpoint> sink = new RecordingSink<>();
    try (Watch watch = store.watch(WorkloadEndpoint.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.timesSynced() == 1);
      for (int i = 0; i < 20; i++) {
        WorkloadEndpoint endpoint =
            new WorkloadEndpoint(
                Metadata.named("ns" + i, "n-k8s-p-eth0"), WorkloadEndpoint.Spec.EMPTY);
        assertThat(store.create(endpoint)).isInstanceOf(WriteResult.Written.class);
      }
      await().until(() -> sink.state().size() == 20);
      Path namespace = directory.resolve("workloadendpoints/ns3");
      Files.move(namespace, parent.resolve("aside"));
      await().until(() -> sink.state().size() == 19);
      Files.move(parent.resolve("aside"), namespace);
      await().until(() -> sink.state().size() == 20);
    }
  }

  @Test
  void aKindsDirectoryMayBeRemovedWhileWatched() throws IOException {
    created();
    RecordingSink<IPPool> sink = new RecordingSink<>();
    try (Watch watch = store.watch(IPPool.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().until(() -> sink.state().size() == 1);
      Files.delete(file);
      Files.delete(file.getParent());
      await().until(() -> sink.state().isEmpty() && Files.isDirectory(file.getParent()));
      created();
      await().until(() -> sink.state().size() == 1);
    }
  }

  @Test
  void namesNeverLeadOutOfTheDirectory() {
    for (String name :
        List.of("../../etc/passwd", "a/b", "..", ".", "k8s\rx", "ä", "A", "%2e", "x".repeat(300))) {
      IPAMHandle handle =
          new IPAMHandle(
              Metadata.named(name), new IPAMHandle.Spec(name, Map.of("10.0.0.0/26", 1), false));
      assertThat(store.create(handle)).as(name).isInstanceOf(WriteResult.Written.class);
      Optional<IPAMHandle> read = store.get(IPAMHandle.KIND, Key.of(name));
      assertThat(read).as(name).map(IPAMHandle::spec).contains(handle.spec());
    }
    Listing<IPAMHandle> listing = store.list(IPAMHandle.KIND, Selection.ALL);
    assertThat(listing.items()).hasSize(9);
    assertThat(listing.problems()).isEmpty();
    assertThat(store.get(IPAMHandle.KIND, Key.of(""))).isEmpty();
    assertThat(directory.resolve("ipamhandles").toFile().list()).hasSize(9);
  }

  @Test
  void whatACrashLeavesOfAProgramsFileIsReplaced() throws IOException {
    Path handle = directory.resolve("ipamhandles/h.yaml");
    Files.writeString(handle, "");
    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).problems()).hasSize(1);
    IPAMHandle resource =
        new IPAMHandle(Metadata.named("h"), new IPAMHandle.Spec("h", null, false));
    assertThat(store.update(resource)).isEqualTo(new WriteResult.Conflict<>(Optional.empty()));
    assertThat(store.create(resource)).isInstanceOf(WriteResult.Written.class);
    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).problems()).isEmpty();
  }

  @Test
  void interruptedThreadsWriteAllTheSame() {
    Thread.currentThread().interrupt();
    IPPool pool = created();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.get(IPPool.KIND, POOL)).contains(pool);
    assertThat(store.update(pool)).isInstanceOf(WriteResult.Written.class);
  }

  @Test
  void whatIsNoDirectoryIsRefused() throws IOException {
    Path plain = Files.writeString(parent.resolve("plain"), "");
    assertThatThrownBy(() -> FileDatastore.open(plain))
        .isInstanceOf(DatastoreException.class)
        .hasMessage("cannot open datastore " + plain + ": not a directory");
  }
}
