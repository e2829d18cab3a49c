package dev.manul.datastore;

import dev.manul.model.Kind;
import dev.manul.model.Kinds;
import dev.manul.model.Resource;
import dev.manul.model.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Resources as YAML and JSON.
 *
 * <p>Reading is strict: an unknown or misplaced field, a key that occurs twice and a value of the
 * wrong type are refused with one line that names the source, the document and the field. Rules of
 * a kind ({@link dev.manul.model.ResourceRules}) are not looked at here. Writing is stable: {@code
 * apiVersion}, {@code kind}, {@code metadata}, {@code spec}, {@code status}, and what is absent is
 * left out.
 */
public final class ResourceText {

  private static final String LIST = "List";

  private ResourceText() {}

  /**
   * Reads the resources of a text: YAML documents or JSON values, each a resource, a {@code List},
   * a list of one kind such as {@code IPPoolList}, or a plain sequence of resources. Empty
   * documents are skipped.
   *
   * @param source what the text is called in messages, such as a file's name
   * @throws MalformedTextException for the first thing that cannot be read
   */
  public static List<Document> parse(String text, String source) {
    List<Document> documents = new ArrayList<>();
    int number = 0;
    for (Object tree : parseTrees(text, source)) {
      number++;
      if (tree != null) {
        read(tree, source, number, documents);
      }
    }
    return documents;
  }

  /**
   * Reads a text into plain trees, one for each document: maps in the order of the text, lists,
   * strings, longs, doubles, booleans and null. For patches.
   */
  public static List<Object> parseTrees(String text, String source) {
    int start = 0;
    while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    if (start < text.length() && (text.charAt(start) == '{' || text.charAt(start) == '[')) {
      try {
        return JsonReader.read(text, source);
      } catch (MalformedTextException json) {
        // may be YAML in flow style; if it is neither, it was most likely meant to be JSON
        try {
          return YamlReader.read(text, source);
        } catch (MalformedTextException yaml) {
          throw json;
        }
      }
    }
    return PlainYaml.read(text)
        .map(tree -> List.<Object>of(tree))
        .orElseGet(() -> YamlReader.read(text, source));
  }

  /** The resource that a plain tree stands for; the other way of {@link #toTree}. */
  public static Resource fromTree(Object tree, String source) {
    try {
      return resource(tree, Optional.empty());
    } catch (FieldException e) {
      throw new MalformedTextException(source + ": " + e.getMessage());
    }
  }

  private static void read(Object tree, String source, int number, List<Document> into) {
    try {
      switch (tree) {
        case List<?> items -> items(items, Optional.empty(), "", source, number, into);
        case Map<?, ?> map when map.get("kind") instanceof String name && name.endsWith(LIST) ->
            list(TreeBinder.map(map, ""), name, source, number, into);
        default -> into.add(new Document(resource(tree, Optional.empty()), source, number));
      }
    } catch (FieldException e) {
      throw new MalformedTextException(source + ": document " + number + ": " + e.getMessage());
    }
  }

  private static void list(
      Map<String, Object> map, String name, String source, int number, List<Document> into) {
    Optional<Kind<? extends Resource>> kind = Optional.empty();
    if (!name.equals(LIST)) {
      String itemKind = name.substring(0, name.length() - LIST.length());
      kind = Optional.of(kind(itemKind, name, map.get("apiVersion")));
    }
    for (String field : map.keySet()) {
      if (!List.of("apiVersion", "kind", "metadata", "items").contains(field)) {
        throw new FieldException(
            "field " + field + " is not known; known here: apiVersion, kind, metadata, items");
      }
    }
    if (!(map.get("items") instanceof List<?> items)) {
      throw TreeBinder.wrong("items", map.get("items"), "a list of resources");
    }
    items(items, kind, "items", source, number, into);
  }

  private static void items(
      List<?> items,
      Optional<Kind<? extends Resource>> kind,
      String path,
      String source,
      int number,
      List<Document> into) {
    for (int i = 0; i < items.size(); i++) {
      try {
        into.add(new Document(resource(items.get(i), kind), source, number));
      } catch (FieldException e) {
        throw new FieldException(path + "[" + i + "]: " + e.getMessage());
      }
    }
  }

  /** {@code implied}: the kind where the tree need not say it. */
  private static Resource resource(Object tree, Optional<Kind<? extends Resource>> implied) {
    Map<String, Object> map = new LinkedHashMap<>(TreeBinder.map(tree, ""));
    Object version = map.remove("apiVersion");
    Object kindName = map.remove("kind");
    if (kindName == null && implied.isEmpty()) {
      throw new FieldException("field kind is missing; one of " + kindNames() + " is wanted");
    }
    if (kindName != null && !(kindName instanceof String)) {
      throw TreeBinder.wrong("kind", kindName, "text");
    }
    if (version == null && implied.isEmpty()) {
      throw new FieldException(
          "field apiVersion is missing; wanted " + versions((String) kindName));
    }
    Kind<? extends Resource> kind =
        kindName == null
            ? implied.orElseThrow()
            : kind(
                (String) kindName,
                (String) kindName,
                version == null ? implied.orElseThrow().apiVersion() : version);
    if (version != null && !version.equals(kind.apiVersion())) {
      throw TreeBinder.wrong("apiVersion", version, kind.apiVersion());
    }
    if (map.get("metadata") == null) {
      throw new FieldException("field metadata is missing");
    }
    return TreeBinder.bind(kind.type(), map, "");
  }

  /**
   * The kind of a name and version.
   *
   * @param asWritten the name as it stands in the text
   * @param version as found; null where it need not be said
   */
  private static Kind<? extends Resource> kind(String name, String asWritten, Object version) {
    List<Kind<? extends Resource>> called = Kinds.named(name);
    for (Kind<? extends Resource> kind : called) {
      if (version == null || kind.apiVersion().equals(version)) {
        return kind;
      }
    }
    if (!called.isEmpty() || !version.equals(Resource.API_VERSION)) {
      throw TreeBinder.wrong("apiVersion", version, versions(name));
    }
    Optional<String> nearest = Spelling.nearest(name, Kinds.ALL.stream().map(Kind::name).toList());
    throw new FieldException(
        "kind "
            + asWritten
            + " is not known; "
            + nearest
                .map(near -> "did you mean " + near + "?")
                .orElseGet(() -> "known are " + kindNames()));
  }

  /** The versions that a kind of this name may have. */
  private static String versions(String name) {
    List<String> versions = Kinds.named(name).stream().map(Kind::apiVersion).toList();
    return versions.isEmpty() ? Resource.API_VERSION : FieldNames.oneOf(versions);
  }

  private static String kindNames() {
    return FieldNames.oneOf(Kinds.ALL.stream().map(Kind::name).distinct().sorted().toList());
  }

  /** The resource as a plain tree, in the order in which it is written. */
  public static Map<String, Object> toTree(Resource resource) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("apiVersion", resource.kind().apiVersion());
    tree.put("kind", resource.kind().name());
    tree.put("metadata", Map.of());
    if (RecordShape.of(resource.kind().type()).field("spec") != null) {
      tree.put("spec", Map.of());
    }
    tree.putAll(RecordTrees.map((Record) resource));
    return tree;
  }

  /** The resource as a YAML document. */
  public static String toYaml(Resource resource) {
    return YamlWriter.documents(List.of(toTree(resource)).iterator());
  }

  /** Several resources as one YAML document: a list of {@code kind}, such as {@code IPPoolList}. */
  public static String toYaml(Kind<?> kind, Collection<? extends Resource> resources) {
    return YamlWriter.documents(List.of(listTree(kind, resources)).iterator());
  }

  /** The resource as JSON, with a line feed at the end. */
  public static String toJson(Resource resource) {
    return toJson((Object) toTree(resource));
  }

  /** Several resources as JSON: a list of {@code kind}. */
  public static String toJson(Kind<?> kind, Collection<? extends Resource> resources) {
    return toJson((Object) listTree(kind, resources));
  }

  private static Map<String, Object> listTree(
      Kind<?> kind, Collection<? extends Resource> resources) {
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("apiVersion", kind.apiVersion());
    list.put("kind", kind.name() + LIST);
    List<Object> items = new ArrayList<>(resources.size());
    resources.forEach(resource -> items.add(toTree(resource)));
    list.put("items", items);
    return list;
  }

  private static String toJson(Object tree) {
    StringBuilder out = new StringBuilder(512);
    new JsonWriter(out).value(tree, 0);
    return out.append('\n').toString();
  }
}
