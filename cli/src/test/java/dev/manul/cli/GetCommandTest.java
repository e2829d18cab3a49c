package dev.manul.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.datastore.ResourceText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GetCommandTest {
  @TempDir Path directory;

  @BeforeEach
  void store() {
    Ran.apply(directory, Samples.POOL + "---\n" + Samples.NODES + "---\n" + Samples.ENDPOINTS);
  }

  private String out(String... args) {
    return Ran.outputOf(directory, args);
  }

  @Test
  void pools() {
    assertThat(out("get", "ippool"))
        .isEqualTo(
            """
            NAME                  CIDR            SELECTOR
            default-ipv4-ippool   10.244.0.0/16   all()

            """);
    assertThat(out("get", "ippool", "-o", "wide"))
        .isEqualTo(
            """
            NAME                  CIDR            NAT    IPIPMODE   VXLANMODE   DISABLED   DISABLEBGPEXPORT   SELECTOR   ASSIGNMENTMODE
            default-ipv4-ippool   10.244.0.0/16   true   Always     Never       false      false              all()      Automatic

            """);
  }

  @Test
  void nodesShowTheAsNumberTheyInherit() {
    assertThat(out("get", "nodes"))
        .isEqualTo(
            """
            NAME
            node-1
            node-2

            """);
    String wide =
        """
        NAME     ASN       IPV4           IPV6
        node-1   (64512)   10.0.0.11/24
        node-2   65001     10.0.0.12/24   2001:db8::12/64

        """;
    assertThat(out("get", "nodes", "-o", "wide")).isEqualTo(wide);
    Ran.apply(
        directory,
        """
        apiVersion: projectcalico.org/v3
        kind: BGPConfiguration
        metadata: {name: default}
        spec: {asNumber: 64999}
        """);
    assertThat(out("get", "nodes", "-o", "wide")).isEqualTo(wide.replace("64512", "64999"));
    assertThat(out("get", "bgpconfig"))
        .isEqualTo(
            """
            NAME      LOGSEVERITY   MESHENABLED   ASNUMBER
            default   -             true          64999

            """);
  }

  @Test
  void endpointsAreByNamespace() {
    assertThat(out("get", "wep"))
        .isEqualTo(
            """
            WORKLOAD   NODE     NETWORKS         INTERFACE
            web        node-2   10.244.85.1/32   cali11111111111

            """);
    assertThat(out("get", "wep", "-A"))
        .isEqualTo(
            """
            NAMESPACE     WORKLOAD   NODE     NETWORKS           INTERFACE
            default       web        node-2   10.244.85.1/32     cali11111111111
            kube-system   coredns    node-1   10.244.84.129/32   cali0a1b2c3d4e5

            """);
    assertThat(out("get", "wep", "-n", "kube-system", "-o", "wide"))
        .isEqualTo(
            """
            NAMESPACE     NAME                       WORKLOAD   NODE     NETWORKS           INTERFACE         PROFILES                                  NATS
            kube-system   node--1-k8s-coredns-eth0   coredns    node-1   10.244.84.129/32   cali0a1b2c3d4e5   kns.kube-system,ksa.kube-system.coredns

            """);
    assertThat(Ran.of(directory, "get", "ippool", "-n", "x"))
        .isEqualTo(new Ran(1, "", "IPPool is not namespaced; leave out --namespace\n"));
  }

  @Test
  void columnsOfOnesOwn() {
    assertThat(out("get", "ippool", "-o", "custom-columns=CIDR,BLOCKSIZE"))
        .isEqualTo(
            """
            CIDR            BLOCKSIZE
            10.244.0.0/16   26

            """);
    Ran ran = Ran.of(directory, "get", "node", "-o", "custom-columns=FROB");
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err())
        .isEqualTo("unknown heading FROB, valid values are: NAME, ASN, IPV4, IPV6\n");
  }

  @Test
  void fieldsByTheirPaths() throws IOException {
    assertThat(out("get", "ippool", "default-ipv4-ippool", "-o", "jsonpath={.spec.cidr}"))
        .isEqualTo("10.244.0.0/16");
    String lines = "{range .items[*]}{.metadata.name} {.spec.bgp.asNumber}{\"\\n\"}{end}";
    assertThat(out("get", "nodes", "-o", "jsonpath=" + lines)).isEqualTo("node-1 \nnode-2 65001\n");
    Path file = Files.writeString(directory.resolve("template"), lines);
    assertThat(out("get", "nodes", "-o", "jsonpath-file=" + file))
        .isEqualTo("node-1 \nnode-2 65001\n");
    assertThat(out("get", "nodes", "-o", "custom-columns=N:.metadata.name,AS:.spec.bgp.asNumber"))
        .isEqualTo(
            """
            N        AS
            node-1   <none>
            node-2   65001

            """);
  }

  @Test
  void namesAreKindAndName() {
    assertThat(out("get", "no", "-o", "name")).isEqualTo("node/node-1\nnode/node-2\n");
  }

  @Test
  void jsonAndYamlComeBackAsTheyWere() throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode pool = json.readTree(out("get", "ippool", "default-ipv4-ippool", "-o", "json"));
    assertThat(pool.path("kind").textValue()).isEqualTo("IPPool");
    assertThat(pool.path("spec").path("cidr").textValue()).isEqualTo("10.244.0.0/16");
    JsonNode list = json.readTree(out("get", "nodes", "-o", "json"));
    assertThat(list.path("kind").textValue()).isEqualTo("NodeList");
    assertThat(list.path("items")).hasSize(2);
    for (String format : List.of("yaml", "yml", "json")) {
      String text = out("get", "nodes", "-o", format);
      assertThat(ResourceText.parse(text, "output")).hasSize(2);
      assertThat(Ran.with(directory, text, "apply", "-f", "-").out())
          .isEqualTo("Successfully applied 2 'Node' resource(s)\n");
    }
  }

  @Test
  void exportedResourcesHaveNoIdentity() {
    String plain = out("get", "node", "node-1", "-o", "yaml");
    assertThat(plain).contains("resourceVersion", "uid", "creationTimestamp");
    assertThat(out("get", "node", "node-1", "-o", "yaml", "--export"))
        .doesNotContain("resourceVersion", "uid", "creationTimestamp");
  }

  @Test
  void whatIsMissingIsSaidAndTheRestShown() {
    Ran ran = Ran.of(directory, "get", "node", "node-1", "node-9", "-o", "name");
    assertThat(ran)
        .isEqualTo(new Ran(1, "node/node-1\n", "resource does not exist: Node(node-9)\n"));
  }

  @Test
  void filesNameWhatIsShown() throws IOException {
    Path file =
        Files.writeString(directory.resolve("f.yaml"), Samples.POOL + "---\n" + Samples.NODES);
    assertThat(out("get", "-f", file.toString(), "-o", "name"))
        .isEqualTo("ippool/default-ipv4-ippool\nnode/node-1\nnode/node-2\n");
    assertThat(
            new ObjectMapper()
                .readTree(out("get", "-f", file.toString(), "-o", "json"))
                .path("items"))
        .hasSize(3);
    assertThat(ResourceText.parse(out("get", "-f", file.toString(), "-o", "yaml"), "out"))
        .hasSize(3);
    assertThat(out("get", "-f", file.toString())).contains("CIDR", "\n\nNAME\nnode-1\n");
  }

  @Test
  void aBrokenFileIsAFailureBesideTheGoodOnes() throws IOException {
    Files.writeString(directory.resolve("store/nodes/node-3.yaml"), "spec: [\n");
    Ran ran = Ran.of(directory, "get", "nodes");
    assertThat(ran.out()).contains("node-1", "node-2");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.errLines()).singleElement().asString().contains("node-3.yaml");
  }

  @Test
  void allKindsHaveTables() {
    for (String kind :
        List.of(
            "ippool",
            "ipreservation",
            "bgpconfiguration",
            "bgppeer",
            "node",
            "wep",
            "ipamconfig",
            "felixconfiguration",
            "blockaffinity",
            "ipamblock",
            "ipamhandle")) {
      assertThat(out("get", kind)).matches("(?s)(NAME|WORKLOAD).*\n\n");
      assertThat(out("get", kind, "-o", "wide")).startsWith("NAME");
    }
  }
}
