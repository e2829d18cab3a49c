package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Makes the client's configuration of what is known of the access. */
final class AccessConfig {
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private AccessConfig() {}

  static Config of(KubernetesAccess access, Patience patience) {
    Config config = access.kubeconfig().map(file -> ofFile(file, access)).orElseGet(() -> inPod());
    config.setRequestTimeout((int) patience.answer().toMillis());
    config.setConnectionTimeout((int) patience.answer().toMillis());
    config.setRequestRetryBackoffLimit(0); // what is tried again is decided here
    config.setUserAgent("manul");
    return config;
  }

  private static Config ofFile(Path file, KubernetesAccess access) {
    if (!Files.isReadable(file)) {
      throw new DatastoreException(
          "cannot read the kubeconfig "
              + file
              + ": no such file, or no permission; set KUBECONFIG to one that can be read");
    }
    if (!isProxied()) {
      Optional<Config> plain = PlainKubeconfig.read(file, access.context().orElse(""));
      if (plain.isPresent()) {
        return plain.get();
      }
    }
    try {
      return Config.fromKubeconfig(access.context().orElse(null), file.toFile());
    } catch (RuntimeException e) {
      throw new DatastoreException(
          "cannot use the kubeconfig "
              + file
              + access.context().map(context -> " with context " + context).orElse("")
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** Whether the environment names a proxy, which the client's own reader of kubeconfigs heeds. */
  private static boolean isProxied() {
    return System.getenv().keySet().stream()
        .anyMatch(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
  }

  private static Config inPod() {
    String host = System.getenv("KUBERNETES_SERVICE_HOST");
    String port = System.getenv("KUBERNETES_SERVICE_PORT");
    Path token = ACCOUNT.resolve("token");
    if (host == null || host.isEmpty() || !Files.isReadable(token)) {
      throw new DatastoreException(
          "there is no way to the Kubernetes API: KUBECONFIG is not set, and this is no pod with a"
              + " service account ("
              + token
              + ")");
    }
    String server = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return new ConfigBuilder(Config.empty())
        .withMasterUrl("https://" + server + ":" + (port == null ? "443" : port))
        .withCaCertFile(ACCOUNT.resolve("ca.crt").toString())
        .withOauthTokenProvider(new AccountToken(token))
        .build();
  }

  /** The token of a pod's service account, which the kubelet replaces before it expires. */
  private static final class AccountToken implements OAuthTokenProvider {
    private static final long FRESH_NANOS = Duration.ofSeconds(30).toNanos();

    private final Path file;
    private String token; // guarded by this
    private long readAt; // guarded by this

    AccountToken(Path file) {
      this.file = file;
    }

    @Override
    public synchronized String getToken() {
      long now = System.nanoTime();
      if (token == null || now - readAt > FRESH_NANOS) {
        try {
          token = Files.readString(file).strip();
          readAt = now;
        } catch (IOException e) {
          if (token == null) {
            throw new DatastoreException("cannot read the token " + file, e);
          }
        }
      }
      return token;
    }
  }
}
