package dev.manul.cli;

import dev.manul.datastore.ResourceText;
import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Resources as text. */
final class Listings {
  private Listings() {}

  /** {@code kind/name}, as other commands take apart easily. */
  static String name(Resource resource) {
    return resource.kind().toString().toLowerCase(Locale.ROOT) + "/" + resource.metadata().name();
  }

  /** One resource, bare. */
  static String one(Resource resource, Format format) {
    return switch (format) {
      case NAME -> name(resource) + "\n";
      case YAML -> ResourceText.toYaml(resource);
      case JSON -> ResourceText.toJson(resource);
      case PS, WIDE -> throw new IllegalArgumentException("a table is not of one resource");
    };
  }

  /** Several resources: a list of their kind, or of no kind when they are of several. */
  static String several(Kind<?> kind, List<? extends Resource> resources, Format format) {
    return format == Format.JSON
        ? ResourceText.toJson(kind, resources)
        : ResourceText.toYaml(kind, resources);
  }

  /** Resources of several kinds: documents in YAML, a {@code List} in JSON. */
  static String mixed(List<? extends Resource> resources, Format format) {
    if (format == Format.YAML) {
      StringBuilder text = new StringBuilder();
      for (Resource resource : resources) {
        text.append(text.isEmpty() ? "" : "---\n").append(ResourceText.toYaml(resource));
      }
      return text.toString();
    }
    List<Object> items = new ArrayList<>();
    for (Resource resource : resources) {
      items.addAll(ResourceText.parseTrees(ResourceText.toJson(resource), "stored resource"));
    }
    return Json.text(
        Json.object("apiVersion", Resource.API_VERSION, "kind", "List", "items", items));
  }

  /** The resources by their kinds, kinds in the order in which they first occur. */
  static Map<Kind<?>, List<Resource>> byKind(List<? extends Resource> resources) {
    Map<Kind<?>, List<Resource>> kinds = new LinkedHashMap<>();
    for (Resource resource : resources) {
      kinds.computeIfAbsent(resource.kind(), kind -> new ArrayList<>()).add(resource);
    }
    return kinds;
  }
}
