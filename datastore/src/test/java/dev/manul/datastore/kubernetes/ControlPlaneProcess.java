package dev.manul.datastore.kubernetes;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real etcd and a real kube-apiserver that a test may stop, kill and start again. The server's
 * certificate is one it makes for itself, which the kubeconfig trusts.
 */
public final class ControlPlaneProcess implements AutoCloseable {
  private static final String TOKEN = "a-token-for-tests";

  private final Path directory;
  private final Path binaries;
  private final int etcdPort;
  private final int port;
  private final Process etcd;
  private Process server;

  private ControlPlaneProcess(Path directory) throws Exception {
    this.directory = directory;
    this.binaries = binaries();
    int[] ports = freePorts(3);
    this.etcdPort = ports[0];
    this.port = ports[2];
    writeKeys();
    this.etcd = startEtcd(ports[1]);
    startServer();
    awaitReady();
    writeKubeconfig();
  }

  /** Starts both; everything they write is below {@code directory}. */
  public static ControlPlaneProcess start(Path directory) throws Exception {
    return new ControlPlaneProcess(directory);
  }

  private static Path binaries() {
    List<Path> caches = new ArrayList<>();
    String named = System.getenv("MANUL_KUBE_DIR");
    if (named != null && !named.isEmpty()) {
      caches.add(Path.of(named));
    }
    String root = System.getenv("MANUL_ROOT");
    Path above = Path.of(root == null || root.isEmpty() ? "" : root).toAbsolutePath();
    for (; above != null; above = above.getParent()) {
      caches.add(above.resolve(".cache/kube"));
    }
    for (Path cache : caches) {
      Path found = cache.resolve("k8s/1.20.2-linux-amd64");
      if (Files.isExecutable(found.resolve("kube-apiserver"))) {
        return found;
      }
    }
    throw new IllegalStateException(
        "no kube-apiserver in " + caches + "; e2e/kube/provide-binaries puts it there");
  }

  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      int[] ports = new int[count];
      for (int i = 0; i < count; i++) {
        ServerSocket socket = new ServerSocket(0);
        sockets.add(socket);
        ports[i] = socket.getLocalPort();
      }
      return ports;
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  private void writeKeys() throws IOException, NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    Base64.Encoder encoder = Base64.getMimeEncoder(64, new byte[] {'\n'});
    Files.writeString(
        directory.resolve("account.key"),
        "-----BEGIN PRIVATE KEY-----\n"
            + encoder.encodeToString(pair.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n");
    Files.writeString(directory.resolve("tokens.csv"), TOKEN + ",admin,admin,system:masters\n");
  }

  private Process startEtcd(int peerPort) throws IOException {
    String client = "http://127.0.0.1:" + etcdPort;
    String peer = "http://127.0.0.1:" + peerPort;
    return start(
        "etcd",
        List.of(
            binaries.resolve("etcd").toString(),
            "--data-dir=" + directory.resolve("etcd"),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=default=" + peer,
            "--unsafe-no-fsync"));
  }

  private Process start(String name, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".log").toFile()))
        .start();
  }

  /** Starts the server again after {@link #kill}. */
  public void startServer() throws IOException {
    String key = directory.resolve("account.key").toString();
    server =
        start(
            "kube-apiserver",
            List.of(
                binaries.resolve("kube-apiserver").toString(),
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + directory.resolve("certificates"),
                "--token-auth-file=" + directory.resolve("tokens.csv"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file=" + key,
                "--service-account-key-file=" + key,
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=RBAC",
                "--disable-admission-plugins=ServiceAccount",
                "--endpoint-reconciler-type=none"));
  }

  /** Waits until the server serves. */
  public void awaitReady() {
    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              if (!server.isAlive()) {
                throw new IllegalStateException(
                    "kube-apiserver ended: "
                        + Files.readString(directory.resolve("kube-apiserver.log")));
              }
              return isReady();
            });
  }

  private boolean isReady() throws InterruptedException {
    Path certificate = directory.resolve("certificates/apiserver.crt");
    if (!Files.exists(certificate)) {
      return false;
    }
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(Trust.inFile(certificate)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url() + "/readyz"))
              .timeout(Duration.ofSeconds(5))
              .header("Authorization", "Bearer " + TOKEN)
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  public String url() {
    return "https://127.0.0.1:" + port;
  }

  private void writeKubeconfig() throws IOException {
    byte[] certificate = Files.readAllBytes(directory.resolve("certificates/apiserver.crt"));
    Files.writeString(
        kubeconfig(),
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: test
          cluster:
            server: %s
            certificate-authority-data: %s
        users:
        - name: admin
          user:
            token: %s
        contexts:
        - name: test
          context:
            cluster: test
            user: admin
        current-context: test
        """
            .formatted(url(), Base64.getEncoder().encodeToString(certificate), TOKEN));
  }

  /** A kubeconfig of an administrator. */
  public Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  public KubernetesAccess access() {
    return KubernetesAccess.file(kubeconfig());
  }

  /** The server dies at once. */
  public void kill() throws InterruptedException {
    server.destroyForcibly();
    server.waitFor();
  }

  /** The server stands still, with its connections open. */
  public void freeze() throws Exception {
    signal("STOP");
  }

  /** The server goes on. */
  public void thaw() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new IllegalStateException("cannot send SIG" + name);
    }
  }

  @Override
  public void close() {
    server.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    etcd.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
