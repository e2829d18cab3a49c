package dev.manul.e2e.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Sink;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.model.Address;
import dev.manul.model.Condition;
import dev.manul.model.EncapsulationMode;
import dev.manul.model.IPPool;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import dev.manul.model.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What class caches are trained with: enough of an API server for all that an agent does at first.
 */
class StandInApiIT {

  private static final Address LOOPBACK = Address.parse("127.0.0.1");

  @TempDir private Path directory;
  private StandInApi api;
  private Datastore datastore;

  @BeforeEach
  void start() throws IOException, GeneralSecurityException {
    api = StandInApi.start(directory, LOOPBACK, List.of("worker"));
    datastore = KubernetesDatastore.open(KubernetesAccess.file(api.kubeconfig()));
  }

  @AfterEach
  void end() {
    datastore.close();
    api.close();
  }

  private static IPPool pool(String cidr) {
    return new IPPool(
        Metadata.named("a"),
        new IPPool.Spec(
            Prefix.parse(cidr),
            EncapsulationMode.NEVER,
            EncapsulationMode.NEVER,
            true,
            false,
            false,
            26,
            "all()",
            null,
            null,
            null));
  }

  @Test
  void keepsObjectsWithVersions() {
    assertThat(datastore.get(IPPool.KIND, Key.of("a"))).isEmpty();

    IPPool created = written(datastore.create(pool("10.0.0.0/16")));
    IPPool changed =
        written(
            datastore.update(
                created.withMetadata(created.metadata().withLabels(Map.of("color", "red")))));

    assertThat(changed.metadata().resourceVersion())
        .isNotEqualTo(created.metadata().resourceVersion());
    assertThat(datastore.list(IPPool.KIND, Selection.ALL).items()).containsExactly(changed);
    assertThat(datastore.update(created)).isInstanceOf(WriteResult.Conflict.class);
    assertThat(datastore.delete(changed)).isInstanceOf(WriteResult.Written.class);
    assertThat(datastore.get(IPPool.KIND, Key.of("a"))).isEmpty();
  }

  private static <R extends Resource> R written(WriteResult<R> result) {
    assertThat(result).isInstanceOf(WriteResult.Written.class);
    return ((WriteResult.Written<R>) result).resource();
  }

  @Test
  void tellsWatchersOfWhatThereIsAndOfWhatChanges() throws InterruptedException {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    IPPool created = written(datastore.create(pool("10.0.0.0/16")));
    try (var _ = datastore.watch(IPPool.KIND, Selection.ALL, new Telling(told))) {
      assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("present a");
      assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("synced");

      assertThat(datastore.delete(created)).isInstanceOf(WriteResult.Written.class);

      assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("absent a");
    }
  }

  private record Telling(BlockingQueue<String> told) implements Sink<IPPool> {
    @Override
    public void present(IPPool resource) {
      told.add("present " + resource.metadata().name());
    }

    @Override
    public void absent(Key key) {
      told.add("absent " + key.name());
    }

    @Override
    public void synced() {
      told.add("synced");
    }

    @Override
    public void broken(String problem) {
      told.add("broken " + problem);
    }

    @Override
    public void mended() {
      told.add("mended");
    }
  }

  @Test
  void keepsEachConditionOfANode() {
    Condition one = new Condition("One", "True", "R", "m", "2026-01-01T00:00:00Z", 0);
    Condition two = new Condition("Two", "False", "R", "m", "2026-01-01T00:00:00Z", 0);
    Node node = datastore.get(Node.KIND, Key.of("worker")).orElseThrow();
    Node first =
        written(datastore.update(node.withStatus(node.status().withConditions(List.of(one)))));
    Node second =
        written(
            datastore.update(first.withStatus(first.status().withConditions(List.of(one, two)))));

    assertThat(second.status().conditions()).extracting(Condition::type).contains("One", "Two");
  }

  @Test
  void givesAnOfficeToOneCandidate() throws InterruptedException {
    CountDownLatch won = new CountDownLatch(1);
    Campaign.Listener listener =
        new Campaign.Listener() {
          @Override
          public void elected() {
            won.countDown();
          }

          @Override
          public void deposed() {}
        };
    try (var _ = datastore.campaign("office", "worker", listener)) {
      assertThat(won.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The datastore trusts the authority that its kubeconfig names, and no other. */
  @Test
  void isNotBelievedUnderAnotherAuthority() throws IOException, GeneralSecurityException {
    Path elsewhere = Files.createDirectory(directory.resolve("other"));
    try (StandInApi other = StandInApi.start(elsewhere, LOOPBACK, List.of())) {
      String server = line(api.kubeconfig(), "server:");
      String mixed =
          Files.readString(other.kubeconfig()).replace(line(other.kubeconfig(), "server:"), server);
      Path kubeconfig = Files.writeString(directory.resolve("mixed"), mixed);
      try (Datastore mistaken = KubernetesDatastore.open(KubernetesAccess.file(kubeconfig))) {
        assertThatThrownBy(() -> mistaken.list(IPPool.KIND, Selection.ALL))
            .isInstanceOf(DatastoreException.class)
            .hasMessageContaining("broke off");
      }
    }
  }

  private static String line(Path file, String word) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(l -> l.contains(word))
        .findFirst()
        .orElseThrow();
  }
}
