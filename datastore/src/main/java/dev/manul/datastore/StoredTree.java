package dev.manul.datastore;

import dev.manul.model.Kind;
import dev.manul.model.Resource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A resource as a server keeps it, which may have fields that its kind does not know: those of a
 * newer version, or of other tools. They are no reason not to read it, and must not be lost when it
 * is written.
 *
 * @param resource what is known of it
 * @param unknown the fields that are not known, by the path of the map they are in ("" at the top);
 *     unknown fields inside of lists are not kept
 */
public record StoredTree<R extends Resource>(R resource, Map<String, Map<String, Object>> unknown) {

  /** Fields of a server's metadata that it keeps by itself. */
  private static final Set<String> SERVERS_OWN =
      Set.of(
          "deletionGracePeriodSeconds",
          "deletionTimestamp",
          "generation",
          "managedFields",
          "selfLink");

  /**
   * Reads a tree.
   *
   * @throws MalformedTextException when a known field has a value that it cannot have; the message
   *     is one line that names the resource and the field
   */
  public static <R extends Resource> StoredTree<R> read(Kind<R> kind, Map<String, Object> tree) {
    Map<String, Object> fields = new LinkedHashMap<>(tree);
    fields.remove("apiVersion");
    fields.remove("kind");
    Map<String, Map<String, Object>> unknown = new TreeMap<>();
    try {
      R resource = TreeBinder.bind(kind.type(), fields, unknown);
      unknown.getOrDefault("metadata", Map.of()).keySet().removeAll(SERVERS_OWN);
      unknown.values().removeIf(Map::isEmpty);
      return new StoredTree<>(resource, unknown.isEmpty() ? Map.of() : unknown);
    } catch (FieldException e) {
      throw new MalformedTextException(kind + " " + name(tree) + ": " + e.getMessage());
    }
  }

  private static String name(Map<String, Object> tree) {
    if (!(tree.get("metadata") instanceof Map<?, ?> metadata)) {
      return "without metadata";
    }
    Object namespace = metadata.get("namespace");
    return (namespace == null ? "" : namespace + "/") + metadata.get("name");
  }

  /**
   * A resource as a tree, with fields that its kind does not know put back.
   *
   * @param unknown as found in what is stored
   */
  public static Map<String, Object> write(
      Resource resource, Map<String, Map<String, Object>> unknown) {
    Map<String, Object> tree = ResourceText.toTree(resource);
    unknown.forEach(
        (path, fields) -> {
          Map<String, Object> map = tree;
          for (String name : path.isEmpty() ? new String[0] : path.split("\\.", -1)) {
            map = inner(map, name);
          }
          fields.forEach(map::putIfAbsent);
        });
    return tree;
  }

  private static Map<String, Object> inner(Map<String, Object> map, String name) {
    Map<String, Object> inner = new LinkedHashMap<>();
    if (map.get(name) instanceof Map<?, ?> there) {
      there.forEach((key, value) -> inner.put((String) key, value));
    }
    map.put(name, inner);
    return inner;
  }
}
