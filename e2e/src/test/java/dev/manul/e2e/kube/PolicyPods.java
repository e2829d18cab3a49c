package dev.manul.e2e.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.e2e.cni.PluginChain;
import dev.manul.e2e.cni.PodNode;
import dev.manul.e2e.cni.Sandbox;
import dev.manul.e2e.lab.Run;
import dev.manul.model.Address;
import dev.manul.netlink.NetworkNamespace;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Pods of a node whose agent has its state in a real API server: namespaces, a pod object each, and
 * the CNI program's wiring. What they reach is found out by TCP connections between their network
 * namespaces. Beside the node is a host that knows nothing of pods.
 */
final class PolicyPods implements AutoCloseable {

  /** The node itself, as one who asks. */
  static final String NODE = "mpol-node";

  /** Addresses of the host beside the node. */
  static final String WORLD = "198.51.100.1";

  static final String OTHER_WORLD = "198.51.100.17";

  /** Where every pod, and the host beside, listens. */
  static final List<Integer> PORTS = List.of(8080, 9090);

  /** Much longer than a handshake between namespaces of one host, and shorter than a repetition. */
  private static final int ANSWER_MILLIS = 500;

  private static final String API_ADDRESS = "10.1.0.9";
  private static final String NODE_ADDRESS = "10.1.0.10";
  private static final String BESIDE = "mpol-world";
  private static final Path DIST = Path.of("../dist").toAbsolutePath().normalize();
  private static final String NETWORK =
      """
      {"cniVersion": "1.0.0", "name": "k8s-pod-network",
       "plugins": [{"type": "manul", "ipam": {"type": "manul-ipam"}}]}
      """;

  private static final String CLUSTER =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: %s}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: pods}
      spec: {cidr: 10.87.0.0/16, blockSize: 26, ipipMode: Never, natOutgoing: false}
      """
          .formatted(NODE);

  private static final String NAMESPACE =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: %1$s, labels: {team: %1$s}}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: default, namespace: %1$s}
      """;

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: %1$s, namespace: %2$s, labels: {app: %1$s}}
      spec:
        nodeName: %3$s
        automountServiceAccountToken: false
        containers:
          - name: c
            image: none
            ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}]
      """;

  private final Path directory;
  private final ControlPlane plane;
  private final PodNode node;
  private final Map<String, NetworkNamespace> places = new LinkedHashMap<>();
  private final Map<String, String> addresses = new LinkedHashMap<>();
  private final List<Sandbox> sandboxes = new ArrayList<>();
  private final List<Closeable> servers = new ArrayList<>();
  private final ExecutorService askers = Executors.newFixedThreadPool(8);

  private PolicyPods(Path directory, ControlPlane plane, PodNode node) {
    this.directory = directory;
    this.plane = plane;
    this.node = node;
  }

  /** Starts an API server, and a node that reaches it over a link. */
  static PolicyPods start(Path directory) {
    assertThat(DIST.resolve("cni/manul")).as("made by ./dev build").isExecutable();
    forgetHost(); // of a run that was killed
    Address api = Address.parse(API_ADDRESS);
    Run.ok("ip link add mlab-polapi type veth peer name mlab-polnode".split(" ", -1));
    Run.ok("ip", "address", "add", API_ADDRESS + "/30", "dev", "mlab-polapi");
    Run.ok("ip", "link", "set", "mlab-polapi", "up");
    ControlPlane plane =
        ControlPlane.start(ControlPlaneOptions.of(KubeBinaries.provided()).at(api));
    plane.applyCrds();
    String _ = plane.kubectlWith(CLUSTER, "create", "--filename=-");
    Map<String, String> store =
        Map.of("DATASTORE_TYPE", "kubernetes", "KUBECONFIG", plane.kubeconfig().toString());
    PodNode node = PodNode.up(NODE, directory.resolve("node"), DIST, store);
    Run.ok("ip", "link", "set", "mlab-polnode", "netns", NODE);
    Run.ip(
        NODE,
        List.of(
            "address add " + NODE_ADDRESS + "/30 dev mlab-polnode", "link set mlab-polnode up"));
    var pods = new PolicyPods(directory, plane, node);
    pods.startHostBeside();
    node.startAgent();
    node.awaitReady();
    pods.places.put(NODE, NetworkNamespace.named(NODE));
    return pods;
  }

  private void startHostBeside() {
    Run.ok("ip", "netns", "add", BESIDE);
    Run.ip(
        NODE,
        List.of(
            "link add world type veth peer name eth0 netns " + BESIDE,
            "address add 198.51.100.254/24 dev world",
            "link set world up"));
    Run.ip(
        BESIDE,
        List.of(
            "address add " + WORLD + "/24 dev eth0",
            "address add " + OTHER_WORLD + "/24 dev eth0",
            "link set eth0 up",
            "route add 10.87.0.0/16 via 198.51.100.254"));
    serve(NetworkNamespace.named(BESIDE));
  }

  /** Makes a namespace with the label team, of its own name. */
  void namespace(String name) {
    apply(NAMESPACE.formatted(name));
  }

  /** Makes a pod with the label app, of its own name, and has it wired. */
  void pod(String namespace, String name) {
    apply(POD.formatted(name, namespace, NODE));
    var sandbox = new Sandbox("polsandbox" + name, "mpol-" + name, namespace, name);
    sandboxes.add(sandbox);
    PluginChain.Outcome added = node.runtime().add(NETWORK, sandbox.make());
    assertThat(added.ok()).as(added.toString()).isTrue();
    NetworkNamespace place = NetworkNamespace.named(sandbox.netnsName());
    serve(place);
    addresses.put(name, added.addresses().getFirst());
    places.put(name, place);
  }

  void apply(String objects) {
    String _ = plane.kubectlWith(objects, "apply", "--filename=-");
  }

  String kubectl(String... arguments) {
    return plane.kubectl(arguments);
  }

  /** What {@code manulctl node status} prints on the node, and what it complains of. */
  String nodeStatus() {
    return NodeStatus.of(directory.resolve("node/run"));
  }

  PodNode node() {
    return node;
  }

  /** Those of all pods and the node, but not {@code to} itself, whom it answers at a port. */
  Set<String> whoReaches(String to, int port) {
    Map<String, Future<Boolean>> answers = new LinkedHashMap<>();
    places.forEach(
        (from, place) -> {
          if (!from.equals(to)) {
            answers.put(from, askers.submit(() -> reaches(place, addresses.get(to), port)));
          }
        });
    Set<String> reach = new TreeSet<>();
    answers.forEach(
        (from, answer) -> {
          if (answered(answer)) {
            reach.add(from);
          }
        });
    return reach;
  }

  /** Those of some addresses that answer a pod at a port. */
  Set<String> reachedBy(String from, int port, List<String> targets) {
    Map<String, Future<Boolean>> answers = new LinkedHashMap<>();
    targets.forEach(
        to -> answers.put(to, askers.submit(() -> reaches(places.get(from), to, port))));
    Set<String> reach = new TreeSet<>();
    answers.forEach(
        (to, answer) -> {
          if (answered(answer)) {
            reach.add(to);
          }
        });
    return reach;
  }

  String address(String pod) {
    return addresses.get(pod);
  }

  private static boolean answered(Future<Boolean> answer) {
    try {
      return answer.get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Whether a connection is made: a refusal or another error is no answer that a policy gives. */
  private static boolean reaches(NetworkNamespace place, String address, int port) {
    return place.call(
        () -> {
          try (var socket = new Socket()) {
            socket.connect(
                new InetSocketAddress(InetAddress.ofLiteral(address), port), ANSWER_MILLIS);
            return true;
          } catch (SocketTimeoutException e) {
            return false;
          } catch (ConnectException e) {
            throw new AssertionError("%s > %s:%d".formatted(place, address, port), e);
          }
        });
  }

  private void serve(NetworkNamespace place) {
    for (int port : PORTS) {
      ServerSocket server = place.call(() -> new ServerSocket(port));
      servers.add(server);
      var _ =
          Thread.ofPlatform()
              .daemon()
              .name("pod-" + place + "-" + port)
              .start(() -> hangUp(server));
    }
  }

  /** Takes connections and ends each when the one who asked has. */
  private static void hangUp(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket taken = server.accept()) {
        int _ = taken.getInputStream().read();
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    askers.shutdownNow();
    for (Closeable server : servers) {
      server.close();
    }
    node.close();
    sandboxes.forEach(Sandbox::remove);
    plane.close();
    forgetHost();
  }

  private static void forgetHost() {
    var _ = Run.of(List.of("ip", "netns", "delete", BESIDE));
    var _ = Run.of(List.of("ip", "link", "delete", "mlab-polapi"));
  }
}
