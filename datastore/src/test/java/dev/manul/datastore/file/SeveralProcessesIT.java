package dev.manul.datastore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.Listing;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One directory, several processes, some of which are killed. */
final class SeveralProcessesIT {
  @TempDir Path parent;

  private Path directory;
  private FileDatastore store;
  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void open() {
    directory = parent.resolve("store");
    store = FileDatastore.open(directory);
  }

  @AfterEach
  void close() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    store.close();
  }

  private Process start(int rounds, String... names) throws Exception {
    Process process = Writer.start(directory, rounds, List.of(names));
    processes.add(process);
    return process;
  }

  @Test
  void noCountIsLostBetweenProcesses() throws Exception {
    int rounds = 300;
    for (int i = 0; i < 4; i++) {
      start(rounds, "shared", "own-" + i);
    }
    for (Process process : processes) {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    assertThat(count("shared")).isEqualTo(4 * rounds / 2);
    for (int i = 0; i < 4; i++) {
      assertThat(count("own-" + i)).isEqualTo(rounds / 2);
    }
  }

  private int count(String name) {
    return Writer.countOf(store.get(IPAMHandle.KIND, Key.of(name)).orElseThrow());
  }

  @Test
  void killedWritersLeaveOldOrNew() throws Exception {
    int before = 0;
    for (int round = 0; round < 6; round++) {
      Process process = start(0, "victim");
      int least = before;
      // kill at another moment each time, always while it writes
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(60))
          .until(() -> counted() > least + 3);
      process.destroyForcibly().waitFor();

      Listing<IPAMHandle> listing = store.list(IPAMHandle.KIND, Selection.ALL);
      assertThat(listing.problems()).isEmpty();
      assertThat(listing.items()).hasSize(1);
      assertThat(counted()).isGreaterThan(before);
      before = counted();
    }
    // and the lock is free
    start(1, "victim").waitFor();
    assertThat(counted()).isEqualTo(before + 1);
  }

  private int counted() {
    return store.get(IPAMHandle.KIND, Key.of("victim")).map(Writer::countOf).orElse(0);
  }

  @Test
  void leftoversAreIgnoredAndSwept() throws Exception {
    Path old = Files.writeString(directory.resolve(".tmp/dead-1"), "kind: IPAMHa");
    Path young = Files.writeString(directory.resolve(".tmp/alive-1"), "kind: IPAMHa");
    Files.setLastModifiedTime(
        old, java.nio.file.attribute.FileTime.from(java.time.Instant.now().minusSeconds(120)));
    FileDatastore.open(directory).close();
    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).items()).isEmpty();
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).problems()).isEmpty();
  }

  @Test
  void aWatchMissesNothingOfOthersChurn() throws Exception {
    RecordingSink<IPAMHandle> sink = new RecordingSink<>();
    start(400, "a", "b", "c", "d");
    start(400, "c", "d", "e", "f");
    try (Watch watch = store.watch(IPAMHandle.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      for (Process process : processes) {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      }
      Map<Key, Integer> expected =
          Map.of(
              Key.of("a"),
              100,
              Key.of("b"),
              100,
              Key.of("c"),
              200,
              Key.of("d"),
              200,
              Key.of("e"),
              100,
              Key.of("f"),
              100);
      await()
          .untilAsserted(
              () -> {
                assertThat(sink.state().keySet()).isEqualTo(expected.keySet());
                sink.state()
                    .forEach(
                        (key, handle) ->
                            assertThat(Writer.countOf(handle)).isEqualTo(expected.get(key)));
              });
    }
    try (Stream<Path> left = Files.list(directory.resolve("ipamhandles"))) {
      assertThat(left).hasSize(6);
    }
  }
}
