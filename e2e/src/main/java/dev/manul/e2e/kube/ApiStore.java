package dev.manul.e2e.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.datastore.Datastore;
import dev.manul.datastore.kubernetes.KubernetesAccess;
import dev.manul.datastore.kubernetes.KubernetesDatastore;
import dev.manul.e2e.lab.ClusterStore;
import dev.manul.e2e.lab.Lab;
import dev.manul.e2e.lab.Pod;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Topology;
import dev.manul.model.Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The state of a lab's cluster in a Kubernetes API server that runs beside the lab's machines,
 * outside their namespaces, plugged into the router or, where there is none, into the first node.
 * The lab stands in for kubelets and scheduler.
 */
public final class ApiStore implements ClusterStore {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PODS = "/api/v1/namespaces/%s/pods".formatted(Pod.NAMESPACE);

  /** The API's own wire to the router. */
  private static final String API_DEVICE = "mlab-api";

  private static final String ROUTER_DEVICE = "api";
  private static final String API_ADDRESS = "10.1.0.1";
  private static final String ROUTER_ADDRESS = "10.1.0.2";

  /**
   * In a guest of user-mode Linux nearly every second page of a process is a mapping of its own on
   * the host, which allows 65,530 ({@code vm.max_map_count}). A server with Go's usual heap comes
   * to 60,000 with our CRDs, and one that reaches the limit hangs for good.
   */
  private static final int HEAP_GROWTH = 40;

  private final KubeBinaries binaries;

  /** Null until the machines are wired. */
  private ControlPlane plane;

  public ApiStore(KubeBinaries binaries) {
    this.binaries = binaries;
  }

  @Override
  public Map<String, String> environment() {
    return plane == null
        ? Map.of()
        : Map.of("DATASTORE_TYPE", "kubernetes", "KUBECONFIG", plane.kubeconfig().toString());
  }

  @Override
  public void machinesWired(Topology topology, Progress progress) {
    long start = System.nanoTime();
    plug(topology);
    Address address = Address.parse(API_ADDRESS);
    plane =
        ControlPlane.start(
            ControlPlaneOptions.of(binaries).at(address).withHeapGrowth(HEAP_GROWTH));
    progress.done(
        "etcd and kube-apiserver %s answer after %.1f s".formatted(plane.url(), seconds(start)));
    apply("/api/v1/namespaces", "Namespace", Map.of("name", Pod.NAMESPACE), Map.of());
    for (Topology.Machine node : topology.nodes()) {
      Map<String, String> labels = new TreeMap<>(node.labels());
      labels.put("kubernetes.io/hostname", node.name());
      Map<String, Object> metadata = Map.of("name", node.name(), "labels", labels);
      apply("/api/v1/nodes", "Node", metadata, Map.of());
    }
    plane.applyCrds();
    progress.done(
        "CRDs applied and %d nodes registered after %.1f s"
            .formatted(topology.nodes().size(), seconds(start)));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  /** The nodes reach the API through the router, over whatever is their way to it. */
  private static void plug(Topology topology) {
    Topology.Machine router =
        topology.machines().stream()
            .filter(machine -> !machine.runsAgent())
            .findFirst()
            .orElseGet(() -> topology.nodes().getFirst());
    List<String> subnets =
        Run.ok("ip", "-netns", router.namespace(), "-4", "route", "show", "scope", "link")
            .lines()
            .map(line -> line.split(" ", 2)[0])
            .toList();
    Run.ok(
        "ip link add %s type veth peer name %s netns %s"
            .formatted(API_DEVICE, ROUTER_DEVICE, router.namespace())
            .split(" ", -1));
    Run.ip(
        router.namespace(),
        List.of(
            "address add %s/30 dev %s".formatted(ROUTER_ADDRESS, ROUTER_DEVICE),
            "link set %s up".formatted(ROUTER_DEVICE)));
    Run.ok("ip", "address", "add", API_ADDRESS + "/30", "dev", API_DEVICE);
    Run.ok("ip", "link", "set", API_DEVICE, "up");
    subnets.forEach(subnet -> Run.ok("ip", "route", "add", subnet, "via", ROUTER_ADDRESS));
  }

  /** Makes an object of the core group in a collection, given by its path. */
  private void apply(
      String collection, String kind, Map<String, Object> metadata, Map<String, Object> spec) {
    Map<String, Object> object =
        Map.of("apiVersion", "v1", "kind", kind, "metadata", metadata, "spec", spec);
    plane.apply(collection + "/" + metadata.get("name"), json(object));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** What the API server said last, for whoever must find out why a lab could not go on. */
  public String logEnd() {
    return plane == null ? "" : plane.apiServerLogEnd();
  }

  @Override
  public void agentsReady(Topology topology) {}

  @Override
  public Datastore open() {
    return KubernetesDatastore.open(KubernetesAccess.file(plane.kubeconfig()));
  }

  @Override
  public void podsScheduled(Map<String, List<String>> names) {
    Map<String, Object> container = Map.of("name", "main", "image", "none");
    names.forEach(
        (node, ofNode) -> {
          Map<String, Object> spec = Map.of("nodeName", node, "containers", List.of(container));
          for (String name : ofNode) {
            apply(PODS, "Pod", Map.of("name", name, "namespace", Pod.NAMESPACE), spec);
          }
        });
  }

  @Override
  public void podsRunning(List<Pod> pods) {
    for (Pod pod : pods) {
      Map<String, Object> status =
          Map.of(
              "phase",
              "Running",
              "podIP",
              pod.address(),
              "podIPs",
              List.of(Map.of("ip", pod.address())));
      plane.mergePatch(PODS + "/" + pod.name() + "/status", json(Map.of("status", status)));
    }
  }

  @Override
  public String patchPool(Lab lab, String pool, String patch) {
    String _ = plane.kubectl("patch", "ippool", pool, "--type=merge", "--patch=" + patch);
    return "kubectl patch ippool %s --type merge -p '%s'".formatted(pool, patch);
  }

  @Override
  public Optional<Outage> outage() {
    return Optional.of(
        new Outage() {
          @Override
          public void freeze() {
            plane.signalApiServer("STOP");
          }

          @Override
          public void thaw() {
            plane.signalApiServer("CONT");
          }

          @Override
          public void kill() {
            plane.stopApiServer();
          }

          @Override
          public void restart() {
            plane.startApiServer();
          }
        });
  }

  @Override
  public void close() {
    if (plane != null) {
      plane.close();
    }
  }
}
