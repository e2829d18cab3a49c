package dev.manul.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The generated files: up to date, complete, and the same objects in every form. */
final class ManifestsTest {

  private static final Path DEPLOY = Project.root().resolve("deploy");
  private static final ObjectMapper YAML = new YAMLMapper();
  private static final Map<String, String> FILES = Manifests.of(Project.root());

  @Test
  void checkedInFilesAreWhatTheSourcesMake() throws IOException {
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = DEPLOY.resolve(file.getKey());
      assertThat(path).as("missing file: run ./dev manifests").exists();
      assertThat(Files.readString(path))
          .as("%s is not up to date: run ./dev manifests", path)
          .isEqualTo(file.getValue());
    }
  }

  @Test
  void nothingElseLiesAmongThem() {
    TreeSet<String> found = new TreeSet<>();
    for (String directory : List.of("crds", "crds-cel", "kustomize/base", "helm")) {
      for (Path file : Project.files(DEPLOY.resolve(directory))) {
        found.add(DEPLOY.relativize(file).toString());
      }
    }
    assertThat(found).isSubsetOf(FILES.keySet());
  }

  @Test
  void everyObjectOfTheKustomizeBaseIsInTheManifest() throws IOException {
    TreeMap<String, JsonNode> base = new TreeMap<>();
    FILES.forEach(
        (name, text) -> {
          if (name.startsWith("kustomize/base/") && !name.endsWith("kustomization.yaml")) {
            base.putAll(objects(text));
          }
        });
    assertThat(base).isEqualTo(objects(FILES.get("manul.yaml")));
    JsonNode list = YAML.readTree(FILES.get("kustomize/base/kustomization.yaml")).get("resources");
    assertThat(list)
        .allSatisfy(entry -> assertThat(FILES).containsKey("kustomize/base/" + entry.asText()))
        .hasSize(5);
  }

  @Test
  void chartWithItsDefaultValuesMakesTheManifestsObjects() throws IOException {
    TreeMap<String, JsonNode> chart = new TreeMap<>();
    JsonNode values = YAML.readTree(FILES.get("helm/manul/values.yaml"));
    FILES.forEach(
        (name, text) -> {
          if (name.startsWith("helm/manul/templates/") && !name.endsWith("/crds.yaml")) {
            chart.putAll(objects(rendered(text, values)));
          } else if (name.startsWith("helm/manul/files/crds/")) {
            chart.putAll(objects(text));
          }
        });
    assertThat(chart).isEqualTo(objects(FILES.get("manul.yaml")));
  }

  @Test
  void chartTakesARangeAndFurtherVariables() throws IOException {
    JsonNode values =
        YAML.readTree(
            """
            image: {repository: registry.example/manul, tag: "1.2", pullPolicy: Always}
            ip: autodetect
            ipAutodetectionMethod: interface=eth1
            pool: {cidr: 10.244.0.0/16, ipip: Never, vxlan: Never, udp: CrossSubnet}
            mtu: 1400
            logSeverity: Debug
            extraEnv: [{name: CALICO_ROUTER_ID, value: hash}]
            resources: {requests: {cpu: 50m}}
            """);
    JsonNode pod =
        objects(rendered(FILES.get("helm/manul/templates/daemonset.yaml"), values))
            .get("DaemonSet/manul-node")
            .at("/spec/template/spec");
    JsonNode agent = pod.at("/containers/0");
    Map<String, String> env = new TreeMap<>();
    agent.get("env").forEach(v -> env.put(v.get("name").asText(), v.path("value").asText()));
    assertThat(agent.get("image").asText()).isEqualTo("registry.example/manul:1.2");
    assertThat(pod.at("/initContainers/0/image")).isEqualTo(agent.get("image"));
    assertThat(agent.at("/resources/requests/cpu").asText()).isEqualTo("50m");
    assertThat(env)
        .containsEntry("CALICO_IPV4POOL_CIDR", "10.244.0.0/16")
        .containsEntry("CALICO_IPV4POOL_IPIP", "Never")
        .containsEntry("CALICO_IPV4POOL_UDP", "CrossSubnet")
        .containsEntry("IP_AUTODETECTION_METHOD", "interface=eth1")
        .containsEntry("CALICO_ROUTER_ID", "hash");
  }

  /** The edit that guides tell people to make: take the comment signs from the range. */
  @Test
  void rangeCanBeUncommented() {
    String edited =
        FILES
            .get("manul.yaml")
            .replace("# - name: CALICO_IPV4POOL_CIDR", "- name: CALICO_IPV4POOL_CIDR")
            .replace("#   value: \"192.168.0.0/16\"", "  value: \"10.244.0.0/16\"");
    assertThat(
            objects(edited).get("DaemonSet/manul-node").at("/spec/template/spec/containers/0/env"))
        .anySatisfy(
            variable -> {
              assertThat(variable.get("name").asText()).isEqualTo("CALICO_IPV4POOL_CIDR");
              assertThat(variable.get("value").asText()).isEqualTo("10.244.0.0/16");
            });
  }

  private static Map<String, JsonNode> objects(String text) {
    TreeMap<String, JsonNode> objects = new TreeMap<>();
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(text)) {
      while (documents.hasNext()) {
        JsonNode object = documents.next();
        String key = object.path("kind").asText() + "/" + object.at("/metadata/name").asText();
        assertThat(objects.put(key, object)).as("%s occurs twice", key).isNull();
      }
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
    return objects;
  }

  /**
   * As much of Helm's language as the templates use; whatever else they had would stay and fail.
   */
  private static String rendered(String template, JsonNode values) {
    String text =
        Pattern.compile("(?s) *\\{\\{- with \\.Values\\.(\\S+) }}\n(.*?) *\\{\\{- end }}\n")
            .matcher(template)
            .replaceAll(
                with -> {
                  JsonNode value = value(values, with.group(1));
                  boolean none = value.isEmpty() && value.asText().isEmpty();
                  String body =
                      with.group(2)
                          .replace(
                              "{{ toYaml . | indent 12 }}",
                              YamlText.of(value).stripTrailing().stripIndent().indent(12))
                          .replace("{{ . }}", value.asText());
                  return Matcher.quoteReplacement(none ? "" : body);
                });
    text =
        Pattern.compile("\\{\\{ toYaml \\.Values\\.(\\S+) \\| indent 12 }}")
            .matcher(text)
            .replaceAll(m -> YamlText.of(value(values, m.group(1))).indent(12));
    text =
        Pattern.compile("\\{\\{ \\.Values\\.(\\S+) }}")
            .matcher(text)
            .replaceAll(m -> value(values, m.group(1)).asText());
    text = text.replace("{{ .Release.Namespace }}", "kube-system");
    assertThat(text).doesNotContain("{{");
    return text;
  }

  private static JsonNode value(JsonNode values, String path) {
    JsonNode value = values.at("/" + path.replace('.', '/'));
    assertThat(value.isMissingNode()).as("values.yaml has no %s", path).isFalse();
    return value;
  }
}
