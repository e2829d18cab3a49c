package dev.manul.datastore.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.model.Key;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods are ended by a real kube-apiserver, or kept. */
final class PodEvictionsIT {
  private static final Key POD = new Key("ns1", "a");
  private static final String PATH = "/api/v1/namespaces/ns1/pods/a";

  @TempDir static Path directory;

  private static ControlPlaneProcess plane;
  private static ApiObjects objects;

  @BeforeAll
  static void startPlane() throws Exception {
    plane = ControlPlaneProcess.start(directory);
    objects = new ApiObjects(plane.access());
    objects.namespace("ns1");
  }

  @AfterAll
  static void stopPlane() throws Exception {
    objects.close();
    plane.close();
  }

  @Test
  void theVeryPodEndsUnlessABudgetKeepsIt() {
    objects.pod("ns1", "a", "n1");
    String uid = objects.uid(PATH);
    try (KubernetesDatastore store = KubernetesDatastore.open(plane.access())) {
      PodEvictions evictions = store.evictions();
      assertThat(evictions.isThere(POD, uid)).isTrue();
      assertThat(evictions.isThere(POD, "another")).isFalse();
      assertThat(evictions.evict(new Key("ns1", "gone"), uid)).isEmpty();

      assertThat(evictions.evict(POD, "00000000-0000-0000-0000-000000000001")).isEmpty();
      assertThat(Fields.metadata(objects.tree(PATH)))
          .as("a pod that is another one by now is not told to end")
          .doesNotContainKey("deletionTimestamp");

      objects.running(PATH);
      objects.object(
          "/apis/policy/v1beta1/namespaces/ns1/poddisruptionbudgets",
          """
          {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
           "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "a"}}}}
          """);
      assertThat(evictions.evict(POD, uid)).get().asString().contains("disruption budget");
      objects.remove("/apis/policy/v1beta1/namespaces/ns1/poddisruptionbudgets/b");

      assertThat(evictions.evict(POD, uid)).isEmpty();
      assertThat(Fields.metadata(objects.tree(PATH))).containsKey("deletionTimestamp");
      assertThat(evictions.isThere(POD, uid)).as("until its kubelet has ended it").isTrue();
      objects.remove(PATH);
      assertThat(evictions.isThere(POD, uid)).isFalse();
    }
  }
}
