package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionTest {
  private static final String HEAD = "apiVersion: projectcalico.org/v3\nkind: CalicoAPIConfig\n";

  @TempDir Path directory;

  private String file(String spec) throws IOException {
    return Files.writeString(directory.resolve("ctl.cfg"), HEAD + "spec:\n  " + spec + "\n")
        .toString();
  }

  @Test
  void aFileStandsInPlaceOfTheEnvironment() throws IOException {
    Map<String, String> variables =
        Connection.of(
            file("{datastoreType: kubernetes, kubeconfig: /k, k8sCurrentContext: blue}"),
            Map.of("MANUL_DATASTORE_PATH", "/store", "KUBECONFIG", "/other", "HOME", "/root"));
    assertThat(variables)
        .containsEntry("DATASTORE_TYPE", "kubernetes")
        .containsEntry("KUBECONFIG", "/k")
        .containsEntry("K8S_CURRENT_CONTEXT", "blue")
        .containsEntry("HOME", "/root")
        .doesNotContainKey("MANUL_DATASTORE_PATH");
  }

  @Test
  void variablesMayBeginWithCalico() {
    assertThat(
            Connection.of(null, Map.of("CALICO_DATASTORE_TYPE", "file", "CALICO_KUBECONFIG", "/k")))
        .containsEntry("DATASTORE_TYPE", "file")
        .containsEntry("KUBECONFIG", "/k");
    assertThat(Connection.of(null, Map.of("CALICO_KUBECONFIG", "/k", "KUBECONFIG", "/mine")))
        .containsEntry("KUBECONFIG", "/mine");
  }

  @Test
  void anEndpointBecomesAKubeconfigForThisUserAlone() throws IOException {
    Map<String, String> variables =
        Connection.of(
            file("{k8sAPIEndpoint: 'https://10.0.0.1:6443', k8sAPIToken: t, k8sCAFile: /ca}"),
            Map.of());
    Path kubeconfig = Path.of(variables.get("KUBECONFIG"));
    assertThat(Files.readString(kubeconfig))
        .contains(
            "\"server\": \"https://10.0.0.1:6443\"",
            "\"certificate-authority\": \"/ca\"",
            "\"token\": \"t\"");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kubeconfig)))
        .isEqualTo("rw-------");
    Files.delete(kubeconfig);
  }

  @Test
  void commandsGoByTheFile() throws IOException {
    Path store = directory.resolve("elsewhere");
    String config = file("{datastoreType: file, datastorePath: " + store + "}");
    assertThat(Ran.with(directory, Samples.POOL, "-c", config, "apply", "-f", "-").code()).isZero();
    assertThat(Ran.of(directory, "get", "ippools", "--config=" + config, "-o", "name").out())
        .isEqualTo("ippool/default-ipv4-ippool\n");
    assertThat(store.resolve("ippools/default-ipv4-ippool.yaml")).exists();
    assertThat(Ran.of(directory, "get", "ippools").code()).as("without it").isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{kubeconfg: x} | : field in document is not recognized or is in the wrong location:"
            + " spec.kubeconfg; did you mean spec.kubeconfig?",
        "{etcdEndpoints: 'http://x'} | : field spec.etcdEndpoints: there is no etcd here; a"
            + " datastore is file or kubernetes",
      })
  void whatIsNotKnownIsRefused(String spec, String line) throws IOException {
    String file = file(spec);
    assertThatThrownBy(() -> Connection.of(file, Map.of()))
        .isInstanceOf(CommandFailure.class)
        .hasMessage(file + line);
  }

  @Test
  void fieldsOfEtcdThatSayNothingAreNoReasonToFail() throws IOException {
    assertThat(Connection.of(file("{etcdEndpoints: '', k8sClientQPS: 50}"), Map.of())).isEmpty();
  }
}
