package dev.manul.deploy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All generated files: definitions of kinds, the static manifest, the kustomize base and the Helm
 * chart.
 */
final class Manifests {

  private static final String FROM_MODEL =
      "# Made by ./dev manifests from the records in model; change those.\n";
  private static final String FROM_TEMPLATES =
      "# Made by ./dev manifests from deploy/src/main/resources; change that.\n";

  private static final String CHART = "helm/manul/";
  private static final List<String> PARTS =
      List.of("account.yaml", "rights.yaml", "config.yaml", "daemonset.yaml");

  /** Definitions with rules in CEL where the server knows it. */
  private static final String CHART_DEFINITIONS =
      """
      {{- $files := "files/crds/*.yaml" }}
      {{- if semverCompare ">=1.25.0-0" .Capabilities.KubeVersion.Version }}
      {{- $files = "files/crds-cel/*.yaml" }}
      {{- end }}
      {{- range $path, $unused := .Files.Glob $files }}
      ---
      {{ $.Files.Get $path }}
      {{- end }}
      """;

  private Manifests() {}

  /**
   * The files by their path under {@code deploy}, with their text.
   *
   * @param root the project's directory, for the sources' comments
   */
  static Map<String, String> of(Path root) {
    Map<String, String> plain = definitions(root, false);
    Map<String, String> checking = definitions(root, true);
    Map<String, String> files = new LinkedHashMap<>();
    plain.forEach((name, text) -> files.put("crds/" + name, FROM_MODEL + text));
    checking.forEach((name, text) -> files.put("crds-cel/" + name, FROM_MODEL + text));
    files.put("manul.yaml", manifest(plain));
    files.put("uninstall.yaml", FROM_TEMPLATES + Template.plain("uninstall.yaml"));
    kustomize(plain, files);
    helm(plain, checking, files);
    return files;
  }

  private static Map<String, String> definitions(Path root, boolean expressions) {
    RecordComments comments =
        RecordComments.read(root.resolve("model/src/main/java/dev/manul/model"));
    Map<String, String> texts = new LinkedHashMap<>();
    for (KindFacts facts : ServedKinds.ALL) {
      texts.put(
          facts.kind().plural() + ".yaml",
          YamlText.of(Definitions.of(facts, comments, expressions)));
    }
    return texts;
  }

  private static String manifest(Map<String, String> definitions) {
    StringBuilder text =
        new StringBuilder(
            """
            # Manul: kubectl apply -f deploy/manul.yaml
            # Made by ./dev manifests from the model and from deploy/src/main/resources.
            """);
    definitions.values().forEach(definition -> text.append("---\n").append(definition));
    PARTS.forEach(part -> text.append("---\n").append(Template.plain(part)));
    return text.toString();
  }

  private static void kustomize(Map<String, String> definitions, Map<String, String> files) {
    String base = "kustomize/base/";
    StringBuilder list =
        new StringBuilder(FROM_TEMPLATES)
            .append("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
            .append("resources:\n  - crds.yaml\n");
    PARTS.forEach(part -> list.append("  - ").append(part).append('\n'));
    files.put(base + "kustomization.yaml", list.toString());
    files.put(base + "crds.yaml", FROM_MODEL + String.join("---\n", definitions.values()));
    PARTS.forEach(part -> files.put(base + part, FROM_TEMPLATES + Template.plain(part)));
  }

  private static void helm(
      Map<String, String> plain, Map<String, String> checking, Map<String, String> files) {
    files.put(CHART + "Chart.yaml", FROM_TEMPLATES + Template.source("Chart.yaml"));
    files.put(CHART + "values.yaml", FROM_TEMPLATES + Template.source("values.yaml"));
    PARTS.forEach(
        part -> files.put(CHART + "templates/" + part, FROM_TEMPLATES + Template.helm(part)));
    files.put(CHART + "templates/crds.yaml", FROM_TEMPLATES + CHART_DEFINITIONS);
    plain.forEach((name, text) -> files.put(CHART + "files/crds/" + name, FROM_MODEL + text));
    checking.forEach(
        (name, text) -> files.put(CHART + "files/crds-cel/" + name, FROM_MODEL + text));
  }
}
