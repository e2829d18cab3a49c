package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.Campaign;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.RecordingSink;
import dev.manul.datastore.Selection;
import dev.manul.datastore.Watch;
import dev.manul.datastore.WriteResult;
import dev.manul.model.AdminNetworkPolicy;
import dev.manul.model.IPAMBlock;
import dev.manul.model.IPAMHandle;
import dev.manul.model.Key;
import dev.manul.model.Metadata;
import dev.manul.model.Pod;
import dev.manul.model.Prefix;
import dev.manul.model.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real kube-apiserver that stands still, dies and comes back while it is watched. */
final class ApiAwayIT {
  private static final Patience SHORT =
      new Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));
  private static final Duration LONG = Duration.ofSeconds(90);

  @TempDir Path directory;

  private ControlPlaneProcess plane;
  private ApiObjects objects;
  private KubernetesDatastore store;

  @BeforeEach
  void start() throws Exception {
    plane = ControlPlaneProcess.start(directory);
    objects = new ApiObjects(plane.access());
    objects.installDefinitions();
    store = KubernetesDatastore.open(plane.access(), SHORT);
  }

  @AfterEach
  void stop() throws Exception {
    store.close();
    objects.close();
    plane.close();
  }

  @Test
  void aKilledServerTakesNothingAwayAndWatchesGoOn() throws Exception {
    objects.handles(List.of("a", "b"));
    objects.namespace("ns1");
    objects.pod("ns1", "p", "n1");
    RecordingSink<IPAMHandle> handles = new RecordingSink<>();
    RecordingSink<Pod> pods = new RecordingSink<>();
    try (Watch one = store.watch(IPAMHandle.KIND, Selection.ALL, handles);
        Watch two = store.watch(Pod.KIND, Selection.onNode("n1"), pods)) {
      assertThat(one).isNotSameAs(two);
      await().atMost(LONG).until(() -> handles.timesSynced() == 1 && pods.timesSynced() == 1);

      plane.kill();
      await().atMost(LONG).until(() -> !handles.problems().isEmpty() && !pods.problems().isEmpty());
      assertThat(handles.problems().getFirst()).contains(plane.url());
      assertThatThrownBy(() -> store.get(IPAMHandle.KIND, Key.of("a")))
          .isInstanceOf(DatastoreException.class)
          .hasMessageContaining(plane.url());

      plane.startServer();
      plane.awaitReady();
      objects.handles(List.of("c"));
      await().atMost(LONG).until(() -> handles.state().containsKey(Key.of("c")));
      await().atMost(LONG).until(() -> handles.timesMended() == 1 && pods.timesMended() == 1);
      assertThat(handles.events()).containsExactly("present a", "present b", "synced", "present c");
      assertThat(pods.events()).containsExactly("present ns1/p", "synced");
    }
  }

  @Test
  void kindsThatAreNotServedAreEmptyUntilTheyAre() throws Exception {
    RecordingSink<Tier> tiers = new RecordingSink<>();
    RecordingSink<AdminNetworkPolicy> admin = new RecordingSink<>();
    objects.removeDefinition("tiers");
    try (Watch one = store.watch(Tier.KIND, Selection.ALL, tiers);
        Watch two = store.watch(AdminNetworkPolicy.KIND, Selection.ALL, admin)) {
      assertThat(one).isNotSameAs(two);
      await().atMost(LONG).until(() -> tiers.timesSynced() == 1 && admin.timesSynced() == 1);
      assertThatThrownBy(() -> store.list(AdminNetworkPolicy.KIND, Selection.ALL))
          .hasMessageEndingWith(
              "the Kubernetes API does not serve adminnetworkpolicies.policy.networking.k8s.io");

      objects.installDefinition("tiers");
      Tier tier = new Tier(Metadata.named("t"), Tier.Spec.EMPTY);
      assertThat(store.create(tier)).isInstanceOf(WriteResult.Written.class);
      await().atMost(LONG).until(() -> tiers.state().containsKey(Key.of("t")));

      objects.removeDefinition("tiers");
      await().atMost(LONG).until(() -> tiers.state().isEmpty());
      assertThat(tiers.timesSynced()).isEqualTo(1);
      assertThat(admin.problems()).isEmpty();
      assertThat(admin.events()).containsExactly("synced");
    }
  }

  @Test
  void aFrozenServerIsGivenUpAndTakenUpAgain() throws Exception {
    objects.handles(List.of("a"));
    RecordingSink<IPAMHandle> handles = new RecordingSink<>();
    try (Watch watch = store.watch(IPAMHandle.KIND, Selection.ALL, handles)) {
      assertThat(watch).isNotNull();
      await().atMost(LONG).until(() -> handles.timesSynced() == 1);

      plane.freeze();
      long start = System.nanoTime();
      assertThatThrownBy(() -> store.get(IPAMHandle.KIND, Key.of("a")))
          .isInstanceOf(DatastoreException.class)
          .hasMessageContaining("did not answer within 5 s");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      await().atMost(LONG).until(() -> !handles.problems().isEmpty());
      plane.thaw();

      objects.handles(List.of("b"));
      await().atMost(LONG).until(() -> handles.state().containsKey(Key.of("b")));
      assertThat(handles.events()).containsExactly("present a", "synced", "present b");
    }
  }

  @Test
  void anOfficeIsLostWithTheServerAndWonAgain() throws Exception {
    AtomicInteger terms = new AtomicInteger();
    AtomicInteger ends = new AtomicInteger();
    Campaign.Listener listener =
        new Campaign.Listener() {
          @Override
          public void elected() {
            terms.incrementAndGet();
          }

          @Override
          public void deposed() {
            ends.incrementAndGet();
          }
        };
    try (Campaign campaign = store.campaign("keeper", "n1", listener)) {
      await().atMost(LONG).until(campaign::leads);
      plane.kill();
      await().atMost(LONG).until(() -> !campaign.leads());
      assertThat(ends).hasValue(1);
      plane.startServer();
      await().atMost(LONG).until(campaign::leads);
      assertThat(terms).hasValue(2);
    }
  }

  @Test
  void fieldsOfOthersSurviveInABlockThoughItsWritesAreAnsweredWithLess() {
    objects.relax("ipamblocks.projectcalico.org");
    String collection = "/apis/projectcalico.org/v3/ipamblocks";
    String name = "10-9-0-0-26";
    IPAMBlock.Spec spec =
        IPAMBlock.Spec.empty(Prefix.parse("10.9.0.0/26"), Optional.empty(), "", 1);
    var made = store.create(new IPAMBlock(Metadata.named(name), spec));
    assertThat(made).isInstanceOf(WriteResult.Written.class);
    await()
        .atMost(LONG)
        .until(
            () -> {
              Map<String, Object> changed = new TreeMap<>(objects.spec(collection + "/" + name));
              changed.put("colour", "green");
              objects.put(collection, name, changed);
              return objects.spec(collection + "/" + name).containsKey("colour");
            });
    IPAMBlock block = store.get(IPAMBlock.KIND, Key.of(name)).orElseThrow();
    for (int i = 0; i < 2; i++) {
      block = ((WriteResult.Written<IPAMBlock>) store.update(block)).resource();
      assertThat(store.get(IPAMBlock.KIND, Key.of(name))).contains(block);
    }
    assertThat(objects.spec(collection + "/" + name)).containsEntry("colour", "green");
  }

  @Test
  void fieldsOfOthersSurviveAndBrokenObjectsAreToldAndNoMore() {
    objects.relax("ipamhandles.projectcalico.org");
    String collection = "/apis/projectcalico.org/v3/ipamhandles";
    await()
        .atMost(LONG)
        .until(
            () -> {
              objects.put(
                  collection,
                  "newer",
                  Map.of("handleID", "newer", "colour", "green", "block", Map.of()));
              return objects.spec(collection + "/newer").containsKey("colour");
            });
    objects.put(collection, "fine", Map.of("handleID", "fine"));
    objects.put(collection, "wrong", Map.of("handleID", 7L));

    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).items())
        .extracting(each -> each.metadata().name())
        .containsExactly("fine", "newer");
    assertThat(store.list(IPAMHandle.KIND, Selection.ALL).problems())
        .singleElement()
        .asString()
        .contains("IPAMHandle wrong", "spec.handleID");
    assertThatThrownBy(() -> store.get(IPAMHandle.KIND, Key.of("wrong")))
        .isInstanceOf(DatastoreException.class);

    RecordingSink<IPAMHandle> sink = new RecordingSink<>();
    try (Watch watch = store.watch(IPAMHandle.KIND, Selection.ALL, sink)) {
      assertThat(watch).isNotNull();
      await().atMost(LONG).until(() -> sink.timesSynced() == 1);
      assertThat(sink.state().keySet()).isEqualTo(Set.of(Key.of("fine"), Key.of("newer")));
      assertThat(sink.problems()).hasSize(1);
      objects.put(collection, "wrong", Map.of("handleID", "right"));
      await().atMost(LONG).until(() -> sink.timesMended() == 1 && sink.state().size() == 3);

      IPAMHandle newer = store.get(IPAMHandle.KIND, Key.of("newer")).orElseThrow();
      var _ =
          store.update(
              newer.withSpec(new IPAMHandle.Spec("newer", Map.of("10.0.0.0/26", 3), false)));
      assertThat(objects.spec(collection + "/newer"))
          .containsEntry("colour", "green")
          .containsEntry("block", Map.of("10.0.0.0/26", 3L));
    }
  }
}
