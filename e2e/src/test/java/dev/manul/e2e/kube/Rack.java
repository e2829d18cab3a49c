package dev.manul.e2e.kube;

import dev.manul.e2e.lab.Run;
import dev.manul.model.Address;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A node whose agent has its state in a real API server, with no more rights there than the
 * manifest gives it, and BIRD as the router of its rack. Each is in a network namespace of its own.
 */
final class Rack implements AutoCloseable {

  /** The node's name, and its network namespace's. */
  static final String NODE = "mlab-rack-node";

  /** The router's address. */
  static final String ROUTER = "10.3.0.1";

  static final String NODE_ADDRESS = "10.3.0.10";

  private static final String ROUTER_PLACE = "mlab-rack-tor";
  private static final String API_ADDRESS = "10.1.4.9";

  private static final String BIRD =
      """
      router id 10.3.0.1;
      log "%s/bird.log" all;
      protocol device {}
      protocol static { ipv4;
        route 192.0.2.0/24 blackhole;
        route 10.96.77.0/24 blackhole;
      }
      protocol bgp node {
        local 10.3.0.1 as 65001;
        neighbor 10.3.0.10 as 64512;
        %s
        connect delay time 1; connect retry time 1; error wait time 1, 2;
        graceful restart on;
        ipv4 { import all; export where source = RTS_STATIC; next hop self; };
      }
      """;

  private static final String RIGHTS =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: rack}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: manul-node}
      subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "%1$s"}]
      """;

  private static final String RIGHTS_IN_NAMESPACE =
      """
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: rack-%2$s, namespace: kube-system}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %2$s}
      subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "%1$s"}]
      """;

  private final Path directory;
  private final ControlPlane plane;
  private Process agent;
  private Process bird;

  private Rack(Path directory, ControlPlane plane) {
    this.directory = directory;
    this.plane = plane;
  }

  /**
   * Starts an API server, the router and the node's agent; does not wait for the agent.
   *
   * @param objects applied before the agent starts
   */
  static Rack start(Path directory, String objects) throws IOException {
    forgetHost(); // of a run that was killed
    Address api = Address.parse(API_ADDRESS);
    Run.ok("ip link add mlab-rackapi type veth peer name mlab-racknode".split(" ", -1));
    Run.ok("ip", "address", "add", API_ADDRESS + "/30", "dev", "mlab-rackapi");
    Run.ok("ip", "link", "set", "mlab-rackapi", "up");
    ControlPlane plane =
        ControlPlane.start(ControlPlaneOptions.of(KubeBinaries.provided()).at(api));
    var rack = new Rack(directory, plane);
    plane.applyCrds();
    rack.rights();
    rack.apply(objects);
    Run.ok("ip", "netns", "add", NODE);
    Run.ok("ip", "netns", "add", ROUTER_PLACE);
    Run.ok("ip", "link", "set", "mlab-racknode", "netns", NODE);
    Run.ip(
        NODE,
        List.of(
            "link set lo up",
            "address add 10.1.4.10/30 dev mlab-racknode",
            "link set mlab-racknode up",
            "link add eth0 type veth peer name eth0 netns " + ROUTER_PLACE,
            "address add " + NODE_ADDRESS + "/24 dev eth0",
            "link set eth0 up"));
    Run.ip(
        ROUTER_PLACE,
        List.of("link set lo up", "address add " + ROUTER + "/24 dev eth0", "link set eth0 up"));
    rack.router("");
    rack.startAgent();
    return rack;
  }

  private void rights() throws IOException {
    Path rights =
        KubeBinaries.projectRoot(System.getenv()).resolve("deploy/kustomize/base/rights.yaml");
    apply(Files.readString(rights));
    StringBuilder bindings = new StringBuilder(RIGHTS.formatted(ControlPlane.PROXY));
    for (String role : List.of("manul-node", "manul-node-bgp-passwords", "manul-node-kubeadm")) {
      bindings.append(RIGHTS_IN_NAMESPACE.formatted(ControlPlane.PROXY, role));
    }
    apply(bindings.toString());
  }

  /** Starts the router, again if it runs, with options of its session such as a password. */
  void router(String options) throws IOException {
    end(bird);
    Path configuration = directory.resolve("bird.conf");
    Files.writeString(configuration, BIRD.formatted(directory, options));
    bird =
        new ProcessBuilder(
                Run.inNamespace(
                    ROUTER_PLACE,
                    List.of(
                        "bird",
                        "-f",
                        "-c",
                        configuration.toString(),
                        "-s",
                        directory.resolve("bird.ctl").toString(),
                        "-P",
                        directory.resolve("bird.pid").toString())))
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(directory.resolve("bird.out").toFile()))
            .start();
  }

  private void startAgent() throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx96m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.manul.agent.Main"));
    var builder =
        new ProcessBuilder(Run.inNamespace(NODE, command))
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(directory.resolve("agent.log").toFile()));
    Map<String, String> environment = builder.environment();
    environment.put("NODENAME", NODE);
    environment.put("IP", NODE_ADDRESS + "/24");
    environment.put("DATASTORE_TYPE", "kubernetes");
    environment.put("KUBECONFIG", plane.proxyKubeconfig().toString());
    environment.put("MANUL_RUN_DIR", directory.resolve("run").toString());
    environment.put("MANUL_STATE_DIR", directory.resolve("state").toString());
    environment.put("NO_DEFAULT_POOLS", "true");
    environment.put("CALICO_MANAGE_CNI", "false");
    environment.put("MANUL_CONVERGENCE_LIMIT", "2");
    agent = builder.start();
  }

  void apply(String objects) {
    String _ = plane.kubectlWith(objects, "apply", "--filename=-");
  }

  ControlPlane plane() {
    return plane;
  }

  /** What the router has of the node, as birdc shows it with all attributes. */
  String routes() {
    return birdc("show route all protocol node");
  }

  /** The prefixes that the router has of the node. */
  List<String> prefixes() {
    return birdc("show route protocol node")
        .lines()
        .filter(line -> line.matches("\\S+/\\d+ .*"))
        .map(line -> line.split(" ", 2)[0])
        .sorted()
        .toList();
  }

  boolean established() {
    return birdc("show protocols node").contains("Established");
  }

  private String birdc(String question) {
    List<String> command = new ArrayList<>(List.of("birdc", "-s"));
    command.add(directory.resolve("bird.ctl").toString());
    command.addAll(List.of(question.split(" ", -1)));
    return Run.of(command).output();
  }

  /** The node's routes. */
  List<String> kernelRoutes() {
    return Run.in(NODE, "ip", "route").lines().map(String::strip).toList();
  }

  /** What {@code manulctl node status} prints on the node, and what it complains of. */
  String nodeStatus() {
    return NodeStatus.of(directory.resolve("run"));
  }

  private static void end(Process process) {
    if (process != null) {
      process.destroyForcibly();
      try {
        int _ = process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    end(agent);
    end(bird);
    plane.close();
    forgetHost();
  }

  private static void forgetHost() {
    for (String place : List.of(NODE, ROUTER_PLACE)) {
      var _ = Run.of(List.of("ip", "netns", "delete", place));
    }
    var _ = Run.of(List.of("ip", "link", "delete", "mlab-rackapi"));
  }
}
