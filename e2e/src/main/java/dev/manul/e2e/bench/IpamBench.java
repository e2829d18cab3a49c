package dev.manul.e2e.bench;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Selection;
import dev.manul.datastore.WatchedDatastore;
import dev.manul.datastore.file.FileDatastore;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.e2e.LabException;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.e2e.kube.ControlPlaneOptions;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.kube.ServerMetrics;
import dev.manul.ipam.AssignmentResult;
import dev.manul.ipam.AutoAssignRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.model.Address;
import dev.manul.model.IPPool;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * What addresses cost: many nodes take theirs from one pool at once and give them back, against a
 * real API server and in a directory of files; and one node alone, one address after the other.
 *
 * <p>Each node is an allocator with a cache of its own, as in its agent; all share this process and
 * its connection to the datastore. "First" finds no block claimed; "again" finds the blocks of
 * before; "burst" has ten pods of each node ask at the same time.
 */
public final class IpamBench {

  private static final Duration SYNC_LIMIT = Duration.ofMinutes(1);
  private static final int BURST = 10;
  private static final int ALONE = 1000;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double HIGH = 0.99;

  private IpamBench() {}

  /**
   * One measured phase.
   *
   * @param datastore {@code kubernetes} or {@code file}
   * @param what what was done
   * @param addresses how many addresses were taken or given back
   * @param p50Ms the median time of one of them
   * @param p99Ms what 99 of 100 do not exceed
   * @param readsPerAddress lookups and lists of the datastore
   * @param writesPerAddress writes to the datastore, refused ones among them
   * @param conflicts the refused writes
   */
  public record Phase(
      String datastore,
      String what,
      int addresses,
      double seconds,
      double perSecond,
      double p50Ms,
      double p99Ms,
      double readsPerAddress,
      double writesPerAddress,
      long conflicts) {}

  /** All phases, in order. */
  public record Figures(int nodes, List<Phase> phases) {}

  /** One simulated node. */
  private record SimulatedNode(String name, WatchedDatastore watched, Ipam ipam) {}

  /** The addresses that nodes have, all and each by its handle. */
  private record Given(Set<Address> all, Map<String, Address> byHandle) {}

  /** One thing a node does, timed. */
  private interface Action {
    void run(SimulatedNode node, String handle);
  }

  /**
   * Measures on both datastores.
   *
   * @param addresses how many in all; each node takes an equal share
   */
  public static Figures run(int nodes, int addresses, PrintStream out) {
    out.printf(
        "%-11s %-22s %9s %8s %9s %8s %8s %8s %8s %9s%n",
        "datastore",
        "what",
        "addresses",
        "seconds",
        "per s",
        "p50 ms",
        "p99 ms",
        "reads/a",
        "writes/a",
        "conflicts");
    List<Phase> phases = new ArrayList<>(onFiles(nodes, addresses, out));
    Optional<KubeBinaries> binaries = KubeBinaries.present(System.getenv());
    if (binaries.isPresent()) {
      phases.addAll(onKubernetes(binaries.get(), nodes, addresses, out));
    } else {
      out.println(
          "kubernetes: not measured, because its programs are not here;"
              + " e2e/kube/provide-binaries gets them");
    }
    return new Figures(nodes, List.copyOf(phases));
  }

  private static List<Phase> onKubernetes(
      KubeBinaries binaries, int nodes, int addresses, PrintStream out) {
    try (ControlPlane plane = ControlPlane.start(ControlPlaneOptions.of(binaries));
        Datastore datastore = kubernetes(plane)) {
      List<Phase> phases = measure("kubernetes", datastore, nodes, addresses, out);
      out.println("kubernetes: requests for these kinds as the API server counts them:");
      apiRequests(plane).forEach((what, count) -> out.printf("  %-40s %8d%n", what, count));
      return phases;
    }
  }

  private static Datastore kubernetes(ControlPlane plane) {
    plane.applyCrds();
    return KubernetesDatastore.open(
        new KubernetesAccess(Optional.of(plane.kubeconfig()), Optional.empty()));
  }

  /**
   * By verb, resource and status, what the server has been asked for of group projectcalico.org.
   */
  private static Map<String, Long> apiRequests(ControlPlane plane) {
    Map<String, Long> counts = new TreeMap<>();
    for (ServerMetrics.Sample sample : ServerMetrics.of(plane).samples("apiserver_request_total")) {
      if (sample.label("group").equals("projectcalico.org")) {
        String what =
            "%s %s %s"
                .formatted(sample.label("verb"), sample.label("resource"), sample.label("code"));
        counts.merge(what, (long) sample.value(), Long::sum);
      }
    }
    return counts;
  }

  private static List<Phase> onFiles(int nodes, int addresses, PrintStream out) {
    try {
      Path directory = Files.createTempDirectory("manul-bench-ipam");
      try (Datastore datastore = FileDatastore.open(directory)) {
        return measure("file", datastore, nodes, addresses, out);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static List<Phase> measure(
      String name, Datastore datastore, int nodes, int addresses, PrintStream out) {
    datastore.create(
        new IPPool(
            Metadata.named("bench"),
            IPPool.Spec.of(Prefix.parse("10.0.0.0/12")).withBlockSize(26)));
    var counting = new CountingDatastore(datastore);
    List<SimulatedNode> all = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      String node = "node" + i;
      Map<Kind<?>, Selection> kept = new HashMap<>(Ipam.kept(node));
      kept.remove(Node.KIND); // there are none, and the pool is for all
      var watched = new WatchedDatastore(counting, kept);
      all.add(new SimulatedNode(node, watched, new Ipam(watched, Clock.systemUTC())));
    }
    try {
      for (SimulatedNode node : all) {
        if (!node.watched().awaitSynced(SYNC_LIMIT)) {
          throw new LabException("%s: %s does not hear from its watches", name, node.name());
        }
      }
      var bench = new Bench(name, counting, out);
      List<SimulatedNode> one = List.of(all.getFirst());
      int each = addresses / nodes;
      var given = new Given(ConcurrentHashMap.newKeySet(), new ConcurrentHashMap<>());
      Action take = (node, handle) -> take(node, handle, given);
      Action giveBack = (node, handle) -> giveBack(node, handle, given);
      return List.of(
          bench.phase("first, node by node", all, each, 1, take),
          bench.phase("release, node by node", all, each, 1, giveBack),
          bench.phase("again, node by node", all, each, 1, take),
          bench.phase("release, in bursts", all, each, BURST, giveBack),
          bench.phase("again, in bursts", all, each, BURST, take),
          bench.phase("release, in bursts", all, each, BURST, giveBack),
          bench.pair("one node alone", one, take, giveBack, true),
          bench.pair("release, alone", one, take, giveBack, false));
    } finally {
      all.forEach(node -> node.watched().close());
    }
  }

  private static void take(SimulatedNode node, String handle, Given given) {
    AssignmentResult result =
        node.ipam()
            .autoAssign(
                AutoAssignRequest.of(node.name(), IntendedUse.WORKLOAD)
                    .withCounts(1, 0)
                    .withHandle(handle));
    if (!result.complete()) {
      throw new LabException("%s: %s", node.name(), result.problems());
    }
    Address address = result.addresses().getFirst();
    given.byHandle().put(handle, address);
    if (!given.all().add(address)) {
      throw new LabException("%s was given twice", address);
    }
  }

  private static void giveBack(SimulatedNode node, String handle, Given given) {
    // Free for others from here on: they may have it before this hears that it is done.
    given.all().remove(given.byHandle().remove(handle));
    if (node.ipam().releaseByHandle(handle, node.name()).released().size() != 1) {
      throw new LabException("%s: %s had no address", node.name(), handle);
    }
  }

  /** Runs phases against one datastore and prints each. */
  private record Bench(String datastore, CountingDatastore counting, PrintStream out) {

    /** Every node does something {@code each} times, {@code width} of its threads at once. */
    Phase phase(String what, List<SimulatedNode> nodes, int each, int width, Action action) {
      CountingDatastore.Counts before = counting.counts();
      long[] nanos = new long[nodes.size() * each];
      long start = System.nanoTime();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> futures = new ArrayList<>();
        for (int n = 0; n < nodes.size(); n++) {
          for (int t = 0; t < width; t++) {
            int node = n;
            int thread = t;
            futures.add(
                threads.submit(
                    () -> {
                      for (int i = thread; i < each; i += width) {
                        nanos[node * each + i] = timed(action, nodes.get(node), i);
                      }
                    }));
          }
        }
        for (Future<?> future : futures) {
          future.get();
        }
      } catch (ExecutionException e) {
        throw new LabException("%s, %s: %s", datastore, what, e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LabException("%s, %s: interrupted", datastore, what);
      }
      return told(what, nanos, (System.nanoTime() - start), counting.counts().since(before));
    }

    /** One node takes an address and gives it back, again and again; one of the two is told. */
    Phase pair(String what, List<SimulatedNode> one, Action take, Action giveBack, boolean taking) {
      long[] nanos = new long[ALONE];
      CountingDatastore.Counts sum = new CountingDatastore.Counts(0, 0, 0);
      for (int i = 0; i < ALONE; i++) {
        CountingDatastore.Counts before = counting.counts();
        long first = timed(take, one.getFirst(), i);
        CountingDatastore.Counts between = counting.counts();
        long second = timed(giveBack, one.getFirst(), i);
        CountingDatastore.Counts part =
            taking ? between.since(before) : counting.counts().since(between);
        nanos[i] = taking ? first : second;
        sum =
            new CountingDatastore.Counts(
                sum.reads() + part.reads(),
                sum.writes() + part.writes(),
                sum.conflicts() + part.conflicts());
      }
      return told(what, nanos, Arrays.stream(nanos).sum(), sum);
    }

    private static long timed(Action action, SimulatedNode node, int number) {
      long start = System.nanoTime();
      action.run(node, "k8s-pod-network." + node.name() + "-" + number);
      return System.nanoTime() - start;
    }

    private Phase told(String what, long[] nanos, long total, CountingDatastore.Counts counts) {
      Arrays.sort(nanos);
      double seconds = total / NANOS_PER_SECOND;
      var phase =
          new Phase(
              datastore,
              what,
              nanos.length,
              seconds,
              nanos.length / seconds,
              nanos[nanos.length / 2] / NANOS_PER_MILLI,
              nanos[(int) (nanos.length * HIGH)] / NANOS_PER_MILLI,
              (double) counts.reads() / nanos.length,
              (double) counts.writes() / nanos.length,
              counts.conflicts());
      out.printf(
          "%-11s %-22s %9d %8.2f %9.0f %8.2f %8.2f %8.3f %8.3f %9d%n",
          phase.datastore(),
          phase.what(),
          phase.addresses(),
          phase.seconds(),
          phase.perSecond(),
          phase.p50Ms(),
          phase.p99Ms(),
          phase.readsPerAddress(),
          phase.writesPerAddress(),
          phase.conflicts());
      return phase;
    }
  }
}
