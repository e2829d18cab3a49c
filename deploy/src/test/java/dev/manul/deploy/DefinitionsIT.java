package dev.manul.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.manul.datastore.ResourceText;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The definitions on a real API server, used by its kubectl. */
final class DefinitionsIT {

  private static final Path CRDS = Project.root().resolve("deploy/crds");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** That kubectl does not know null in a list, which a block's allocations have; servers do. */
  private static final List<String> NULLS = List.of("books.yaml", "IPAMBlock.yaml");

  private static ApiServer api;

  @BeforeAll
  static void define() {
    api = ApiServer.start();
    api.ok("apply", "-f", CRDS.toString());
    api.ok("wait", "--for=condition=Established", "--timeout=60s", "-f", CRDS.toString());
    api.ok("wait", "--for=condition=NamesAccepted", "--timeout=60s", "-f", CRDS.toString());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  static Stream<Path> documented() {
    return Project.resources("calico").stream();
  }

  static Stream<Path> populated() {
    return Project.resources("populated").stream();
  }

  @Test
  void schemasAreStructural() throws IOException {
    JsonNode definitions = JSON.readTree(api.ok("get", "crds", "-o", "json")).get("items");
    assertThat(definitions).hasSize(ServedKinds.ALL.size());
    assertThat(definitions)
        .allSatisfy(
            definition ->
                assertThat(definition.at("/status/conditions").findValuesAsText("type"))
                    .as(definition.at("/metadata/name").asText())
                    .contains("Established")
                    .doesNotContain("NonStructuralSchema"));
  }

  @ParameterizedTest
  @MethodSource("documented")
  void documentsAsCalicoHasThemApply(Path file) {
    boolean nulls = NULLS.contains(file.getFileName().toString());
    String validate = "--validate=" + !nulls;
    assertThat(api.ok("apply", validate, "-f", file.toString())).doesNotContain("arning");
    assertThat(api.ok("apply", validate, "-f", file.toString()).lines())
        .allMatch(line -> line.endsWith(" unchanged"));
  }

  @ParameterizedTest
  @MethodSource("documented")
  void documentsAsCalicoHasThemApplyOnTheServerSide(Path file) {
    String validate = "--validate=" + !NULLS.contains(file.getFileName().toString());
    assertThat(
            api.ok(
                    "apply",
                    "--server-side",
                    "--force-conflicts",
                    "--field-manager=manul-test",
                    validate,
                    "-f",
                    file.toString())
                .lines())
        .isNotEmpty()
        .allMatch(line -> line.endsWith(" serverside-applied"));
  }

  /** What the agent writes with every field set comes back whole and equal. */
  @ParameterizedTest
  @MethodSource("populated")
  void populatedResourcesComeBackWhole(Path file) throws IOException {
    Resource written = only(Files.readString(file));
    String validate = "--validate=" + !NULLS.contains(file.getFileName().toString());
    ApiServer.Answer answer =
        api.kubectlReading(ResourceText.toJson(written), "replace", "--force", validate, "-f", "-");
    assertThat(answer.status()).as(answer.output()).isZero();
    String stored = api.ok("get", served(written.kind()), written.metadata().name(), "-o", "json");
    Resource read = only(stored);
    assertThat(read.withMetadata(written.metadata())).isEqualTo(written);
    assertThat(read.metadata().resourceVersion()).isNotEmpty();
  }

  /** What the server puts in is what the agent would have assumed. */
  @Test
  void defaultsAreTheRecords() throws IOException {
    for (KindFacts facts : ServedKinds.ALL) {
      if (facts.fields().values().stream().noneMatch(FieldFacts::defaulted)) {
        continue;
      }
      String cidr = facts.field("spec.cidr").required() ? "\"cidr\":\"fd00:99::/64\"" : "";
      String text =
          "{\"apiVersion\":\"projectcalico.org/v3\",\"kind\":\"%s\",\"metadata\":{\"name\":\"bare\"},\"spec\":{%s}}"
              .formatted(facts.kind().name(), cidr);
      assertThat(api.kubectlReading(text, "create", "-f", "-").status()).isZero();
      String stored = api.ok("get", served(facts.kind()), "bare", "-o", "json");
      Resource written = only(text);
      assertThat(only(stored).withMetadata(written.metadata())).isEqualTo(written);
      JsonNode spec = JSON.readTree(stored).get("spec");
      for (Map.Entry<String, FieldFacts> field : facts.fields().entrySet()) {
        if (field.getValue().defaulted()) {
          // A default within an object that is not there has no place.
          String name = field.getKey().substring("spec.".length());
          assertThat(spec.has(name))
              .as("%s %s", facts.kind(), field.getKey())
              .isEqualTo(name.indexOf('.') < 0);
        }
      }
      assertThat(spec.has("blockSize")).as("an IPv6 pool has blocks of its own size").isFalse();
      api.ok("delete", served(facts.kind()), "bare");
    }
  }

  @Test
  void aNodesSubnetComesFromThePoolUnlessItIsSaid() throws IOException {
    String text =
        "{\"apiVersion\":\"projectcalico.org/v3\",\"kind\":\"IPPool\",\"metadata\":{\"name\":\"subnets\"},"
            + "\"spec\":{\"cidr\":\"10.97.0.0/16\",\"nodeSubnet\":{}}}";
    assertThat(api.kubectlReading(text, "create", "-f", "-").status()).isZero();
    String stored = api.ok("get", "ippool", "subnets", "-o", "json");
    assertThat(JSON.readTree(stored).at("/spec/nodeSubnet/source").asText()).isEqualTo("Pool");
    Resource written = only(text);
    assertThat(only(stored).withMetadata(written.metadata())).isEqualTo(written);
  }

  @Test
  void unknownFieldsArePruned() throws IOException {
    String pool =
        """
        {"apiVersion":"projectcalico.org/v3","kind":"IPPool","metadata":{"name":"pruned"},
         "spec":{"cidr":"10.99.0.0/16","colour":"red"}}
        """;
    // The client knows the schema when the server has published it.
    await()
        .untilAsserted(
            () ->
                assertThat(
                        api.kubectlReading(pool, "apply", "--dry-run=client", "-f", "-").output())
                    .contains("unknown field \"colour\""));
    assertThat(api.kubectlReading(pool, "create", "--validate=false", "-f", "-").status()).isZero();
    JsonNode stored = JSON.readTree(api.ok("get", "ippool", "pruned", "-o", "json"));
    assertThat(stored.at("/spec/cidr").asText()).isEqualTo("10.99.0.0/16");
    assertThat(stored.at("/spec/colour").isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IPPool|spec.ipipMode|{cidr: 10.98.0.0/16, ipipMode: Sometimes}",
        "IPPool|spec.allowedUses|{cidr: 10.98.0.0/16, allowedUses: [Fun]}",
        "IPPool|spec.cidr|{cidr: 10.98.0.0}",
        "IPPool|spec.cidr|{}",
        "IPPool|spec.blockSize|{cidr: 10.98.0.0/16, blockSize: 129}",
        "BGPConfiguration|spec.asNumber|{asNumber: 4294967296}",
        "BGPConfiguration|spec.listenPort|{listenPort: 0}",
        "BGPConfiguration|spec.logSeverityScreen|{logSeverityScreen: Loud}",
        "BGPConfiguration|spec.nodeMeshMaxRestartTime|{nodeMeshMaxRestartTime: soon}",
        "BGPPeer|spec.nextHopMode|{peerIP: 10.0.0.1, asNumber: 1, nextHopMode: Mine}",
        "BGPPeer|spec.password.secretKeyRef|{peerIP: 10.0.0.1, password: {}}",
        "IPAMConfiguration|spec.maxBlocksPerHost|{maxBlocksPerHost: -1}",
        "FelixConfiguration|spec.healthPort|{healthPort: 70000}",
        "BlockAffinity|spec.state|{cidr: 10.98.0.0/26, node: worker, state: lost}",
      })
  void wrongValuesAreRefused(String entry) {
    List<String> parts = List.of(entry.split("\\|", 3));
    String text =
        "---\n{apiVersion: projectcalico.org/v3, kind: %s, metadata: {name: wrong}, spec: %s}"
            .formatted(parts.get(0), parts.get(2));
    ApiServer.Answer answer = api.kubectlReading(text, "create", "--validate=false", "-f", "-");
    assertThat(answer.status()).as(entry).isNotZero();
    assertThat(answer.output()).contains("is invalid").contains(parts.get(1));
  }

  @Test
  void poolsReadWell() {
    String pool =
        "---\n{apiVersion: projectcalico.org/v3, kind: IPPool, metadata: {name: shown},"
            + " spec: {cidr: 10.97.0.0/16, ipipMode: CrossSubnet, natOutgoing: true, blockSize: 27}}";
    assertThat(api.kubectlReading(pool, "apply", "-f", "-").status()).isZero();
    assertThat(words(api.ok("get", "ippools", "shown").lines().toList()))
        .satisfiesExactly(
            head -> assertThat(head).isEqualTo("NAME CIDR VXLAN IPIP NAT AGE"),
            line -> assertThat(line).startsWith("shown 10.97.0.0/16 Never CrossSubnet true "));
    assertThat(words(api.ok("get", "ippools", "shown", "-o", "wide").lines().toList()))
        .satisfiesExactly(
            head ->
                assertThat(head)
                    .isEqualTo(
                        "NAME CIDR VXLAN IPIP NAT BLOCK SIZE DISABLED BGP EXPORT DISABLED"
                            + " NODE SELECTOR ASSIGNMENT ALLOCATABLE AGE"),
            line ->
                assertThat(line)
                    .startsWith(
                        "shown 10.97.0.0/16 Never CrossSubnet true 27 false false all() Automatic"));
  }

  private static List<String> words(List<String> lines) {
    return lines.stream().map(line -> line.strip().replaceAll(" +", " ")).toList();
  }

  @Test
  void fieldsAreExplained() {
    await().until(() -> api.kubectl("explain", "bgppeer.spec.peerIP").status() == 0);
    String text = api.ok("explain", "ippool.spec").replaceAll("\\s+", " ");
    assertThat(text)
        .contains("cidr <string> -required- The range, such as 10.244.0.0/16; cannot be changed.")
        .contains("ipipMode <string> When packets to the pool's addresses travel in IP-in-IP")
        .contains("CrossSubnet: Only between nodes of different subnets.")
        .contains("What the addresses are for: Workload, Tunnel, LoadBalancer.")
        .doesNotContain("<empty>");
    assertThat(api.ok("explain", "bgppeer.spec.peerIP")).contains("[ADDRESS]:PORT");
  }

  @Test
  void shortNamesAreCalicos() {
    for (String name :
        List.of("bgpconfig", "felixconfigs", "ipamconfig", "affinities", "ippool", "manul")) {
      assertThat(api.kubectl("get", name).status()).as(name).isZero();
    }
  }

  /** As kubectl tells kinds of one name apart. */
  private static String served(Kind<?> kind) {
    return kind.plural() + "." + kind.apiVersion().replaceFirst("/.*", "");
  }

  private static Resource only(String text) {
    return ResourceText.parse(text, "test").getFirst().resource();
  }
}
