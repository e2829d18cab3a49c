package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainKubeconfigTest {

  private static final String PLAIN =
      """
      apiVersion: v1
      kind: Config
      current-context: home
      contexts:
        - name: home
          context: {cluster: here, user: me}
        - name: away
          context: {cluster: there, user: me}
      clusters:
        - name: here
          cluster:
            server: https://192.0.2.1:6443
            certificate-authority-data: QUFB
        - name: there
          cluster:
            server: https://192.0.2.2:6443
            certificate-authority-data: QkJC
      users:
        - name: me
          user: {token: abc}
      """;

  @TempDir private Path directory;

  private Optional<Config> read(String text, String context) throws IOException {
    return PlainKubeconfig.read(Files.writeString(directory.resolve("kubeconfig"), text), context);
  }

  @Test
  void saysWhatTheClientsOwnReaderSays() throws IOException {
    Config plain = read(PLAIN, "").orElseThrow();
    Config own = Config.fromKubeconfig(null, directory.resolve("kubeconfig").toFile());

    assertThat(plain.getMasterUrl().replaceFirst("/$", ""))
        .isEqualTo(own.getMasterUrl().replaceFirst("/$", ""));
    assertThat(plain.getCaCertData()).isEqualTo(own.getCaCertData());
    assertThat(plain.getOauthToken()).isEqualTo(own.getAutoOAuthToken()).isEqualTo("abc");
    assertThat(plain.isTrustCerts()).isEqualTo(own.isTrustCerts()).isFalse();
  }

  @Test
  void takesTheContextThatIsAskedFor() throws IOException {
    Config away = read(PLAIN, "away").orElseThrow();

    assertThat(away.getMasterUrl()).startsWith("https://192.0.2.2:6443");
    assertThat(away.getCaCertData()).isEqualTo("QkJC");
  }

  @ParameterizedTest
  @CsvSource({
    "'{token: abc}', '{client-certificate-data: QUFB, client-key-data: QUFB}'",
    "'{token: abc}', '{token: abc, as: somebody}'",
    "'{token: abc}', '{exec: {command: get-token}}'",
    "'{token: abc}', '{token: 12}'",
    "'current-context: home', 'current-context: nowhere'",
    "'current-context: home', 'current-context: [home'",
    "'certificate-authority-data: QUFB', 'certificate-authority: /etc/ca.crt'",
    "'certificate-authority-data: QUFB', 'insecure-skip-tls-verify: true'",
  })
  void leavesOtherSortsToTheClient(String plain, String other) throws IOException {
    assertThat(PLAIN).contains(plain);

    assertThat(read(PLAIN.replace(plain, other), "")).isEmpty();
  }
}
