package dev.manul.datastore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose directory goes away is not a store in which everything was deleted. */
class StoreAwayTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Key FIRST = Key.of("first");
  private static final Key SECOND = Key.of("second");

  @TempDir private Path parent;

  @Test
  void watchesKeepWhatTheyToldAndGoOnWhenTheStoreIsBack() throws IOException {
    Path directory = parent.resolve("store");
    Path elsewhere = parent.resolve("elsewhere");
    try (FileDatastore store = FileDatastore.open(directory)) {
      store.create(pool("first", "10.1.0.0/16"));
      RecordingSink<IPPool> sink = new RecordingSink<>();
      RecordingSink<IPPool> late = new RecordingSink<>();
      Watch watch = store.watch(IPPool.KIND, Selection.ALL, sink);
      await().atMost(PATIENCE).until(() -> sink.timesSynced() == 1);

      Files.move(directory, elsewhere);
      // A file that goes is what makes the watch look, and find that all is gone.
      Files.move(
          elsewhere.resolve("ippools/first.yaml"), elsewhere.resolve("ippools/first.yaml.off"));
      await().atMost(PATIENCE).until(() -> !sink.problems().isEmpty());
      Watch lateWatch = store.watch(IPPool.KIND, Selection.ALL, late);

      assertThat(sink.state()).containsOnlyKeys(FIRST);
      assertThatThrownBy(() -> store.list(IPPool.KIND, Selection.ALL))
          .isInstanceOf(DatastoreException.class)
          .hasMessageContaining("is away");
      assertThatThrownBy(() -> store.get(IPPool.KIND, FIRST))
          .isInstanceOf(DatastoreException.class);
      assertThatThrownBy(() -> store.create(pool("third", "10.3.0.0/16")))
          .isInstanceOf(DatastoreException.class);
      assertThat(directory).doesNotExist();

      Files.move(
          elsewhere.resolve("ippools/first.yaml.off"), elsewhere.resolve("ippools/first.yaml"));
      Files.move(elsewhere, directory);
      await().atMost(PATIENCE).until(() -> late.timesSynced() == 1);
      await().atMost(PATIENCE).until(() -> sink.timesMended() == 1);
      store.create(pool("second", "10.2.0.0/16"));

      await().atMost(PATIENCE).until(() -> sink.state().containsKey(SECOND));
      await().atMost(PATIENCE).until(() -> late.state().containsKey(SECOND));
      assertThat(sink.state()).containsOnlyKeys(FIRST, SECOND);
      watch.close();
      lateWatch.close();
    }
  }

  private static IPPool pool(String name, String cidr) {
    return new IPPool(Metadata.named(name), IPPool.Spec.of(Prefix.parse(cidr)));
  }
}
