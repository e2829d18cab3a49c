package dev.manul.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.manul.model.BGPConfiguration;
import dev.manul.model.FelixConfiguration;
import dev.manul.model.IPPool;
import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Metadata;
import dev.manul.model.Node;
import dev.manul.model.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

final class ResourceTextTest {
  private static final String POOL =
      """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata:
        name: default-ipv4-ippool
      spec:
        cidr: 10.244.0.0/16
        ipipMode: CrossSubnet
        natOutgoing: true
      """;

  @Test
  void readsWhatUsersApplyToCalico() {
    String text =
        """
        # pools and more
        apiVersion: projectcalico.org/v3
        kind: BGPConfiguration
        metadata:
          name: default
          uid: 5a0d
          generation: 3
          creationTimestamp: "2024-01-01T00:00:00Z"
          resourceVersion: "77"
          finalizers: [x]
          ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: u}]
          managedFields:
          - manager: kubectl
            fieldsV1: {f:spec: {}}
          labels: {a: b, empty: }
        spec:
          logSeverityScreen: Info
          nodeToNodeMeshEnabled: true
          asNumber: 63400
          serviceClusterIPs:
          - cidr: 10.96.0.0/12
          nodeMeshMaxRestartTime: 120s
        status: {}
        ---
        # nothing
        ---
        """
            + POOL
            + "status:\n  conditions:\n  - {type: Allocatable, status: 'True', reason: OK}\n";
    List<Document> documents = ResourceText.parse(text, "f.yaml");

    assertThat(documents)
        .extracting(Document::place)
        .containsExactly("f.yaml: document 1", "f.yaml: document 3");
    BGPConfiguration bgp = (BGPConfiguration) documents.getFirst().resource();
    assertThat(bgp.spec().asNumber()).isEqualTo(63400L);
    assertThat(bgp.spec().nodeMeshMaxRestartTime()).contains(Duration.ofMinutes(2));
    assertThat(bgp.spec().serviceClusterIPs().getFirst().cidr()).hasToString("10.96.0.0/12");
    assertThat(bgp.metadata())
        .isEqualTo(
            new Metadata(
                "default",
                "",
                Map.of("a", "b", "empty", ""),
                Map.of(),
                "77",
                "5a0d",
                "2024-01-01T00:00:00Z"));
    IPPool pool = (IPPool) documents.get(1).resource();
    assertThat(pool.status().conditions().getFirst().reason()).isEqualTo("OK");
  }

  @Test
  void writesInStableOrderWithDefaults() {
    Resource pool = ResourceText.parse(POOL, "f").getFirst().resource();
    assertThat(ResourceText.toYaml(pool))
        .isEqualTo(
            """
            apiVersion: projectcalico.org/v3
            kind: IPPool
            metadata:
              name: default-ipv4-ippool
            spec:
              cidr: 10.244.0.0/16
              ipipMode: CrossSubnet
              vxlanMode: Never
              natOutgoing: true
              blockSize: 26
              nodeSelector: all()
              allowedUses:
              - Workload
              - Tunnel
              assignmentMode: Automatic
            """);
  }

  @Test
  void readsJsonListsAndSequences() {
    String json = ResourceText.toJson(ResourceText.parse(POOL, "f").getFirst().resource());
    Resource pool = ResourceText.parse(POOL, "f").getFirst().resource();
    String list = "apiVersion: v1\nkind: List\nitems:\n- " + POOL.indent(2).strip() + "\n";

    assertThat(ResourceText.parse(json, "f").getFirst().resource()).isEqualTo(pool);
    assertThat(ResourceText.parse("\t" + json + json, "f")).hasSize(2);
    assertThat(ResourceText.parse("[" + json + "," + json + "]", "f")).hasSize(2);
    assertThat(ResourceText.parse(list, "f")).extracting(Document::resource).containsExactly(pool);
    for (String text :
        List.of(
            ResourceText.toYaml(IPPool.KIND, List.of(pool, pool)),
            ResourceText.toJson(IPPool.KIND, List.of(pool, pool)))) {
      assertThat(ResourceText.parse(text, "f"))
          .extracting(Document::resource)
          .containsExactly(pool, pool);
    }
    assertThat(
            ResourceText.parse(
                "apiVersion: projectcalico.org/v3\nkind: IPPoolList\nitems: [{metadata: {name: a}}]",
                "f"))
        .hasSize(1);
    assertThat(ResourceText.parse("", "f")).isEmpty();
    assertThat(ResourceText.parse("# nothing\n---\n", "f")).isEmpty();
  }

  @Test
  void keepsDocumentedFieldsItDoesNotUse() {
    Resource felix =
        RulesTableTest.read(
            "FelixConfiguration",
            "default",
            "bpfEnabled: true, reportingInterval: 0s, ipipMTU: 1400,"
                + " failsafeInboundHostPorts: [{protocol: tcp, port: 22}]");
    FelixConfiguration.Spec spec = ((FelixConfiguration) felix).spec();
    assertThat(spec.further()).containsEntry("bpfEnabled", true).hasSize(3);
    assertThat(ResourceText.toYaml(felix))
        .contains("  ipipMTU: 1400\n", "  bpfEnabled: true\n", "  - protocol: tcp\n    port: 22\n");
    assertThat(ResourceText.parse(ResourceText.toYaml(felix), "f").getFirst().resource())
        .isEqualTo(felix);
  }

  @Test
  void everyKindsEmptyResourceIsReadBack() {
    for (Kind<? extends Resource> kind : Kinds.ALL) {
      Resource resource = RulesTableTest.read(kind.apiVersion(), kind.name(), "n", "");
      String yaml = ResourceText.toYaml(resource);
      assertThat(resource.kind()).isEqualTo(kind);
      assertThat(ResourceText.parse(yaml, "f").getFirst().resource()).isEqualTo(resource);
      assertThat(ResourceText.fromTree(ResourceText.toTree(resource), "f")).isEqualTo(resource);
    }
  }

  @Test
  void anEmptyPartIsReadBackAsPresent() {
    Node node = (Node) RulesTableTest.read("Node", "n", "bgp: {}");
    assertThat(node.spec().bgp()).contains(Node.Bgp.EMPTY);
    assertThat(ResourceText.parse(ResourceText.toYaml(node), "f").getFirst().resource())
        .isEqualTo(node);
  }

  @Test
  void awkwardTextIsReadBackByThisReaderAndByOthers() {
    String[] awkward = {
      "",
      " ",
      "a b",
      " a",
      "a ",
      "yes",
      "no",
      "on",
      "true",
      "null",
      "~",
      "1",
      "0x1f",
      "1.5",
      "1e3",
      "12:30:45",
      "2024-01-01",
      "10.1.5.10",
      "10.0.0.0/16",
      "-",
      "- a",
      "a: b",
      "a:b",
      "a #b",
      "#a",
      "'",
      "\"",
      "a'b",
      "it's \"so\"",
      "line\nline",
      "tab\there",
      "\u0007",
      "ünïcode",
      "\u2028",
      "[a]",
      "{a}",
      "*a",
      "&a",
      "!a",
      "|",
      ">",
      "%a",
      "@a",
      "`a",
      "a,b",
      "?",
      "? a",
      ":",
      "a:",
      "=",
      "<<",
      "all()",
      "a == 'b'",
      "\\",
      "C:\\x",
      "\ufeff",
      "08",
      "+1",
      ".",
      "..",
      ".inf",
      "0o17",
      "1_000",
      "0b11",
      "---",
      "...",
      "y",
      "Y",
      "n",
      "N",
      "NO",
      "😀"
    };
    for (String text : awkward) {
      Metadata metadata = Metadata.named("n").withLabels(Map.of("k", text, "k2" + text, "v"));
      Resource resource = RulesTableTest.read("IPPool", "n", "").withMetadata(metadata);
      String yaml = ResourceText.toYaml(resource);
      assertThat(ResourceText.parse(yaml, "f").getFirst().resource()).as(text).isEqualTo(resource);
      assertThat(ResourceText.parse(ResourceText.toJson(resource), "f").getFirst().resource())
          .as(text)
          .isEqualTo(resource);
      Map<String, Map<String, Map<String, Object>>> other = new Yaml().load(yaml);
      assertThat(other.get("metadata").get("labels").get("k")).as(text).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ipipMode: | ipipmode: | `f.yaml: document 1: field spec.ipipmode is not known; did you mean spec.ipipMode?`",
        "natOutgoing: | natOutgoin: | did you mean spec.natOutgoing?",
        "natOutgoing: | color: | `field spec.color is not known; known here: cidr, ipipMode, vxlanMode, natOutgoing`",
        "`  name:` | `  cidr: x`   | `field metadata.cidr is not known; it belongs at spec.cidr`",
        "metadata: | metadat: | `field metadata is missing`",
        "CrossSubnet | Sometimes | `field spec.ipipMode: got \"Sometimes\", wanted Never, Always or CrossSubnet`",
        "CrossSubnet | [Always] | `field spec.ipipMode: got a list, wanted Never, Always or CrossSubnet`",
        "natOutgoing: true | natOutgoing: \"true\" | `field spec.natOutgoing: got \"true\", wanted true or false`",
        "natOutgoing: true | blockSize: twenty | `field spec.blockSize: got \"twenty\", wanted a whole number`",
        "natOutgoing: true | blockSize: 26.5 | `field spec.blockSize: got 26.5, wanted a whole number`",
        "natOutgoing: true | blockSize: 99999999999 | `got 99999999999, wanted a whole number from`",
        "natOutgoing: true | allowedUses: Workload | `field spec.allowedUses: got \"Workload\", wanted a list`",
        "natOutgoing: true | allowedUses: [1] | `field spec.allowedUses[0]: got 1, wanted text; put it in quotes`",
        "natOutgoing: true | allowedUses: [null] | `field spec.allowedUses[0]: got nothing`",
        "10.244.0.0/16 | 10.244.0.1/16 | `field spec.cidr: \"10.244.0.1/16\" has bits set after its length; did you mean 10.244.0.0/16?`",
        "10.244.0.0/16 | 10.244/16 | `field spec.cidr: \"10.244\" is not an IPv4 address`",
        "10.244.0.0/16 | 5 | `field spec.cidr: got 5, wanted a prefix such as`",
        "default-ipv4-ippool | 7 | `field metadata.name: got 7, wanted text; put it in quotes`",
        "kind: IPPool | kind: IPPol | `kind IPPol is not known; did you mean IPPool?`",
        "kind: IPPool | kind: Deployment | `kind Deployment is not known; known are AdminNetworkPolicy, BGPConfiguration`",
        "kind: IPPool | kind: IPPoolList | `field metadata`",
        "kind: IPPool | kin: IPPool | field kind is missing; one of",
        "projectcalico.org/v3 | v1 | `field apiVersion: got \"v1\", wanted projectcalico.org/v3`",
        "apiVersion: | apVersion: | field apiVersion is missing; wanted projectcalico.org/v3",
        "natOutgoing: true | ipipMode: Never | `f.yaml:8:3: key ipipMode occurs twice`",
        "natOutgoing: true | natOutgoing: [true | `f.yaml:9:1: `",
        "natOutgoing: true | `\tnatOutgoing: true` | `f.yaml:8:`",
        "natOutgoing: true | natOutgoing: *x | `f.yaml:8:16: alias *x names no anchor`",
      })
  void refusesInOneLine(String from, String to, String message) {
    String text = POOL.replace(from, to);
    assertThat(text).isNotEqualTo(POOL);
    if (message.equals("field metadata")) {
      message = "field spec is not known; known here: apiVersion, kind, metadata, items";
    }
    assertThatThrownBy(() -> ResourceText.parse(text, "f.yaml"))
        .isInstanceOf(MalformedTextException.class)
        .hasMessageStartingWith("f.yaml:")
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void namesTheDocumentAndTheItem() {
    assertThatThrownBy(() -> ResourceText.parse(POOL + "---\n" + POOL + "speck: {}\n", "f.yaml"))
        .hasMessage("f.yaml: document 2: field speck is not known; did you mean spec?");
    String list =
        "apiVersion: v1\nkind: List\nitems:\n- "
            + POOL.indent(2).strip()
            + "\n- "
            + POOL.replace("cidr", "cdir").indent(2).strip()
            + "\n";
    assertThatThrownBy(() -> ResourceText.parse(list, "f.yaml"))
        .hasMessage(
            "f.yaml: document 1: items[1]: field spec.cdir is not known; did you mean spec.cidr?");
    assertThatThrownBy(() -> ResourceText.parse("just text", "f.yaml"))
        .hasMessage("f.yaml: document 1: got \"just text\", wanted a map of fields");
    assertThatThrownBy(() -> ResourceText.parse("{\"kind\": \"IPPool\" \"a\": 1}", "f.json"))
        .hasMessageStartingWith("f.json:1:");
    assertThatThrownBy(() -> ResourceText.parse("{\"kind\": 1, \"kind\": 2}", "f.json"))
        .hasMessageStartingWith("f.json:1:")
        .hasMessageContaining("kind");
  }

  @Test
  void aliasesAreFollowedWithinBounds() {
    String text =
        POOL.replace("natOutgoing: true", "allowedUses: &u [Workload]")
            + "---\n"
            + POOL.replace("CrossSubnet", "&m Always")
                .replace("natOutgoing: true", "vxlanMode: *m");
    IPPool pool = (IPPool) ResourceText.parse(text, "f").get(1).resource();
    assertThat(pool.spec().vxlanMode()).isEqualTo(pool.spec().ipipMode());

    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ", ").repeat(9)).append("*a").append(i - 1).append("]\n");
    }
    assertThatThrownBy(() -> ResourceText.parse(bomb.toString(), "f"))
        .isInstanceOf(MalformedTextException.class)
        .hasMessageContaining("more than 1000000 values");
    assertThatThrownBy(() -> ResourceText.parse("[".repeat(5_000), "f"))
        .isInstanceOf(MalformedTextException.class);
  }
}
