package dev.manul.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs are started with the class cache of the datastore that they are going to open. */
class LauncherIT {

  private static final Path DIST = Path.of("..", "dist").toAbsolutePath().normalize();

  @ParameterizedTest
  @CsvSource({
    "manul-agent, '', manul-agent",
    "manul-agent, DATASTORE_TYPE=kubernetes, manul-agent-kubernetes",
    "manul-agent, KUBECONFIG=/root/.kube/config, manul-agent-kubernetes",
    "manul-agent, KUBERNETES_SERVICE_HOST=10.96.0.1, manul-agent-kubernetes",
    "manul-agent, DATASTORE_TYPE=file KUBECONFIG=/root/.kube/config, manul-agent",
    "manul-agent, MANUL_DATASTORE_PATH=/srv KUBECONFIG=/root/.kube/config, manul-agent",
    "manulctl, '', manulctl",
    "manulctl, KUBECONFIG=/root/.kube/config, manulctl-kubernetes",
    "manul-lab, KUBECONFIG=/root/.kube/config, manul-lab",
  })
  void choosesTheCache(String program, String environment, String cache)
      throws IOException, InterruptedException {
    var trace =
        new ProcessBuilder(
                List.of("sh", "-x", DIST.resolve("bin").resolve(program).toString(), "--help"))
            .redirectErrorStream(true);
    List.of(
            "DATASTORE_TYPE",
            "MANUL_DATASTORE_PATH",
            "KUBECONFIG",
            "KUBERNETES_SERVICE_HOST",
            "MANUL_AOT")
        .forEach(trace.environment()::remove);
    for (String setting : environment.split(" ", -1)) {
      if (!setting.isEmpty()) {
        trace.environment().put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
      }
    }

    Process process = trace.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    assertThat(output).contains("-XX:AOTCache=" + DIST.resolve("lib").resolve(cache + ".aot"));
    assertThat(DIST.resolve("lib").resolve(cache + ".aot")).isNotEmptyFile();
  }
}
