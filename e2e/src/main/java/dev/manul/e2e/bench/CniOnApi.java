package dev.manul.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.e2e.cni.ApiNode;
import dev.manul.e2e.cni.PodNode;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.kube.ServerMetrics;
import dev.manul.model.Address;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How fast pods are wired with the cluster's state in a real API server, and how long that server
 * takes for the two writes that an ADD consists of, a block of addresses and a pod's annotations:
 * by its own clock during the ADDs, and for a client that does nothing else, in turns with them.
 */
final class CniOnApi {

  private static final String NODE = "mlab-cniapi";
  private static final String API_ADDRESS = "10.1.0.5";
  private static final double THOUSAND = 1e3;
  private static final double MILLION = 1e6;
  private static final String BLOCKS = "ipamblocks";
  private static final String PODS = "pods";

  private static final String NAMESPACE = "bench";

  /** Is on no node. */
  private static final String OTHER_POD = "other";

  private static final int WARM_UP_WRITES = 100;
  private static final Set<String> WRITING = Set.of("POST", "PUT", "PATCH", "APPLY", "DELETE");

  /**
   * The writes of a resource during all ADDs, by the server's own count and clock.
   *
   * @param micros of all together, from the request's arrival to the answer's end
   */
  record Writes(long count, long micros) {
    private Writes since(Writes before) {
      return new Writes(count - before.count, micros - before.micros);
    }

    private Writes and(Writes others) {
      return new Writes(count + others.count, micros + others.micros);
    }
  }

  /**
   * What was measured, the times sorted and in microseconds.
   *
   * @param firstAddMicros the first ADDs after the agent's start
   * @param blocks writes of blocks of addresses
   * @param pods writes of pods' annotations
   * @param alone both for another client, the agent having nothing to do
   */
  record Figures(
      List<Long> firstAddMicros,
      List<Long> addMicros,
      List<Long> deleteMicros,
      Writes blocks,
      Writes pods,
      ServerWrites.Times alone) {

    /** Milliseconds: what an ADD may take beside the server's writes. */
    private static final double TARGET = 3;

    Figures {
      firstAddMicros = firstAddMicros.stream().sorted().toList();
      addMicros = addMicros.stream().sorted().toList();
      deleteMicros = deleteMicros.stream().sorted().toList();
    }

    void print(PrintStream out) {
      out.printf(
          Locale.ROOT, "%-28s %8s %8s %8s%n", "ms, state in an API server", "p50", "p99", "mean");
      line(out, "manul, first ADDs", firstAddMicros);
      line(out, "manul, ADD", addMicros);
      line(out, "manul, DEL", deleteMicros);
      line(out, "a block write, by itself", alone.block());
      line(out, "a pod write, by itself", alone.pod());
      line(out, "both, side by side", alone.both());
      line(out, "block writes of an ADD", blocks);
      line(out, "pod writes of an ADD", pods);
      double own = p50(addMicros) - p50(alone.both());
      out.printf(
          Locale.ROOT,
          "target ADD, p50, less both side by side, ms <= %.1f: %.2f, %s%n",
          TARGET,
          own,
          own <= TARGET ? "met" : "missed");
      out.printf(
          Locale.ROOT,
          "  less both one after the other, ms: %.2f%n",
          p50(addMicros) - p50(alone.block()) - p50(alone.pod()));
      out.printf(
          Locale.ROOT,
          "  mean less the longer by the server's clock, ms: %.2f%n",
          mean(addMicros) - Math.max(perAdd(blocks), perAdd(pods)));
    }

    private static void line(PrintStream out, String what, List<Long> sorted) {
      out.printf(
          Locale.ROOT,
          "%-28s %8.2f %8.2f %8.2f%n",
          what,
          p50(sorted),
          CniFigures.percentile(sorted, 99) / THOUSAND,
          mean(sorted));
    }

    private void line(PrintStream out, String what, Writes writes) {
      out.printf(
          Locale.ROOT,
          "%-28s %17s %8.2f  %.2f each%n",
          what,
          "",
          perAdd(writes),
          (double) writes.count() / addMicros.size());
    }

    private static double p50(List<Long> sorted) {
      return CniFigures.percentile(sorted, 50) / THOUSAND;
    }

    private static double mean(List<Long> micros) {
      return micros.stream().mapToLong(each -> each).average().orElseThrow() / THOUSAND;
    }

    private double perAdd(Writes writes) {
      return writes.micros() / THOUSAND / addMicros.size();
    }
  }

  private CniOnApi() {}

  static Figures run(KubeBinaries binaries, Path root, Path directory, Path driver)
      throws IOException {
    try (ApiNode both =
        ApiNode.up(
            binaries,
            NODE,
            directory,
            root.resolve("dist"),
            Address.parse(API_ADDRESS),
            "10.86.0.0/16",
            26)) {
      return measured(both, directory, driver);
    }
  }

  private static Figures measured(ApiNode both, Path directory, Path driver) throws IOException {
    ControlPlane plane = both.plane();
    PodNode node = both.node();
    String _ = plane.kubectl("create", "namespace", NAMESPACE);
    int pods = Math.max(CniBench.SEQUENTIAL, CniBench.BURST);
    both.createPods(
        NAMESPACE, NODE, IntStream.rangeClosed(1, pods).mapToObj(i -> "manul" + i).toList());
    both.createPods(NAMESPACE, "", List.of(OTHER_POD));
    List<Long> first;
    List<Long> adds = new ArrayList<>();
    List<Long> deletions = new ArrayList<>();
    Writes blocks = new Writes(0, 0);
    Writes podWrites = new Writes(0, 0);
    ServerWrites.Times alone;
    node.startAgent();
    node.awaitReady();
    Path configuration = Files.writeString(directory.resolve("manul.json"), CniBench.MANUL);
    first = operations(node, driver, "ADD", 1, CniBench.SEQUENTIAL, configuration);
    List<Long> _ = operations(node, driver, "DEL", 1, CniBench.SEQUENTIAL, configuration);
    for (int i = 0; i < CniBench.WARM_UP_BURSTS; i++) {
      for (String command : List.of("ADD", "DEL")) {
        List<Long> _ =
            operations(node, driver, command, CniBench.PARALLEL, CniBench.BURST, configuration);
      }
    }
    List<Long> _ = operations(node, driver, "ADD", 1, CniBench.SEQUENTIAL, configuration);
    JsonNode block = block(plane);
    List<Long> _ = operations(node, driver, "DEL", 1, CniBench.SEQUENTIAL, configuration);
    try (ServerWrites writes =
        ServerWrites.of(plane, block, "/api/v1/namespaces/" + NAMESPACE + "/pods/" + OTHER_POD)) {
      writes.measure(WARM_UP_WRITES);
      for (int round = -CniBench.WARM_UP; round < CniBench.ROUNDS; round++) {
        if (round == 0) {
          ServerWrites.Times _ = writes.times(); // the server was warming up
        }
        writes.measure(CniBench.SEQUENTIAL);
        ServerMetrics before = ServerMetrics.of(plane);
        List<Long> added = operations(node, driver, "ADD", 1, CniBench.SEQUENTIAL, configuration);
        ServerMetrics after = ServerMetrics.of(plane);
        List<Long> deleted = operations(node, driver, "DEL", 1, CniBench.SEQUENTIAL, configuration);
        if (round >= 0) {
          adds.addAll(added);
          deletions.addAll(deleted);
          blocks = blocks.and(writes(after, BLOCKS).since(writes(before, BLOCKS)));
          podWrites = podWrites.and(writes(after, PODS).since(writes(before, PODS)));
        }
      }
      alone = writes.times();
    }
    node.killAgent();
    return new Figures(first, adds, deletions, blocks, podWrites, alone);
  }

  /** A block with addresses of pods in it. */
  private static JsonNode block(ControlPlane plane) throws IOException {
    return new ObjectMapper()
        .readTree(plane.kubectl("get", "ipamblocks", "--output=json"))
        .path("items")
        .path(0);
  }

  /** What the server has written of a resource since its start. */
  private static Writes writes(ServerMetrics metrics, String resource) {
    String metric = "apiserver_request_duration_seconds";
    double count = total(metrics, metric + "_count", resource);
    return new Writes((long) count, (long) (total(metrics, metric + "_sum", resource) * MILLION));
  }

  private static double total(ServerMetrics metrics, String metric, String resource) {
    return metrics.samples(metric).stream()
        .filter(sample -> sample.label("resource").equals(resource))
        .filter(sample -> WRITING.contains(sample.label("verb")))
        .mapToDouble(ServerMetrics.Sample::value)
        .sum();
  }

  /** Of the first so many pods. */
  private static List<Long> operations(
      PodNode node, Path driver, String command, int parallel, int count, Path configuration) {
    return CniBench.operations(
            node, driver, command, parallel, "manul", 1, count, node.program(), configuration)
        .subList(0, count);
  }
}
