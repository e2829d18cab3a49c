package dev.manul.e2e.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pods that come and go on one node while its agent is killed again and again. Several kubelets at
 * once, each with a few pods alive; a failed ADD is followed by DEL and a new sandbox, as a kubelet
 * does it. {@code -Dmanul.churn.pods=N} sets how many.
 */
class ChurnIT {

  private static final Path DIST = Path.of("../dist").toAbsolutePath().normalize();
  private static final String NODE = "mchurn-node";
  private static final String POOL = "10.84.0.0/24";
  private static final int BLOCK_SIZE = 28;
  private static final long SEED = 20261121;
  private static final int PODS = Integer.getInteger("manul.churn.pods", 500);
  private static final int PODS_ON_API = Integer.getInteger("manul.churn.api.pods", 100);
  private static final int KUBELETS = 4;
  private static final int ALIVE = 4;

  /** So many pods, and up to twice as many, are wired between two kills. */
  private static final int PODS_BETWEEN_KILLS = 10;

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String NETWORK =
      """
      {"cniVersion": "1.0.0", "name": "k8s-pod-network",
       "plugins": [{"type": "manul", "ipam": {"type": "manul-ipam"}}]}
      """;

  @TempDir private Path directory;
  private PodNode node;
  private PluginChain runtime;

  /** Who has an address, from the end of ADD to the beginning of DEL. */
  private final Map<String, String> owners = new ConcurrentHashMap<>();

  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wired = new AtomicInteger();
  private final AtomicInteger sandboxes = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  /** A pod that was wired. */
  private record Wired(Sandbox sandbox, PluginChain.Outcome added) {}

  @BeforeEach
  void programsAreThere() {
    assertThat(DIST.resolve("cni/manul")).as("made by ./dev build").isExecutable();
  }

  @AfterEach
  void endTheNode() {
    if (node != null) {
      node.close();
    }
    namespaces().forEach(name -> Run.ok("ip", "netns", "delete", name));
  }

  private static List<String> namespaces() {
    return Run.ok("ip", "netns", "list")
        .lines()
        .map(line -> line.replaceFirst(" .*", ""))
        .filter(name -> name.startsWith("mchurn-pod"))
        .toList();
  }

  @Test
  void nothingLeaksAndNoAddressIsGivenTwice() throws ExecutionException, InterruptedException {
    node = PodNode.up(NODE, directory, DIST, POOL, BLOCK_SIZE);
    churn(PODS);
    await().atMost(LIMIT).untilAsserted(() -> assertThat(Leftovers.of(node)).isEmpty());
  }

  @Test
  void norWithTheClustersStateInAnApiServer() throws ExecutionException, InterruptedException {
    Address address = Address.parse("10.1.0.9");
    try (ApiNode both =
        ApiNode.up(KubeBinaries.provided(), NODE, directory, DIST, address, POOL, BLOCK_SIZE)) {
      node = both.node();
      both.createPods(
          "default", NODE, IntStream.range(0, PODS_ON_API).mapToObj(i -> "churn-" + i).toList());
      churn(PODS_ON_API);
      try (Datastore datastore =
          KubernetesDatastore.open(KubernetesAccess.file(both.plane().kubeconfig()))) {
        await()
            .atMost(LIMIT)
            .untilAsserted(() -> assertThat(Leftovers.of(node, datastore)).isEmpty());
      }
    }
  }

  private void churn(int pods) throws ExecutionException, InterruptedException {
    runtime = node.runtime();
    node.startAgent();
    node.awaitReady();
    var over = new AtomicBoolean();
    int kills;
    try (ExecutorService executor = Executors.newCachedThreadPool()) {
      List<Future<?>> kubelets = new ArrayList<>();
      for (int i = 0; i < KUBELETS; i++) {
        int number = i;
        kubelets.add(executor.submit(() -> kubelet(number, pods)));
      }
      Future<Integer> killer = executor.submit(() -> killAgain(over));
      try {
        for (Future<?> kubelet : kubelets) {
          kubelet.get();
        }
      } finally {
        over.set(true);
      }
      kills = killer.get();
    }

    assertThat(faults).isEmpty();
    assertThat(kills).as("seed %d", SEED).isGreaterThanOrEqualTo(2);
    assertThat(refused).as("ADDs that a killed agent did not answer").hasPositiveValue();
    assertThat(owners).isEmpty();
    assertThat(namespaces()).isEmpty();
  }

  /** Kills the agent after a while of work, and starts it again; returns how often. */
  private int killAgain(AtomicBoolean over) throws InterruptedException {
    var random = new Random(SEED);
    int kills = 0;
    while (!over.get()) {
      int target = wired.get() + PODS_BETWEEN_KILLS + random.nextInt(PODS_BETWEEN_KILLS);
      Waiting.until(
          "the next kill",
          LIMIT,
          Progress.NONE,
          () -> over.get() || wired.get() >= target ? List.of() : List.of("not yet"));
      if (!over.get()) {
        node.killAgent();
        kills++;
        node.startAgent();
        node.awaitReady();
      }
    }
    return kills;
  }

  private void kubelet(int number, int pods) {
    Deque<Wired> alive = new ArrayDeque<>();
    for (int i = number; i < pods; i += KUBELETS) {
      alive.addLast(create("churn-" + i));
      if (alive.size() > ALIVE) {
        delete(alive.removeFirst());
      }
    }
    alive.forEach(this::delete);
  }

  private Wired create(String pod) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      int id = sandboxes.incrementAndGet();
      Sandbox sandbox = new Sandbox("churnsandbox" + id, "mchurn-pod" + id, "default", pod).make();
      PluginChain.Outcome added = runtime.add(NETWORK, sandbox);
      if (added.ok()) {
        for (String address : added.addresses()) {
          String other = owners.put(address, sandbox.containerId());
          if (other != null) {
            faults.add("%s was given to %s and %s".formatted(address, other, sandbox));
          }
        }
        if (!Run.in(sandbox.netnsName(), "ip", "-4", "-o", "address", "show", "dev", "eth0")
            .contains(" " + added.addresses().getFirst() + "/32 ")) {
          faults.add("%s does not have %s".formatted(sandbox, added.addresses()));
        }
        wired.incrementAndGet();
        return new Wired(sandbox, added);
      }
      refused.incrementAndGet();
      remove(new Wired(sandbox, added));
      if (System.nanoTime() > end) {
        throw new AssertionError(pod + ": never wired: " + added);
      }
      awaitSomeAgent();
    }
  }

  /** A kubelet's back-off: there is no use in asking while nobody listens. */
  private void awaitSomeAgent() {
    Waiting.until(
        "an agent",
        LIMIT,
        Progress.NONE,
        () -> {
          PluginRequest.Outcome status =
              PluginRequest.of("STATUS")
                  .withEnvironment(node.environment())
                  .run(
                      node.namespace(),
                      node.program(),
                      "{\"cniVersion\":\"1.1.0\",\"name\":\"k8s-pod-network\"}");
          return status.status() == 0 ? List.of() : List.of("not ready");
        });
  }

  private void delete(Wired wired) {
    wired
        .added()
        .addresses()
        .forEach(address -> owners.remove(address, wired.sandbox().containerId()));
    remove(wired);
  }

  /** DEL until it succeeds, and the end of the sandbox. */
  private void remove(Wired wired) {
    await()
        .atMost(LIMIT)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(() -> runtime.delete(NETWORK, wired.sandbox()).ok());
    wired.sandbox().remove();
  }
}
