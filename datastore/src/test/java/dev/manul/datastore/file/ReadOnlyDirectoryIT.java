package dev.manul.datastore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.model.IPPool;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory on a file system that is mounted read-only; even root may not write there. */
final class ReadOnlyDirectoryIT {
  @TempDir Path mount;

  @BeforeEach
  void mount() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", mount.toString());
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }

  private static IPPool pool(String name, String cidr) {
    return new IPPool(Metadata.named(name), IPPool.Spec.of(Prefix.parse(cidr)));
  }

  @Test
  void itIsReadAndWatchedAndWritesSayWhatIsWrong() throws Exception {
    try (FileDatastore store = FileDatastore.open(mount)) {
      store.create(pool("a", "10.0.0.0/16"));
    }
    run("mount", "-o", "remount,ro", mount.toString());
    try (FileDatastore store = FileDatastore.open(mount)) {
      List<IPPool> pools = store.list(IPPool.KIND, Selection.ALL).items();
      assertThat(pools).hasSize(1);
      RecordingSink<IPPool> sink = new RecordingSink<>();
      Watch watch = store.watch(IPPool.KIND, Selection.ALL, sink);
      await().until(() -> sink.state().size() == 1);
      watch.close();
      for (Runnable write :
          List.<Runnable>of(
              () -> store.create(pool("b", "10.1.0.0/16")),
              () -> store.update(pools.getFirst()),
              () -> store.delete(pools.getFirst()))) {
        assertThatThrownBy(write::run)
            .isInstanceOf(DatastoreException.class)
            .hasMessageContaining(mount.resolve("ippools").toString())
            .hasMessageEndingWith(": Read-only file system");
      }
    }
  }

  @Test
  void anEmptyOneIsAnEmptyDatastore() throws Exception {
    run("mount", "-o", "remount,ro", mount.toString());
    try (FileDatastore store = FileDatastore.open(mount)) {
      assertThat(store.list(IPPool.KIND, Selection.ALL).items()).isEmpty();
      assertThatThrownBy(() -> store.create(pool("a", "10.0.0.0/16")))
          .isInstanceOf(DatastoreException.class)
          .hasMessage(
              "cannot write " + mount.resolve("ippools/a.yaml") + ": Read-only file system");
    }
  }
}
