package dev.manul.deploy;

import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Custom resource definitions of the kinds a server keeps for Manul. */
final class Definitions {
  private Definitions() {}

  /** The definition of a kind as a tree; see {@link Schemas#of} for {@code expressions}. */
  static Map<String, Object> of(KindFacts facts, RecordComments comments, boolean expressions) {
    String[] version = Resource.API_VERSION.split("/", 2);
    Map<String, Object> definition = new LinkedHashMap<>();
    definition.put("apiVersion", "apiextensions.k8s.io/v1");
    definition.put("kind", "CustomResourceDefinition");
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", facts.kind().plural() + "." + version[0]);
    metadata.put("labels", Map.of("app.kubernetes.io/part-of", "manul"));
    // Helm leaves it where it is, so that uninstalling does not forget whose addresses are whose.
    metadata.put("annotations", Map.of("helm.sh/resource-policy", "keep"));
    definition.put("metadata", metadata);
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("group", version[0]);
    spec.put("names", names(facts));
    spec.put("scope", facts.kind().namespaced() ? "Namespaced" : "Cluster");
    spec.put("versions", List.of(version(version[1], facts, comments, expressions)));
    definition.put("spec", spec);
    return definition;
  }

  private static Map<String, Object> names(KindFacts facts) {
    Map<String, Object> names = new LinkedHashMap<>();
    names.put("kind", facts.kind().name());
    names.put("listKind", facts.kind().name() + "List");
    names.put("plural", facts.kind().plural());
    names.put("singular", facts.kind().name().toLowerCase(Locale.ROOT));
    if (!facts.shortNames().isEmpty()) {
      names.put("shortNames", facts.shortNames());
    }
    names.put("categories", List.of("manul"));
    return names;
  }

  private static Map<String, Object> version(
      String name, KindFacts facts, RecordComments comments, boolean expressions) {
    Map<String, Object> version = new LinkedHashMap<>();
    version.put("name", name);
    version.put("served", true);
    version.put("storage", true);
    List<Object> columns = new ArrayList<>();
    for (KindFacts.Column column : facts.columns()) {
      Map<String, Object> written = new LinkedHashMap<>();
      written.put("name", column.name());
      written.put("type", column.type());
      written.put("jsonPath", column.path());
      if (column.wide()) {
        written.put("priority", 1);
      }
      columns.add(written);
    }
    version.put("additionalPrinterColumns", columns);
    version.put("schema", Map.of("openAPIV3Schema", Schemas.of(facts, comments, expressions)));
    return version;
  }
}
