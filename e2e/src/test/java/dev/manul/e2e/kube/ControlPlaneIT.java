package dev.manul.e2e.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.manul.e2e.LabException;
import dev.manul.e2e.lab.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A control plane of its own that works, and leaves nothing behind. */
class ControlPlaneIT {

  private static final KubeBinaries BINARIES = KubeBinaries.provided();

  @Test
  void servesItsResourcesAndOursAcrossARestartAndIsGoneWhenClosed() {
    Path directory;
    List<ProcessHandle> children;
    try (ControlPlane plane = ControlPlane.start(ControlPlaneOptions.of(BINARIES))) {
      directory = plane.directory();
      plane.kubectl("create", "configmap", "kept", "--from-literal=a=b");

      plane.stopApiServer();
      assertThatThrownBy(() -> plane.kubectl("get", "configmap", "kept"))
          .isInstanceOf(LabException.class);
      plane.startApiServer();

      assertThat(plane.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}"))
          .isEqualTo("b");
      children = ProcessHandle.current().children().toList();
      assertThat(children).hasSizeGreaterThanOrEqualTo(2);
    }
    assertThat(directory).doesNotExist();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void schedulesAPodToANodeWhoseKubeletMayWriteItAndNoOther() {
    ControlPlaneOptions options =
        ControlPlaneOptions.of(BINARIES)
            .withNodes(List.of("one", "two"))
            .withControllers()
            .withScheduler();
    try (ControlPlane plane = ControlPlane.start(options)) {
      assertThat(Files.exists(plane.authority())).isTrue();
      as(plane.kubeletKubeconfig("one"), node("one"), "create", "-f", "-").orThrow();
      Run foreign = as(plane.kubeletKubeconfig("one"), node("two"), "create", "-f", "-");
      assertThat(foreign.output()).contains("Forbidden");
      plane.kubectlWith(pod(), "create", "-f", "-");

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(plane.kubectl("get", "pod", "p", "-o", "jsonpath={.spec.nodeName}"))
                    .isEqualTo("one");
                assertThat(plane.kubectl("get", "node", "one", "-o", "jsonpath={.spec.podCIDR}"))
                    .isEqualTo("10.244.0.0/24");
              });
    }
  }

  private static Run as(Path kubeconfig, String input, String... arguments) {
    var command =
        new ArrayList<>(
            List.of(BINARIES.program("kubectl").toString(), "--kubeconfig=" + kubeconfig));
    command.addAll(List.of(arguments));
    return Run.of(command, input);
  }

  private static String node(String name) {
    return """
        apiVersion: v1
        kind: Node
        metadata: {name: %s}
        status:
          capacity: {cpu: "1", memory: 1Gi, pods: "10"}
          allocatable: {cpu: "1", memory: 1Gi, pods: "10"}
          conditions: [{type: Ready, status: "True", reason: Test, message: ready}]
        """
        .formatted(name);
  }

  private static String pod() {
    return """
        apiVersion: v1
        kind: Pod
        metadata: {name: p}
        spec:
          tolerations: [{operator: Exists}]
          containers: [{name: c, image: none}]
        """;
  }
}
