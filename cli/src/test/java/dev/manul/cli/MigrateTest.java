package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.manul.datastore.file.FileDatastore;
import dev.manul.ipam.AssignAddressRequest;
import dev.manul.ipam.IntendedUse;
import dev.manul.ipam.Ipam;
import dev.manul.model.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrateTest {
  @TempDir Path directory;

  private static final String OTHERS =
      """
      ---
      apiVersion: projectcalico.org/v3
      kind: BGPPeer
      metadata: {name: p, labels: {a: b}, annotations: {c: "d: e"}}
      spec: {peerIP: 10.0.0.1, asNumber: 65001, password: {secretKeyRef: {name: s, key: k}}}
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: s, namespace: kube-system}
      data: {k: cGFzcw==}
      ---
      apiVersion: projectcalico.org/v3
      kind: Tier
      metadata: {name: security}
      spec: {order: 10}
      ---
      apiVersion: projectcalico.org/v3
      kind: NetworkPolicy
      metadata: {name: security.web, namespace: default}
      spec:
        tier: security
        selector: app == 'web'
        ingress:
        - action: Allow
          protocol: TCP
          destination: {ports: [80, "8000:8080"]}
      """;

  private void fill() {
    Ran.apply(
        directory, Samples.POOL + "---\n" + Samples.NODES + "---\n" + Samples.ENDPOINTS + OTHERS);
    Ran.of(
        directory,
        "patch",
        "node",
        "node-1",
        "-p",
        "{status: {conditions: [{type: Ready, status: 'True', reason: InSync}]}}");
    try (FileDatastore store = FileDatastore.open(directory.resolve("store"))) {
      new Ipam(store, Ran.CLOCK)
          .assignAddress(
              new AssignAddressRequest(
                  Address.parse("10.244.84.129"),
                  "node-1",
                  IntendedUse.WORKLOAD,
                  Optional.of("h1"),
                  Map.of("pod", "web")));
    }
  }

  @Test
  void aRoundTripChangesNothing() throws IOException {
    fill();
    Ran exported = Ran.of(directory, "datastore", "migrate", "export");
    assertThat(exported.err()).isEmpty();
    assertThat(exported.code()).isZero();
    assertThat(exported.out())
        .contains("kind: IPAMBlock", "kind: BlockAffinity", "kind: Secret", "kind: NetworkPolicy")
        .doesNotContain("resourceVersion:", "uid:", "creationTimestamp:");
    Path other = Files.createDirectory(directory.resolve("other"));
    Ran imported = Ran.with(other, exported.out(), "datastore", "migrate", "import", "-f", "-");
    assertThat(imported.err()).isEmpty();
    assertThat(imported.out()).matches("Successfully imported \\d+ resource\\(s\\)\n");
    assertThat(Ran.of(other, "datastore", "migrate", "export").out()).isEqualTo(exported.out());
    assertThat(Ran.of(other, "ipam", "show", "--ip", "10.244.84.129").out())
        .startsWith("IP 10.244.84.129 is in use\nHandle ID: h1\n");
    assertThat(Ran.of(other, "get", "node", "node-1", "-o", "yaml").out())
        .contains("reason: InSync");
  }

  @Test
  void anImportWantsAnEmptyDatastore() {
    fill();
    Ran ran = Ran.with(directory, Samples.POOL, "datastore", "migrate", "import", "-f", "-");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.errLines())
        .singleElement()
        .asString()
        .startsWith("the datastore holds resources already (1 IPPool, 2 Node, 1 BGPPeer,")
        .endsWith("; import into an empty one, or use apply");
  }

  @Test
  void anImportIsCheckedWholeBeforeTheFirstWrite() {
    Ran ran =
        Ran.with(
            directory,
            Samples.POOL + Samples.pool("x", "10.244.1.0/24"),
            "datastore",
            "migrate",
            "import",
            "-f",
            "-");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(Ran.of(directory, "get", "ippools", "-o", "name").out()).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNotLeftOutOfAnExport() throws IOException {
    fill();
    Files.writeString(directory.resolve("store/nodes/node-3.yaml"), "spec: [\n");
    Ran ran = Ran.of(directory, "datastore", "migrate", "export");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("node-3.yaml", "nothing is exported");
  }
}
