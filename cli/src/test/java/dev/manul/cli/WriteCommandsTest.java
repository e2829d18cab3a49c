package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WriteCommandsTest {
  @TempDir Path directory;

  private Ran in(String documents, String... args) {
    return Ran.with(directory, documents, args);
  }

  private String yaml(String kind, String name) {
    return Ran.of(directory, "get", kind, name, "-o", "yaml").out();
  }

  @Test
  void successIsSaidWithCountAndKind() {
    assertThat(in(Samples.POOL, "apply", "-f", "-"))
        .isEqualTo(new Ran(0, "Successfully applied 1 'IPPool' resource(s)\n", ""));
    assertThat(in(Samples.POOL + "---\n" + Samples.NODES, "apply", "-f", "-").out())
        .isEqualTo("Successfully applied 3 resource(s)\n");
    assertThat(in(Samples.NODES, "replace", "-f", "-").out())
        .isEqualTo("Successfully replaced 2 'Node' resource(s)\n");
    assertThat(in(Samples.NODES, "validate", "-f", "-").out())
        .isEqualTo("Successfully validated 2 'Node' resource(s)\n");
    assertThat(in(Samples.ENDPOINTS, "create", "-f", "-").out())
        .isEqualTo("Successfully created 2 'WorkloadEndpoint' resource(s)\n");
    assertThat(Ran.of(directory, "delete", "node", "node-1", "node-2").out())
        .isEqualTo("Successfully deleted 2 'Node' resource(s)\n");
  }

  /** What is refused is one line, exit code 1, and not a byte of the store is another. */
  private void refused(String documents, String... parts) {
    Ran.apply(directory, Samples.POOL);
    Map<String, String> before = Ran.contents(directory.resolve("store"));
    for (String command : new String[] {"apply", "create", "replace"}) {
      Ran ran = in(documents, command, "-f", "-");
      assertThat(ran.code()).as(ran.toString()).isEqualTo(1);
      assertThat(ran.out()).isEmpty();
      assertThat(ran.errLines()).singleElement().asString().contains(parts);
      assertThat(Ran.contents(directory.resolve("store"))).isEqualTo(before);
    }
  }

  @Test
  void malformedYaml() {
    refused(
        Samples.pool("good", "10.1.0.0/16") + "---\nkind: [IPPool\nmetadata: {\n",
        "standard input:8");
  }

  @Test
  void unknownField() {
    refused(
        Samples.pool("good", "10.1.0.0/16")
            + Samples.pool("bad", "10.2.0.0/16").replace("cidr:", "ipipmode: Always, cidr:"),
        "standard input: document 2: ",
        "spec.ipipmode",
        "ipipMode");
  }

  @Test
  void misplacedField() {
    refused(
        "apiVersion: projectcalico.org/v3\nkind: IPPool\ncidr: 10.1.0.0/16\nmetadata: {name: x}\n",
        "standard input: document 1: ",
        "cidr");
  }

  @Test
  void poolThatOverlapsAStoredOne() {
    refused(
        Samples.pool("good", "10.1.0.0/16") + Samples.pool("bad", "10.244.128.0/17"),
        "standard input: document 2: IPPool bad: spec.cidr",
        "10.244.0.0/16",
        "default-ipv4-ippool");
  }

  @Test
  void poolsThatOverlapEachOther() {
    refused(
        Samples.pool("good", "10.1.0.0/16") + Samples.pool("bad", "10.1.2.0/24"),
        "standard input: document 2: IPPool bad: spec.cidr",
        "10.1.0.0/16",
        "good");
  }

  @Test
  void bothModesSet() {
    refused(
        Samples.pool("good", "10.1.0.0/16")
            + Samples.pool("bad", "10.2.0.0/16")
                .replace("cidr:", "ipipMode: Always, vxlanMode: CrossSubnet, cidr:"),
        "standard input: document 2: IPPool bad: ",
        "ipipMode",
        "vxlanMode");
  }

  @ParameterizedTest
  @ValueSource(strings = {"blockSize: 28", "cidr: 10.245.0.0/16"})
  void immutableFields(String field) {
    String name = field.substring(0, field.indexOf(':'));
    String changed = Samples.POOL.replaceAll("(?m)^  " + name + ": .*\n", "") + "  " + field + "\n";
    Ran.apply(directory, Samples.POOL);
    Map<String, String> before = Ran.contents(directory.resolve("store"));
    for (String command : new String[] {"apply", "replace"}) {
      Ran ran = in(Samples.pool("good", "10.1.0.0/16") + "---\n" + changed, command, "-f", "-");
      assertThat(ran.code()).as(ran.toString()).isEqualTo(1);
      assertThat(ran.errLines())
          .singleElement()
          .asString()
          .contains("document 2: IPPool default-ipv4-ippool: spec." + name);
      assertThat(Ran.contents(directory.resolve("store"))).isEqualTo(before);
    }
    Ran patched =
        Ran.of(
            directory, "patch", "ippool", "default-ipv4-ippool", "-p", "{spec: {" + field + "}}");
    assertThat(patched.code()).isEqualTo(1);
    assertThat(patched.errLines())
        .singleElement()
        .asString()
        .contains("IPPool default-ipv4-ippool: spec." + name);
    assertThat(Ran.contents(directory.resolve("store"))).isEqualTo(before);
  }

  @Test
  void everyBadDocumentHasItsLine() {
    Ran ran =
        in(
            Samples.pool("a", "10.1.0.0/16").replace("cidr:", "blockSize: 40, cidr:")
                + Samples.pool("b", "10.2.0.0/16")
                + Samples.pool("c", "10.2.0.0/16"),
            "apply",
            "-f",
            "-");
    assertThat(ran.errLines())
        .hasSize(2)
        .satisfiesExactly(
            line -> assertThat(line).contains("document 1: IPPool a: spec.blockSize"),
            line -> assertThat(line).contains("document 3: IPPool c: spec.cidr"));
    assertThat(Ran.of(directory, "get", "ippool", "-o", "name").out()).isEmpty();
  }

  @Test
  void createLeavesWhatExists() {
    Ran.apply(directory, Samples.POOL);
    String changed = Samples.POOL.replace("Always", "Never");
    assertThat(in(changed, "create", "-f", "-"))
        .isEqualTo(
            new Ran(
                1,
                "",
                "Failed to create any 'IPPool' resources:"
                    + " resource already exists: IPPool(default-ipv4-ippool)\n"));
    Ran partial = in(changed + Samples.pool("new", "10.1.0.0/16"), "create", "-f", "-");
    assertThat(partial)
        .isEqualTo(
            new Ran(
                1,
                "",
                "Partial success: created 1 out of 2 'IPPool' resources:"
                    + " resource already exists: IPPool(default-ipv4-ippool)\n"));
    assertThat(in(changed, "create", "--skip-exists", "-f", "-"))
        .isEqualTo(
            new Ran(
                0,
                "Successfully created 0 'IPPool' resource(s)\n",
                "skipped: IPPool(default-ipv4-ippool) exists already\n"));
    assertThat(yaml("ippool", "default-ipv4-ippool")).contains("ipipMode: Always");
  }

  @Test
  void replaceNeedsWhatItReplacesInTheVersionItSays() {
    assertThat(in(Samples.POOL, "replace", "-f", "-").err())
        .isEqualTo(
            "Failed to replace any 'IPPool' resources:"
                + " resource does not exist: IPPool(default-ipv4-ippool)\n");
    Ran.apply(directory, Samples.POOL);
    String read = yaml("ippool", "default-ipv4-ippool");
    assertThat(in(read.replace("Always", "CrossSubnet"), "replace", "-f", "-").code()).isZero();
    Ran late = in(read.replace("Always", "Never"), "replace", "-f", "-");
    assertThat(late.code()).isEqualTo(1);
    assertThat(late.errLines()).singleElement().asString().contains("update conflict");
    assertThat(in(read.replace("Always", "Never"), "apply", "-f", "-").code()).isZero();
    assertThat(yaml("ippool", "default-ipv4-ippool")).doesNotContain("CrossSubnet");
  }

  @Test
  void applyKeepsIdentityAndStatus() {
    Ran.apply(directory, Samples.NODES);
    Ran.of(
        directory,
        "patch",
        "node",
        "node-1",
        "-p",
        "{status: {conditions: [{type: Ready, status: 'True', reason: InSync}]}}");
    String uid = yaml("node", "node-1").lines().filter(l -> l.contains("uid:")).findFirst().get();
    Ran.apply(directory, Samples.NODES);
    assertThat(yaml("node", "node-1")).contains(uid, "reason: InSync");
  }

  @Test
  void theModeSwitch() throws IOException {
    Ran.apply(directory, Samples.POOL);
    assertThat(
            Ran.of(
                directory,
                "patch",
                "ippool",
                "default-ipv4-ippool",
                "-p",
                "{\"spec\":{\"ipipMode\":\"CrossSubnet\"}}"))
        .isEqualTo(new Ran(0, "Successfully patched 1 'IPPool' resource\n", ""));
    Ran json =
        Ran.of(
            directory,
            "patch",
            "ipp",
            "default-ipv4-ippool",
            "-p",
            "spec:\n  ipipMode: Never",
            "-o",
            "json");
    assertThat(
            new ObjectMapper().readTree(json.out()).path("spec").path("natOutgoing").booleanValue())
        .isTrue();
    assertThat(yaml("ippool", "default-ipv4-ippool"))
        .contains("natOutgoing: true")
        .doesNotContain("ipipMode: CrossSubnet", "ipipMode: Always");
  }

  @Test
  void theModeSwitchByName() {
    Ran.apply(directory, Samples.POOL);
    assertThat(Ran.of(directory, "pool", "mode", "default-ipv4-ippool", "--vxlan", "CrossSubnet"))
        .isEqualTo(
            new Ran(
                0,
                "Successfully set IPPool default-ipv4-ippool to ipipMode Never (was Always),"
                    + " vxlanMode CrossSubnet (was Never)\n",
                ""));
    assertThat(Ran.of(directory, "pool", "mode", "default-ipv4-ippool", "--ipip", "never").out())
        .isEqualTo(
            "Successfully set IPPool default-ipv4-ippool to ipipMode Never,"
                + " vxlanMode CrossSubnet\n");
    assertThat(yaml("ippool", "default-ipv4-ippool"))
        .contains("natOutgoing: true", "vxlanMode: CrossSubnet")
        .doesNotContain("Always");
    assertThat(Ran.of(directory, "pool", "mode", "default-ipv4-ippool", "--udp", "always").out())
        .isEqualTo(
            "Successfully set IPPool default-ipv4-ippool to ipipMode Never,"
                + " vxlanMode Never (was CrossSubnet), udpMode Always (was Never)\n");
    assertThat(yaml("ippool", "default-ipv4-ippool")).contains("udpMode: Always");
    assertThat(Ran.of(directory, "pool", "mode", "default-ipv4-ippool", "--vxlan", "Always").out())
        .isEqualTo(
            "Successfully set IPPool default-ipv4-ippool to ipipMode Never,"
                + " vxlanMode Always (was Never), udpMode Never (was Always)\n");
    assertThat(yaml("ippool", "default-ipv4-ippool")).doesNotContain("udpMode");
    assertThat(Ran.of(directory, "pool", "mode", "x", "--ipip", "Never"))
        .isEqualTo(new Ran(1, "", "resource does not exist: IPPool(x)\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "merge|{spec: {ipipMode: null, nodeSelector: has(x)}}",
        "strategic|{\"spec\": {\"ipipMode\": \"Never\", \"nodeSelector\": \"has(x)\"}}",
        "json|[{op: test, path: /spec/ipipMode, value: Always},"
            + " {op: remove, path: /spec/ipipMode},"
            + " {op: add, path: /spec/nodeSelector, value: has(x)}]"
      },
      quoteCharacter = '%')
  void patchTypes(String type, String patch) {
    Ran.apply(directory, Samples.POOL);
    Ran ran =
        Ran.of(directory, "patch", "ippool", "default-ipv4-ippool", "--type", type, "-p", patch);
    assertThat(ran.code()).as(ran.toString()).isZero();
    assertThat(Ran.of(directory, "get", "ippool", "-o", "wide").out())
        .contains("true   Never      Never       false      false              has(x)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "merge|{spec: {frob: 1}}|spec.frob",
        "merge|{spec: {ipipMode: Sometimes}}|spec.ipipMode",
        "merge|{spec: {vxlanMode: Always}}|vxlanMode",
        "merge|{metadata: {name: other}}|cannot be changed",
        "merge|{spec: [}|patch",
        "merge|[1]|an object is wanted",
        "json|{spec: 1}|a list of operations",
        "json|[{op: remove, path: /spec/frob}]|operation 1: there is no '/spec/frob'"
      },
      quoteCharacter = '%')
  void badPatchesChangeNothing(String type, String patch, String message) {
    Ran.apply(directory, Samples.POOL);
    Map<String, String> before = Ran.contents(directory.resolve("store"));
    Ran ran = Ran.of(directory, "patch", "ippool", "default-ipv4-ippool", "-t", type, "-p", patch);
    assertThat(ran.code()).as(ran.toString()).isEqualTo(1);
    assertThat(ran.errLines()).singleElement().asString().contains(message);
    assertThat(Ran.contents(directory.resolve("store"))).isEqualTo(before);
  }

  @Test
  void patchOfWhatIsMissing() {
    Ran.apply(directory, Samples.POOL);
    assertThat(Ran.of(directory, "patch", "node", "x", "-p", "{}"))
        .isEqualTo(new Ran(1, "", "resource does not exist: Node(x)\n"));
  }

  @Test
  void labels() {
    Ran.apply(directory, Samples.NODES);
    assertThat(Ran.of(directory, "label", "node", "node-1", "rack=r1"))
        .isEqualTo(new Ran(0, "Successfully set label rack on Node node-1\n", ""));
    assertThat(Ran.of(directory, "label", "node", "node-1", "rack=r2").err())
        .isEqualTo(
            "failed to update label of node node-1, key rack is already present."
                + " please use '--overwrite' to set a new value\n");
    assertThat(Ran.of(directory, "label", "node", "node-1", "rack=r2", "--overwrite").out())
        .isEqualTo("Successfully updated label rack on Node node-1\n");
    assertThat(yaml("node", "node-1")).contains("rack: r2");
    assertThat(Ran.of(directory, "label", "node", "node-1", "rack", "--remove").out())
        .isEqualTo("Successfully removed label rack from Node node-1\n");
    assertThat(Ran.of(directory, "label", "node", "node-1", "rack", "--remove"))
        .isEqualTo(new Ran(1, "", "cannot remove label of node node-1, key rack does not exist\n"));
  }

  @Test
  void filesDirectoriesAndNothingInThem() throws IOException {
    Path files = Files.createDirectories(directory.resolve("files/deep")).getParent();
    Files.writeString(files.resolve("a.yaml"), Samples.POOL);
    Files.writeString(files.resolve("b.txt"), "not read");
    Files.writeString(
        files.resolve("deep/c.json"),
        "{\"apiVersion\":\"projectcalico.org/v3\","
            + "\"kind\":\"Node\",\"metadata\":{\"name\":\"n\"}}");
    assertThat(Ran.of(directory, "apply", "-f", files.toString()).out())
        .isEqualTo("Successfully applied 1 'IPPool' resource(s)\n");
    assertThat(Ran.of(directory, "apply", "-R", "-f", files.toString()).out())
        .isEqualTo("Successfully applied 2 resource(s)\n");
    assertThat(in("# nothing\n", "apply", "-f", "-"))
        .isEqualTo(new Ran(1, "", "standard input: no resources specified\n"));
    assertThat(in("# nothing\n", "apply", "--skip-empty", "-f", "-").code()).isZero();
    Ran missing = Ran.of(directory, "apply", "-f", "/nonexistent.yaml");
    assertThat(missing).isEqualTo(new Ran(1, "", "/nonexistent.yaml: there is no such file\n"));
  }

  @Test
  void namespaces() {
    String endpoint = Samples.ENDPOINTS.substring(0, Samples.ENDPOINTS.indexOf("---"));
    assertThat(in(endpoint, "apply", "-n", "other", "-f", "-").err())
        .contains("namespace kube-system is not the one of --namespace other");
    in(endpoint.replace("  namespace: kube-system\n", ""), "apply", "-f", "-");
    assertThat(Ran.of(directory, "get", "wep", "-o", "name").out())
        .isEqualTo("workloadendpoint/node--1-k8s-coredns-eth0\n");
    assertThat(in(Samples.POOL, "apply", "-n", "x", "-f", "-").errLines())
        .singleElement()
        .asString()
        .contains("IPPool is not namespaced");
  }

  @Test
  void deleteByFileAndByName() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES);
    assertThat(in(Samples.NODES, "delete", "-f", "-").out())
        .isEqualTo("Successfully deleted 2 'Node' resource(s)\n");
    assertThat(in(Samples.NODES, "delete", "-f", "-").err())
        .isEqualTo(
            """
            Failed to delete any 'Node' resources:
              resource does not exist: Node(node-2)
              resource does not exist: Node(node-1)
            """);
    assertThat(in(Samples.NODES, "delete", "-s", "-f", "-").code()).isZero();
  }

  @Test
  void reportsAreJsonToo() throws IOException {
    Ran.apply(directory, Samples.POOL);
    Ran ran =
        in(Samples.POOL + Samples.pool("n", "10.1.0.0/16"), "create", "-o", "json", "-f", "-");
    assertThat(ran.code()).isEqualTo(1);
    JsonNode tree = new ObjectMapper().readTree(ran.out());
    assertThat(tree.path("action").textValue()).isEqualTo("created");
    assertThat(tree.path("resources").path(0).path("name").textValue()).isEqualTo("n");
    assertThat(tree.path("failures")).hasSize(1);
  }
}
