package dev.manul.e2e.kube;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks an API server whether something is there, and changes what kubectl cannot. */
final class Readiness {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Asking again costs nothing, but a change may have been made though its answer is late. */
  private static final Duration CHANGE_TIMEOUT = Duration.ofMinutes(1);

  private static final int OK = 200;

  private final HttpClient client;
  private final String url;
  private final String token;

  private Readiness(HttpClient client, String url, String token) {
    this.client = client;
    this.url = url;
    this.token = token;
  }

  static Readiness of(String url, ClusterKeys keys) throws IOException {
    try (InputStream pem = Files.newInputStream(keys.file("ca.crt"))) {
      Certificate authority = CertificateFactory.getInstance("X.509").generateCertificate(pem);
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry("cluster", authority);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      HttpClient client =
          HttpClient.newBuilder().sslContext(context).connectTimeout(TIMEOUT).build();
      return new Readiness(client, url, keys.token(ControlPlane.ADMIN));
    } catch (GeneralSecurityException e) {
      throw new IOException("the cluster's own certificate: " + e.getMessage(), e);
    }
  }

  /** What is wrong when something is asked for; empty when the answer is 200. */
  Optional<String> problem(String path) {
    return answer(path, request(path).build());
  }

  /** What is wrong with a merge patch; empty when it was taken. */
  Optional<String> patch(String path, String patch) {
    return answer(
        path,
        request(path)
            .timeout(CHANGE_TIMEOUT)
            .header("Content-Type", "application/merge-patch+json")
            .method("PATCH", BodyPublishers.ofString(patch))
            .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", "Bearer " + token)
        .timeout(TIMEOUT);
  }

  private Optional<String> answer(String path, HttpRequest request) {
    try {
      int status = client.send(request, BodyHandlers.discarding()).statusCode();
      return status == OK ? Optional.empty() : Optional.of(path + ": status " + status);
    } catch (IOException e) {
      return Optional.of(path + ": " + e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
