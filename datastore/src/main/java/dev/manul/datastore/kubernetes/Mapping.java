package dev.manul.datastore.kubernetes;

import dev.manul.datastore.Selection;
import dev.manul.model.Key;
import dev.manul.model.Kind;
import dev.manul.model.Metadata;
import dev.manul.model.Resource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What objects of the API mean as resources of one kind. Pure. */
interface Mapping<R extends Resource> {

  Kind<R> kind();

  /** Where the objects are. */
  ObjectPath path();

  /** Where servers of older releases have the same objects, the newest first. */
  default List<ObjectPath> olderPaths() {
    return List.of();
  }

  /**
   * Whether servers need not serve the objects. To those who watch, a kind that is not served has
   * no resources, until it is served.
   */
  default boolean isOptional() {
    return false;
  }

  /** The key of the object that a resource is kept in; empty when the key can be nobody's. */
  default Optional<Key> objectKey(Key key) {
    return Optional.of(key);
  }

  /** The key of the resource that an object is, or would be if it were one. */
  default Key keyOf(Map<String, Object> tree) {
    return new Key(Fields.namespace(tree), Fields.name(tree));
  }

  /**
   * The resource that an object is; empty when it is none, such as a pod without a network of its
   * own.
   *
   * @throws dev.manul.datastore.MalformedTextException when it cannot be read, with one line that
   *     names the object and the field
   */
  Optional<R> read(Map<String, Object> tree);

  /**
   * The query that lets the server leave out what a selection does not admit, as far as it can: ""
   * or parameters that begin with {@code &}.
   */
  String query(Selection selection);

  /** {@code labelSelector} of these labels, or "". */
  static String labelQuery(Map<String, String> labels) {
    if (labels.isEmpty()) {
      return "";
    }
    StringBuilder selector = new StringBuilder();
    new TreeMap<>(labels)
        .forEach(
            (name, value) ->
                selector
                    .append(selector.isEmpty() ? "" : ",")
                    .append(name)
                    .append('=')
                    .append(value));
    return "&labelSelector=" + ObjectPath.encode(selector.toString());
  }

  static String fieldQuery(String field, String value) {
    return "&fieldSelector=" + ObjectPath.encode(field + "=" + value);
  }

  /**
   * The metadata of an object without its version; annotations that only kubectl reads are left.
   */
  static Metadata metadata(Map<String, Object> tree) {
    Map<String, Object> metadata = Fields.metadata(tree);
    Map<String, String> annotations = Fields.textMap(metadata, "annotations");
    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    return new Metadata(
        Fields.text(metadata, "name"),
        Fields.text(metadata, "namespace"),
        Fields.textMap(metadata, "labels"),
        annotations,
        "",
        Fields.text(metadata, "uid"),
        Fields.text(metadata, "creationTimestamp"));
  }

  /**
   * The same with no other annotations than those that mean something here: of pods and namespaces,
   * which an agent holds many of.
   */
  static Metadata withOwnAnnotations(Metadata metadata) {
    Map<String, String> own = new HashMap<>();
    metadata
        .annotations()
        .forEach(
            (name, value) -> {
              if (name.contains("projectcalico.org/")) {
                own.put(name.intern(), value);
              }
            });
    return metadata.withAnnotations(own);
  }
}
