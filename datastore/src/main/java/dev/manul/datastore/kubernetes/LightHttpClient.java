package dev.manul.datastore.kubernetes;

import dev.manul.datastore.DatastoreException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * The JDK's HTTP client, whose work is done by its own thread and by those that ask: what is called
 * back here only hands over, and each task given to another thread is one more wait on the way of
 * an answer.
 */
final class LightHttpClient extends JdkHttpClientFactory {

  /**
   * A client as a configuration asks for it.
   *
   * <p>Where it names the server's authority, as every cluster's does, and nothing out of the
   * ordinary besides, that authority alone is trusted, as by kubectl. The way that the library goes
   * by itself reads the JVM's hundred and more authorities first, to trust those as well.
   *
   * @throws DatastoreException when the authority's certificate cannot be read
   */
  static io.fabric8.kubernetes.client.http.HttpClient of(Config config) {
    LightHttpClient factory = new LightHttpClient();
    if (!isOrdinary(config)) {
      return factory.newBuilder(config).build();
    }
    io.fabric8.kubernetes.client.http.HttpClient.Builder builder = factory.newBuilder();
    builder.tag(config.getRequestConfig());
    builder.connectTimeout(config.getConnectionTimeout(), TimeUnit.MILLISECONDS);
    builder.sslContext(null, trusting(config));
    HttpClientUtils.createApplicableInterceptors(config, factory)
        .forEach(builder::addOrReplaceInterceptor);
    return builder.build();
  }

  /** Whether a configuration has nothing of what {@link #of} leaves to the library. */
  private static boolean isOrdinary(Config config) {
    boolean authority = isSet(config.getCaCertData()) || isSet(config.getCaCertFile());
    boolean special =
        config.isTrustCerts()
            || config.isHttp2Disable()
            || config.isDisableHostnameVerification()
            || (config.getTlsVersions() != null && config.getTlsVersions().length > 0)
            || Stream.of(
                    config.getTlsServerName(),
                    config.getTrustStoreFile(),
                    config.getKeyStoreFile(),
                    config.getClientCertData(),
                    config.getClientCertFile(),
                    config.getHttpProxy(),
                    config.getHttpsProxy())
                .anyMatch(LightHttpClient::isSet);
    return authority && !special && config.getMasterUrl().startsWith("https://");
  }

  private static boolean isSet(String text) {
    return text != null && !text.isEmpty();
  }

  private static TrustManager[] trusting(Config config) {
    try {
      byte[] pem =
          isSet(config.getCaCertData())
              ? Base64.getMimeDecoder().decode(config.getCaCertData())
              : Files.readAllBytes(Path.of(config.getCaCertFile()));
      KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
      authorities.load(null, null);
      int number = 0;
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        authorities.setCertificateEntry("authority-" + number++, each);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(authorities);
      return managers.getTrustManagers();
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw new DatastoreException(
          "cannot use the certificate of the Kubernetes API's authority"
              + (isSet(config.getCaCertFile()) ? " in " + config.getCaCertFile() : "")
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  protected void additionalConfig(HttpClient.Builder builder) {
    builder.executor(Runnable::run);
  }
}
