package dev.manul.e2e.kube;

import dev.manul.e2e.LabException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Asks an API server whether something is there, and changes what kubectl cannot. */
final class Readiness {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Asking again costs nothing, but a change may have been made though its answer is late. */
  private static final Duration CHANGE_TIMEOUT = Duration.ofMinutes(1);

  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

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
          HttpClient.newBuilder()
              .sslContext(context)
              .connectTimeout(TIMEOUT)
              .executor(Runnable::run)
              .build();
      return new Readiness(client, url, keys.token(ControlPlane.ADMIN));
    } catch (GeneralSecurityException e) {
      throw new IOException("the cluster's own certificate: " + e.getMessage(), e);
    }
  }

  /** What is wrong when something is asked for; empty when the answer is 200. */
  Optional<String> problem(String path) {
    return send(path, request(path).build(), status -> status == OK);
  }

  /**
   * Why a patch has not been taken and may be if it is sent again; empty when it was taken. Patches
   * of both kinds may be sent twice.
   *
   * @param type a merge patch's media type, or server-side apply's
   * @throws LabException when the server refuses it
   */
  Optional<String> patch(String path, String type, String patch) {
    HttpRequest request =
        request(path)
            .timeout(CHANGE_TIMEOUT)
            .header("Content-Type", type)
            .method("PATCH", BodyPublishers.ofString(patch))
            .build();
    return send(
        path,
        request,
        status -> {
          boolean later = status == TOO_MANY_REQUESTS || status >= SERVER_ERROR;
          if (!later && status != OK && status != CREATED) {
            throw new LabException("PATCH %s: status %d", path, status);
          }
          return !later;
        });
  }

  /**
   * Replaces an object.
   *
   * @return what is there now
   * @throws LabException when it was not taken, or there was no answer
   */
  String put(String path, String object) {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(object))
            .build();
    try {
      HttpResponse<String> response = answer(path, request, BodyHandlers.ofString());
      if (response.statusCode() != OK) {
        throw new LabException("PUT %s: status %d", path, response.statusCode());
      }
      return response.body();
    } catch (IOException e) {
      throw new LabException("PUT %s: %s", path, e.getMessage());
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", "Bearer " + token)
        .timeout(TIMEOUT);
  }

  private Optional<String> send(String path, HttpRequest request, IntPredicate good) {
    try {
      int status = answer(path, request, BodyHandlers.discarding()).statusCode();
      return good.test(status) ? Optional.empty() : Optional.of(path + ": status " + status);
    } catch (IOException e) {
      return Optional.of(path + ": " + e.getClass().getSimpleName());
    }
  }

  private <T> HttpResponse<T> answer(
      String path, HttpRequest request, HttpResponse.BodyHandler<T> body) throws IOException {
    try {
      return client.send(request, body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("%s: interrupted", path);
    }
  }
}
