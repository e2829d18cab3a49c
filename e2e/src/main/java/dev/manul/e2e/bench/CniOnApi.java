package dev.manul.e2e.bench;

import dev.manul.datastore.Datastore;
import dev.manul.datastore.Document;
import dev.manul.datastore.ResourceText;
import dev.manul.datastore.WriteResult;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.e2e.LabException;
import dev.manul.e2e.cni.PodNode;
import dev.manul.e2e.kube.ControlPlane;
import dev.manul.e2e.kube.ControlPlaneOptions;
import dev.manul.e2e.kube.KubeBinaries;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Address;
import dev.manul.model.Resource;
import dev.manul.model.WorkloadEndpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How fast pods are wired with the cluster's state in a real API server, and how long that server
 * takes for the two writes that an ADD consists of: a block of addresses, and a pod's annotations.
 */
final class CniOnApi {

  private static final String NODE = "mlab-cniapi";
  private static final String API_ADDRESS = "10.1.0.5";
  private static final String NODE_ADDRESS = "10.1.0.6";
  private static final int WRITES = 200;
  private static final double THOUSAND = 1e3;

  /** The pod whose annotations are written for comparison; no container is ever made for it. */
  private static final String SPARE = "spare";

  private static final String BLOCK =
      """
      apiVersion: projectcalico.org/v3
      kind: IPAMBlock
      metadata:
        name: 10-99-0-0-26
      spec:
        cidr: 10.99.0.0/26
        affinity: host:nobody
        strictAffinity: false
        allocations: [%1$s]
        attributes: []
        unallocated: [%2$s]
        sequenceNumber: 0
        sequenceNumberForAllocation: {}
        deleted: false
      """
          .formatted(
              String.join(", ", IntStream.range(0, 64).mapToObj(_ -> "null").toList()),
              String.join(", ", IntStream.range(0, 64).mapToObj(Integer::toString).toList()));

  private static final String ENDPOINT =
      """
      apiVersion: projectcalico.org/v3
      kind: WorkloadEndpoint
      metadata:
        name: %4$s
        namespace: bench
      spec:
        orchestrator: k8s
        node: %1$s
        pod: %2$s
        endpoint: eth0
        containerID: %3$s
        ipNetworks: [10.99.0.1/32]
        interfaceName: cali0000000000a
      """;

  /**
   * What was measured, in microseconds, sorted.
   *
   * @param blockWrites of the API server alone: an update of a block
   * @param podWrites likewise: a patch of a pod's annotations
   */
  record Figures(
      List<Long> addMicros, List<Long> deleteMicros, List<Long> blockWrites, List<Long> podWrites) {

    Figures {
      addMicros = addMicros.stream().sorted().toList();
      deleteMicros = deleteMicros.stream().sorted().toList();
      blockWrites = blockWrites.stream().sorted().toList();
      podWrites = podWrites.stream().sorted().toList();
    }

    private static double millis(List<Long> sorted, int percent) {
      return CniFigures.percentile(sorted, percent) / THOUSAND;
    }

    void print(PrintStream out) {
      double own = millis(blockWrites, 50) + millis(podWrites, 50);
      line(out, "manul on an API server, ADD", addMicros);
      line(out, "  the server's block write", blockWrites);
      line(out, "  the server's pod write", podWrites);
      out.printf(Locale.ROOT, "%-28s %8.2f%n", "  ADD less the two", millis(addMicros, 50) - own);
      line(out, "manul on an API server, DEL", deleteMicros);
    }

    private static void line(PrintStream out, String what, List<Long> sorted) {
      out.printf(Locale.ROOT, "%-28s %8.2f %8.2f%n", what, millis(sorted, 50), millis(sorted, 99));
    }
  }

  private CniOnApi() {}

  static Figures run(KubeBinaries binaries, Path root, Path directory, Path driver)
      throws IOException {
    Address address = Address.parse(API_ADDRESS);
    Run.ok("ip link add mlab-cniapi type veth peer name mlab-cninode".split(" ", -1));
    try {
      Run.ok("ip", "address", "add", API_ADDRESS + "/30", "dev", "mlab-cniapi");
      Run.ok("ip", "link", "set", "mlab-cniapi", "up");
      try (ControlPlane plane =
          ControlPlane.start(ControlPlaneOptions.of(binaries).at(address, address))) {
        return measured(plane, root, directory, driver);
      }
    } finally {
      var _ = Run.of(List.of("ip", "link", "delete", "mlab-cniapi"));
    }
  }

  private static Figures measured(ControlPlane plane, Path root, Path directory, Path driver)
      throws IOException {
    int rounds = CniBench.WARM_UP + CniBench.ROUNDS;
    plane.applyCrds();
    String _ = plane.kubectlWith(objects(rounds * CniBench.SEQUENTIAL), "create", "--filename=-");
    Map<String, String> store =
        Map.of(
            "DATASTORE_TYPE", "kubernetes", "KUBECONFIG", plane.advertisedKubeconfig().toString());
    List<Long> adds = new ArrayList<>();
    List<Long> deletions = new ArrayList<>();
    try (PodNode node = PodNode.up(NODE, directory, root.resolve("dist"), store)) {
      Run.ok("ip", "link", "set", "mlab-cninode", "netns", node.name());
      Run.ip(
          node.name(),
          List.of(
              "address add " + NODE_ADDRESS + "/30 dev mlab-cninode", "link set mlab-cninode up"));
      node.startAgent();
      node.awaitReady();
      Path configuration = Files.writeString(directory.resolve("manul.json"), CniBench.MANUL);
      for (int round = 0; round < rounds; round++) {
        int first = 1 + round * CniBench.SEQUENTIAL;
        List<Long> added = operations(node, driver, "ADD", first, configuration);
        List<Long> deleted = operations(node, driver, "DEL", first, configuration);
        if (round >= CniBench.WARM_UP) {
          adds.addAll(added);
          deletions.addAll(deleted);
        }
      }
      node.killAgent(); // it would collect a block that is nobody's
      try (Datastore datastore =
          KubernetesDatastore.open(
              new KubernetesAccess(Optional.of(plane.kubeconfig()), Optional.empty()))) {
        Resource block = written(datastore.create(parsed(BLOCK)));
        var _ = written(datastore.create(parsed(endpoint("c"))));
        return new Figures(
            adds,
            deletions,
            writes(datastore, _ -> block),
            writes(datastore, i -> parsed(endpoint("c" + i))));
      }
    }
  }

  private static List<Long> operations(
      PodNode node, Path driver, String command, int first, Path configuration) {
    int count = CniBench.SEQUENTIAL;
    return CniBench.operations(
            node, driver, command, 1, "manul", first, count, node.program(), configuration)
        .subList(0, count);
  }

  private static String endpoint(String container) {
    return ENDPOINT.formatted(NODE, SPARE, container, WorkloadEndpoint.nameOf(NODE, SPARE));
  }

  /** One after another; the second half counts. */
  private static List<Long> writes(Datastore datastore, IntFunction<Resource> resource) {
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < 2 * WRITES; i++) {
      // without a version, so that each write is one request
      Resource next = resource.apply(i);
      Resource blind = next.withMetadata(next.metadata().withResourceVersion(""));
      long began = System.nanoTime();
      var _ = written(datastore.update(blind));
      micros.add((System.nanoTime() - began) / 1_000);
    }
    return micros.subList(WRITES, micros.size());
  }

  private static Resource written(WriteResult<? extends Resource> result) {
    if (result instanceof WriteResult.Written<? extends Resource>(Resource stored)) {
      return stored;
    }
    throw new LabException("cni bench: a write was refused: %s", result);
  }

  private static Resource parsed(String text) {
    return ResourceText.parse(text, "bench").stream()
        .map(Document::resource)
        .findFirst()
        .orElseThrow();
  }

  /** The node, a pool, and the pods that there will be containers of. */
  private static String objects(int pods) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: bench}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: %s}
        ---
        apiVersion: projectcalico.org/v3
        kind: IPPool
        metadata: {name: pods}
        spec: {cidr: 10.86.0.0/16, blockSize: 26, ipipMode: Never, natOutgoing: false}
        """
            .formatted(NODE));
    IntStream.rangeClosed(1, pods).mapToObj(i -> "manul" + i).forEach(name -> pod(text, name));
    pod(text, SPARE);
    return text.toString();
  }

  private static void pod(StringBuilder text, String name) {
    text.append(
        """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: bench}
        spec: {nodeName: %s, containers: [{name: c, image: none}]}
        """
            .formatted(name, NODE));
  }
}
