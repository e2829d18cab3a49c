package dev.manul.deploy;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real API server 1.20 with its etcd, and its kubectl. */
final class ApiServer implements AutoCloseable {

  /** What kubectl said; both streams together. */
  record Answer(int status, String output) {}

  private static final String VERSION = "1.20.2";

  private final KubeAPIServer server;
  private final Path kubeconfig;

  private ApiServer(KubeAPIServer server, Path kubeconfig) {
    this.server = server;
    this.kubeconfig = kubeconfig;
  }

  static ApiServer start() {
    KubeAPIServer server =
        new KubeAPIServer(
            KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(Project.kube().toString())
                .withApiServerVersion(VERSION)
                .withOfflineMode(true)
                .build());
    server.start();
    try {
      Path kubeconfig = Files.createTempFile("manul-deploy-", ".kubeconfig");
      Files.writeString(kubeconfig, server.getKubeConfigYaml());
      return new ApiServer(server, kubeconfig);
    } catch (IOException e) {
      server.stop();
      throw new UncheckedIOException(e);
    }
  }

  Answer kubectl(String... arguments) {
    return kubectlReading("", arguments);
  }

  /** kubectl with a text on its standard input. */
  Answer kubectlReading(String input, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Project.kube().resolve("k8s/" + VERSION + "-linux-amd64/kubectl").toString());
    command.add("--kubeconfig=" + kubeconfig);
    command.addAll(List.of(arguments));
    try {
      Path said = Files.createTempFile("manul-deploy-", ".said");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      try (var in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      int status = process.waitFor();
      String output = Files.readString(said);
      Files.delete(said);
      return new Answer(status, output);
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What kubectl said, which must have succeeded. */
  String ok(String... arguments) {
    Answer answer = kubectl(arguments);
    if (answer.status() != 0) {
      throw new AssertionError("kubectl " + String.join(" ", arguments) + ": " + answer.output());
    }
    return answer.output();
  }

  @Override
  public void close() {
    server.stop();
    try {
      Files.deleteIfExists(kubeconfig);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
