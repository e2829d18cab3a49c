package dev.manul.e2e.kube;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Progress;
import dev.manul.e2e.lab.Run;
import dev.manul.e2e.lab.Waiting;
import dev.manul.model.Address;
import dev.manul.model.AddressFamily;
import dev.manul.model.Prefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * A control plane of its own on free ports of this machine, up until it is closed or this process
 * ends. The data lives no longer than that: etcd does not wait for the disk.
 */
public final class ControlPlane implements AutoCloseable {

  /** The user that may do everything. */
  public static final String ADMIN = "admin";

  /** kube-proxy's user. */
  public static final String PROXY = "system:kube-proxy";

  /** How kubectl begins to tell that it got no answer. */
  private static final String NO_CONNECTION = "Unable to connect to the server";

  private static final String CONTROLLER_MANAGER = "system:kube-controller-manager";
  private static final String SCHEDULER = "system:kube-scheduler";
  private static final String MASTERS = "system:masters";

  /** Far more than a server needs that shares one processor with a whole cluster. */
  private static final Duration LIMIT = Duration.ofMinutes(6);

  /** The addresses of services. */
  private static final Prefix SERVICE_RANGE = Prefix.parse("10.96.0.0/16");

  /** The addresses of pods, for the controllers that cut it for nodes: 256 of these fit. */
  private static final Prefix POD_RANGE = Prefix.parse("10.244.0.0/16");

  private static final int NODE_RANGE_LENGTH = POD_RANGE.length() + 8;

  private final ControlPlaneOptions options;
  private final Path directory;
  private final ClusterKeys keys;
  private final int port;
  private final Readiness readiness;
  private final Thread atExit = new Thread(this::kill, "control-plane-end");

  /** In the order of their start. */
  private final Map<String, Program> programs = new LinkedHashMap<>();

  private String etcdUrl = "";

  private ControlPlane(
      ControlPlaneOptions options, Path directory, ClusterKeys keys, int port, Readiness ready) {
    this.options = options;
    this.directory = directory;
    this.keys = keys;
    this.port = port;
    this.readiness = ready;
  }

  /** An API server for this host's clients, with the programs where they are provided. */
  public static ControlPlane start() {
    return start(ControlPlaneOptions.of(KubeBinaries.provided()));
  }

  /** Starts what the options ask for and returns when the API answers. */
  public static ControlPlane start(ControlPlaneOptions options) {
    try {
      Path directory = Files.createTempDirectory("manul-kube");
      ClusterKeys keys = ClusterKeys.make(directory.resolve("pki"), names(options), users(options));
      int port = freePort(options.address());
      var plane =
          new ControlPlane(
              options, directory, keys, port, Readiness.of(url(options.address(), port), keys));
      try {
        plane.startAll();
        return plane;
      } catch (IOException | RuntimeException e) {
        plane.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> names(ControlPlaneOptions options) {
    Set<String> names =
        new LinkedHashSet<>(
            List.of(
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
                "127.0.0.1",
                SERVICE_RANGE.address().plus(1).toString(),
                options.address().toString()));
    return names;
  }

  private static Map<String, List<String>> users(ControlPlaneOptions options) {
    Map<String, List<String>> users = new LinkedHashMap<>();
    users.put(ADMIN, List.of(MASTERS));
    users.put(CONTROLLER_MANAGER, List.of(MASTERS));
    users.put(SCHEDULER, List.of());
    users.put(PROXY, List.of());
    options.nodes().forEach(node -> users.put(kubelet(node), List.of("system:nodes")));
    return users;
  }

  private static String kubelet(String node) {
    return "system:node:" + node;
  }

  private static int freePort(Address bind) throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral(bind.toString()))) {
      return socket.getLocalPort();
    }
  }

  private void startAll() throws IOException {
    Runtime.getRuntime().addShutdownHook(atExit);
    Files.createDirectories(directory.resolve("log"));
    startEtcd();
    startApiServer();
    if (options.controllers()) {
      startControllers();
    }
    if (options.scheduler()) {
      startScheduler();
    }
  }

  private void startEtcd() throws IOException {
    Address loopback = Address.parse("127.0.0.1");
    etcdUrl = "http://127.0.0.1:" + freePort(loopback);
    String peers = "http://127.0.0.1:" + freePort(loopback);
    start(
        "etcd",
        List.of(
            "--name=manul",
            "--data-dir=" + Files.createDirectories(directory.resolve("etcd")),
            "--listen-client-urls=" + etcdUrl,
            "--advertise-client-urls=" + etcdUrl,
            "--listen-peer-urls=" + peers,
            "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=manul=" + peers,
            "--unsafe-no-fsync"));
  }

  /** Starts the API server, again after {@link #stopApiServer}, and waits until it serves. */
  public void startApiServer() {
    List<String> arguments = new ArrayList<>();
    arguments.add("--etcd-servers=" + etcdUrl);
    arguments.add("--bind-address=" + options.address());
    arguments.add("--secure-port=" + port);
    arguments.add("--advertise-address=" + options.address());
    arguments.add("--tls-cert-file=" + keys.file("apiserver.crt"));
    arguments.add("--tls-private-key-file=" + keys.file("apiserver.key"));
    arguments.add("--client-ca-file=" + keys.file("ca.crt"));
    arguments.add("--token-auth-file=" + keys.file("tokens.csv"));
    arguments.add("--kubelet-client-certificate=" + keys.file("kubelet-client.crt"));
    arguments.add("--kubelet-client-key=" + keys.file("kubelet-client.key"));
    arguments.add("--kubelet-preferred-address-types=InternalIP");
    arguments.add("--service-account-issuer=https://kubernetes.default.svc");
    arguments.add("--service-account-key-file=" + keys.file("sa.pub"));
    arguments.add("--service-account-signing-key-file=" + keys.file("sa.key"));
    arguments.add("--service-cluster-ip-range=" + SERVICE_RANGE);
    arguments.add("--authorization-mode=Node,RBAC");
    arguments.add("--enable-admission-plugins=NodeRestriction");
    if (!options.controllers()) {
      // Nobody makes the accounts that pods would be refused without.
      arguments.add("--disable-admission-plugins=ServiceAccount");
    }
    arguments.add("--allow-privileged=true");
    start("kube-apiserver", arguments, Map.of("GOGC", Integer.toString(options.heapGrowth())));
    awaitReady();
  }

  private void startControllers() throws IOException {
    String config = kubeconfig(CONTROLLER_MANAGER, "controller-manager.conf").toString();
    start(
        "kube-controller-manager",
        List.of(
            "--kubeconfig=" + config,
            "--authentication-kubeconfig=" + config,
            "--authorization-kubeconfig=" + config,
            "--bind-address=127.0.0.1",
            "--secure-port=" + freePort(Address.parse("127.0.0.1")),
            "--port=0",
            "--leader-elect=false",
            "--root-ca-file=" + keys.file("ca.crt"),
            "--service-account-private-key-file=" + keys.file("sa.key"),
            "--cluster-signing-cert-file=" + keys.file("ca.crt"),
            "--cluster-signing-key-file=" + keys.file("ca.key"),
            "--allocate-node-cidrs=true",
            "--cluster-cidr=" + POD_RANGE,
            "--service-cluster-ip-range=" + SERVICE_RANGE,
            "--node-cidr-mask-size=" + NODE_RANGE_LENGTH));
    awaitThere("the default service account", "/api/v1/namespaces/default/serviceaccounts/default");
  }

  private void startScheduler() throws IOException {
    String config = kubeconfig(SCHEDULER, "scheduler.conf").toString();
    start(
        "kube-scheduler",
        List.of(
            "--kubeconfig=" + config,
            "--authentication-kubeconfig=" + config,
            "--authorization-kubeconfig=" + config,
            "--bind-address=127.0.0.1",
            "--secure-port=" + freePort(Address.parse("127.0.0.1")),
            "--port=0",
            "--leader-elect=false"));
  }

  private void start(String name, List<String> arguments) {
    start(name, arguments, Map.of());
  }

  private void start(String name, List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>();
    command.add(options.binaries().program(name).toString());
    command.addAll(arguments);
    Path log = directory.resolve("log").resolve(name + ".log");
    try {
      programs.put(name, Program.start(name, command, environment, log));
    } catch (IOException e) {
      throw new LabException("%s cannot be started: %s", command.getFirst(), e.getMessage());
    }
  }

  private void awaitReady() {
    Waiting.until("kube-apiserver", LIMIT, Progress.NONE, () -> unready("/readyz"));
    // Made by a controller inside the server, soon after it says that it is ready.
    awaitThere("the default namespace", "/api/v1/namespaces/default");
  }

  private void awaitThere(String what, String path) {
    Waiting.until(what, LIMIT, Progress.NONE, () -> unready(path));
  }

  private List<String> unready(String path) {
    for (Program program : programs.values()) {
      if (!program.runs()) {
        throw program.ended();
      }
    }
    return readiness.problem(path).stream().toList();
  }

  /** The last lines of the API server's log. */
  public String apiServerLogEnd() {
    Program program = programs.get("kube-apiserver");
    return program == null ? "" : String.join("\n", program.tail());
  }

  /** Ends the API server alone, as if it had crashed; its data stays. */
  public void stopApiServer() {
    Program program = programs.remove("kube-apiserver");
    if (program != null) {
      program.kill();
    }
  }

  /**
   * Sends the API server a signal.
   *
   * @param signal such as {@code STOP}, after which it keeps its connections and answers nothing
   */
  public void signalApiServer(String signal) {
    String pid = Long.toString(programs.get("kube-apiserver").handle().pid());
    String _ = Run.ok("kill", "-" + signal, pid);
  }

  /**
   * Changes an object, or a subresource of it, which kubectl of this release cannot; again and
   * again while a busy server does not answer.
   *
   * @param path such as {@code /api/v1/namespaces/default/pods/web/status}
   * @param patch a merge patch, JSON
   */
  public void mergePatch(String path, String patch) {
    patch(path, "application/merge-patch+json", patch);
  }

  /**
   * Makes an object as it is given, as {@code kubectl apply --server-side} does; again and again
   * while a busy server does not answer. Unlike kubectl it does not ask for the description of all
   * kinds first, which the server computes anew after each change to a CRD.
   *
   * @param path such as {@code /api/v1/nodes/worker}
   * @param object in JSON
   */
  public void apply(String path, String object) {
    patch(path + "?fieldManager=lab&force=true", "application/apply-patch+yaml", object);
  }

  private void patch(String path, String type, String patch) {
    Duration _ =
        Waiting.until(
            "PATCH",
            LIMIT,
            Progress.NONE,
            () -> readiness.patch(path, type, patch).stream().toList());
  }

  /**
   * Replaces an object; a write that is refused or not answered is not tried again.
   *
   * @param path such as {@code /api/v1/nodes/worker}
   * @param object in JSON
   * @return what is there now
   */
  public String put(String path, String object) {
    return readiness.put(path, object);
  }

  /** Where clients reach the API. */
  public String url() {
    return url(options.address(), port);
  }

  private static String url(Address address, int port) {
    boolean ipv4 = address.family() == AddressFamily.IPV4;
    return "https://" + (ipv4 ? address : "[" + address + "]") + ":" + port;
  }

  public int port() {
    return port;
  }

  /** Where its files are: {@code pki}, {@code etcd}, {@code log} and kubeconfigs. */
  public Path directory() {
    return directory;
  }

  /** The certificate of the cluster's authority, in PEM. */
  public Path authority() {
    return keys.file("ca.crt");
  }

  /** The bearer token of a user, such as {@link #ADMIN}. */
  public String token(String user) {
    return keys.token(user);
  }

  /** The administrator's kubeconfig. */
  public Path kubeconfig() {
    return kubeconfig(ADMIN, "admin.conf");
  }

  /** The kubeconfig of a node's kubelet. */
  public Path kubeletKubeconfig(String node) {
    return kubeconfig(kubelet(node), "kubelet-" + node + ".conf");
  }

  public Path proxyKubeconfig() {
    return kubeconfig(PROXY, "kube-proxy.conf");
  }

  private synchronized Path kubeconfig(String user, String file) {
    Path path = directory.resolve(file);
    try {
      if (!Files.exists(path)) {
        Files.writeString(path, keys.kubeconfig(user, url()));
      }
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs kubectl as administrator, again and again while it cannot connect to a busy server; it
   * must succeed. Returns what it wrote.
   */
  public String kubectl(String... arguments) {
    List<String> command = kubectlCommand(arguments);
    var last = new AtomicReference<Run>();
    Duration _ =
        Waiting.until(
            "kubectl",
            LIMIT,
            Progress.NONE,
            () -> {
              Run run = Run.of(command);
              last.set(run);
              return run.status() != 0 && run.output().contains(NO_CONNECTION)
                  ? List.of(run.output().strip())
                  : List.of();
            });
    return last.get().orThrow().output();
  }

  /** As {@link #kubectl}, with something for it to read, by {@code -f -}. */
  public String kubectlWith(String input, String... arguments) {
    return Run.of(kubectlCommand(arguments), input).orThrow().output();
  }

  private List<String> kubectlCommand(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(options.binaries().program("kubectl").toString());
    command.add("--kubeconfig=" + kubeconfig());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Applies the project's own CRDs, and waits until their resources are served. */
  public void applyCrds() {
    String crds = options.binaries().root().resolve("deploy/crds").toString();
    kubectl("apply", "--server-side", "--validate=false", "--filename=" + crds);
    String timeout = "--timeout=" + LIMIT.toSeconds() + "s";
    kubectl("wait", "--for=condition=established", timeout, "--filename=" + crds);
  }

  /** Ends the programs and forgets the data. */
  @Override
  public void close() {
    List<Program> running = new ArrayList<>(programs.values());
    programs.clear();
    // The server waits for its watches to end, and etcd for the server: neither has to be orderly.
    running.reversed().forEach(Program::kill);
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      return; // the process is ending, and the hook with it
    }
    delete(directory);
  }

  private void kill() {
    programs.values().forEach(program -> program.handle().destroyForcibly());
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
