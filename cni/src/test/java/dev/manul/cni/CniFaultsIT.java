package dev.manul.cni;

import static dev.manul.cni.CniLab.environment;
import static dev.manul.cni.CniLab.network;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.cni.CniLab.Reply;
import dev.manul.cni.CniOptions.Division;
import dev.manul.cni.Work.Stage;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.DatastoreException;
import dev.manul.datastore.memory.MemoryDatastore;
import dev.manul.model.AddressFamily;
import dev.manul.model.Key;
import dev.manul.model.WorkloadEndpoint;
import dev.manul.netlink.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left when the process dies, the datastore is away, or there is nothing to give. */
final class CniFaultsIT {

  private static final Duration SOON = Duration.ofSeconds(60);

  private final MemoryDatastore datastore = new MemoryDatastore();
  private final CountDownLatch unblocked = new CountDownLatch(1);
  private volatile boolean down;
  private volatile boolean hanging;
  private CniLab lab;

  @BeforeEach
  void build(@TempDir Path directory) {
    CniLab.fill(datastore);
    lab = new CniLab(directory, datastore);
  }

  @AfterEach
  void tearDown() {
    unblocked.countDown();
    lab.close();
    datastore.close();
  }

  /** Ends a request's thread at once, as nothing does that is caught. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;

    Crash(Stage stage) {
      super("a test ends the work at " + stage, null, false, false);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Stage.class,
      names = {"LINK_REMOVED", "ADDRESSES_RELEASED"},
      mode = EnumSource.Mode.EXCLUDE)
  @Retention(RetentionPolicy.RUNTIME)
  private @interface AtEachStageOfAnAddition {}

  private static Work.Stages crashAt(Stage wanted) {
    return (stage, _) -> {
      if (stage == wanted) {
        throw new Crash(stage);
      }
    };
  }

  @AtEachStageOfAnAddition
  void aCrashWithinAnAdditionIsUndoneAtTheNextStart(Stage stage) {
    undoneAtTheNextStart(stage);
  }

  @AtEachStageOfAnAddition
  void soIsOneWithinAnAdditionThatOneThreadDoes(Stage stage) {
    lab.options(lab.options().withDivision(Division.NONE));
    undoneAtTheNextStart(stage);
  }

  @AtEachStageOfAnAddition
  void soIsOneThatWritesSideBySide(Stage stage) {
    lab.options(lab.options().withDivision(Division.FAR_DATASTORE));
    undoneAtTheNextStart(stage);
  }

  private void undoneAtTheNextStart(Stage stage) {
    lab.start(crashAt(stage));
    NetworkNamespace pod = lab.pod();
    assertThatThrownBy(() -> lab.add("c1", pod, "web-0")).isInstanceOf(UncheckedIOException.class);
    lab.stop().routes().clear();

    lab.start();
    await().atMost(SOON).untilAsserted(lab::nothingIsLeft);

    String address = lab.add("c1", pod, "web-0").addresses().getFirst();
    CniLab.run(lab.host(), "ping", "-c", "1", "-W", "2", address);
  }

  @ParameterizedTest
  @EnumSource(
      value = Stage.class,
      names = {"LINK_REMOVED", "ADDRESSES_RELEASED"})
  void aCrashWithinADeletionIsFinishedWhenTheContainerIsGone(Stage stage) {
    NetworkNamespace pod = lab.pod();
    lab.start().add("c1", pod, "web-0").ok();
    lab.stop().start(crashAt(stage));
    assertThatThrownBy(() -> lab.del("c1", pod, "web-0")).isInstanceOf(UncheckedIOException.class);
    lab.stop().routes().clear();
    pod.delete();

    lab.start();
    await().atMost(SOON).untilAsserted(lab::nothingIsLeft);
  }

  @Test
  void aCrashWithinADeletionIsFinishedByTheNextDeletion() {
    NetworkNamespace pod = lab.pod();
    lab.start().add("c1", pod, "web-0").ok();
    lab.stop().start(crashAt(Stage.LINK_REMOVED));
    assertThatThrownBy(() -> lab.del("c1", pod, "web-0")).isInstanceOf(UncheckedIOException.class);
    lab.stop().routes().clear();

    lab.start().del("c1", pod, "web-0").ok();
    lab.nothingIsLeft();
  }

  @Test
  void attachmentsOutliveTheProcess() {
    NetworkNamespace pod = lab.pod();
    Reply before = lab.start().add("c1", pod, "web-0").ok();
    lab.stop().routes().clear();

    lab.start();
    assertThat(lab.server().status().attachments()).isEqualTo(1);
    assertThat(lab.routes()).hasSize(1);
    assertThat(lab.add("c1", pod, "web-0").json()).isEqualTo(before.json());
  }

  @Test
  void releasesWhatWentWhileNobodyLooked() {
    NetworkNamespace pod = lab.pod();
    lab.start().add("c1", pod, "web-0").ok();
    lab.stop().routes().clear();
    CniLab.run(pod, "ip", "link", "delete", "eth0");
    pod.delete();

    lab.start();
    await().atMost(SOON).untilAsserted(lab::nothingIsLeft);
  }

  /** The datastore as the server sees it: it may be away, or not answer. */
  private Datastore unreliable() {
    return (Datastore)
        Proxy.newProxyInstance(
            Datastore.class.getClassLoader(),
            new Class<?>[] {Datastore.class},
            (_, method, arguments) -> {
              if (hanging) {
                unblocked.await();
              }
              if (down) {
                throw new DatastoreException("the datastore is away");
              }
              try {
                return method.invoke(datastore, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutTheDatastoreAnAdditionIsToBeTriedAgainAndADeletionIsDoneLater(boolean far) {
    lab.options(lab.options().withDivision(far ? Division.FAR_DATASTORE : Division.NEAR_DATASTORE));
    lab.start(unreliable(), Work.Stages.NONE);
    NetworkNamespace pod = lab.pod();
    lab.add("c1", pod, "web-0").ok();
    down = true;

    Reply refused = lab.add("c2", lab.pod(), "web-1");
    assertThat(refused.code()).isEqualTo(11);
    assertThat(refused.text()).contains("the datastore is away");
    lab.del("c1", pod, "web-0").ok();
    assertThat(lab.devices()).isEmpty();
    assertThat(lab.hostRoutes()).isEmpty();
    assertThat(lab.server().status().releasing()).isEqualTo(2);
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);

    lab.stop().start(unreliable(), Work.Stages.NONE); // what is to be released is not forgotten
    down = false;
    await().atMost(SOON).untilAsserted(lab::nothingIsLeft);
  }

  @Test
  void anAdditionThatTakesTooLongLeavesNothingOnceTheDatastoreAnswers() {
    lab.options(lab.options().withTimeLimit(Duration.ofSeconds(2)));
    lab.start(unreliable(), Work.Stages.NONE);
    hanging = true;

    Reply refused = lab.add("c1", lab.pod(), "web-0");
    assertThat(refused.code()).isEqualTo(11);
    assertThat(refused.text()).contains("taking addresses took longer than 2 s");
    assertThat(lab.devices()).isEmpty();

    hanging = false;
    unblocked.countDown();
    await().atMost(SOON).untilAsserted(lab::nothingIsLeft);
  }

  @Test
  void soDoesOneThatOneThreadDoes() {
    lab.options(lab.options().withDivision(Division.NONE));
    lab.start(unreliable(), Work.Stages.NONE);
    down = true;
    Reply refused = lab.add("c1", lab.pod(), "web-0");
    assertThat(refused.code()).isEqualTo(11);
    assertThat(refused.text()).contains("the datastore is away");
    down = false;
    await().atMost(SOON).untilAsserted(lab::nothingIsLeft);

    NetworkNamespace pod = lab.pod();
    CniLab.run(pod, "ip", "link", "add", "eth0", "type", "bridge");
    refused = lab.add("c2", pod, "web-1");
    assertThat(refused.text()).contains("the container has a link eth0 already");
    CniLab.run(pod, "ip", "link", "delete", "eth0");
    lab.nothingIsLeft();
    String address = lab.add("c2", pod, "web-1").addresses().getFirst();
    CniLab.run(lab.host(), "ping", "-c", "1", "-W", "2", address);
    CniLab.run(pod, "ping", "-c", "1", "-W", "2", "10.1.5.10");
  }

  @Test
  void noPodIsWiredBeforeTheAgentIsReady() {
    var asked = new AtomicInteger();
    lab.options(lab.options().withReady(() -> asked.incrementAndGet() > 3));
    lab.start();

    lab.add("c1", lab.pod(), "web-0").ok();
    assertThat(asked).hasValue(4);
    lab.del("c1", lab.pod(), "web-0").ok();
    lab.stop();

    lab.options(lab.options().withReady(() -> false).withTimeLimit(Duration.ofMillis(200)));
    lab.start();
    Reply refused = lab.add("c2", lab.pod(), "web-0");
    assertThat(refused.code()).isEqualTo(11);
    assertThat(refused.text()).contains("not ready yet: no network policy is in force");
    lab.nothingIsLeft();
  }

  @Test
  void aPodThatWaitsForItsPolicyComesWhenThatIsThereOrTheTimeIsUp() {
    var asked = new AtomicReference<String>();
    var policy = new CompletableFuture<Void>();
    lab.options(
        lab.options()
            .withPolicy(
                (namespace, endpoint, addresses) -> {
                  asked.set(namespace + "/" + endpoint + " " + addresses);
                  return policy;
                }));
    lab.start();
    String plain = network("1.1.0", true, false);
    String waiting = plain.replaceFirst("\\{", "{\"policy_setup_timeout_seconds\": 1,");
    String name = WorkloadEndpoint.nameOf(CniLab.NODE, "web-0");

    Reply late = lab.call(environment("ADD", "c1", lab.pod(), "web-0"), waiting).ok();
    assertThat(asked).hasValue("default/" + name + " " + late.addresses());
    assertThat(policy).isCancelled();

    var there = new CompletableFuture<Void>();
    var written = new CompletableFuture<Boolean>();
    Key second = new Key("default", WorkloadEndpoint.nameOf(CniLab.NODE, "web-1"));
    lab.stop();
    lab.options(
        lab.options()
            .withPolicy(
                (_, _, _) -> {
                  written.complete(datastore.get(WorkloadEndpoint.KIND, second).isPresent());
                  return there;
                }));
    lab.start();
    var added =
        CompletableFuture.supplyAsync(
            () ->
                lab.call(
                    environment("ADD", "c2", lab.pod(), "web-1"),
                    waiting.replace("seconds\": 1,", "seconds\": 20,")));
    assertThat(written.join()).isTrue();
    assertThat(added).isNotDone();
    there.complete(null);
    added.join().ok();
  }

  @Test
  void anExhaustedPoolIsSaidAndAPartOfBothFamiliesIsGivenBack() {
    CniLab.pool(datastore, "tiny", "fd00:66::/128");
    lab.start();
    String network =
        network("1.1.0", true, true)
            .replace("\"assign_ipv6\"", "\"ipv6_pools\": [\"tiny\"], \"assign_ipv6\"");
    NetworkNamespace first = lab.pod();
    lab.call(environment("ADD", "c1", first, "web-0"), network).ok();

    Reply refused = lab.call(environment("ADD", "c2", lab.pod(), "web-1"), network);
    assertThat(refused.code()).isEqualTo(100);
    assertThat(refused.text()).contains("no IPv6 address for default/web-1");
    assertThat(lab.allocated(AddressFamily.IPV4)).isEqualTo(1);
    lab.call(environment("DEL", "c1", first, "web-0"), network).ok();
    lab.nothingIsLeft();
  }

  @Test
  void worksThroughTheQueueAtStartAndAfterwards() throws IOException {
    NetworkNamespace a = lab.pod();
    NetworkNamespace b = lab.pod();
    lab.start().add("a", a, "web-0").ok();
    lab.add("b", b, "web-1").ok();
    lab.stop();
    queue("a", a, "web-0");
    Files.writeString(lab.options().queue().resolve("bad-eth0.request"), "not a frame");

    lab.start();
    await().atMost(SOON).until(() -> lab.devices().size() == 1);
    queue("b", b, "web-1");
    await().atMost(SOON).until(() -> lab.devices().isEmpty());
    await().atMost(SOON).until(() -> lab.files().equals(List.of("bad-eth0.request.bad")));
    assertThat(lab.allocated(AddressFamily.IPV4)).isZero();
  }

  private void queue(String container, NetworkNamespace pod, String name) throws IOException {
    byte[] body = CniLab.frame(environment("DEL", container, pod, name), CniLab.IPV4);
    Path aside = lab.options().queue().resolve(".aside");
    Files.write(aside, ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).array());
    Files.move(aside, lab.options().queue().resolve(container + "-eth0.request"));
  }

  @Test
  void manyAtOnceGetAddressesOfTheirOwn() throws Exception {
    int many = 200;
    lab.start();
    List<NetworkNamespace> pods = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      pods.add(lab.pod());
    }
    try (ExecutorService callers = Executors.newFixedThreadPool(32)) {
      List<Future<Reply>> added = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        int n = i;
        added.add(callers.submit(() -> lab.add("c" + n, pods.get(n), "web-" + n)));
      }
      List<String> addresses = new ArrayList<>();
      for (Future<Reply> reply : added) {
        addresses.addAll(reply.get().addresses());
      }
      assertThat(addresses).hasSize(many).doesNotHaveDuplicates();
      assertThat(lab.hostRoutes())
          .containsExactlyInAnyOrderElementsOf(addresses.stream().map(a -> a + "/32").toList());

      List<Future<Reply>> deleted = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        int n = i;
        deleted.add(callers.submit(() -> lab.del("c" + n, pods.get(n), "web-" + n)));
      }
      for (Future<Reply> reply : deleted) {
        reply.get().ok();
      }
    }
    lab.nothingIsLeft();
  }
}
