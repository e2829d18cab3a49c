package dev.manul.model;

/**
 * Which resource of a kind: a name and, for a namespaced kind, a namespace.
 *
 * @param namespace the namespace, or "" for a kind without namespaces
 * @param name the name; a DNS subdomain of RFC 1123
 */
public record Key(String namespace, String name) implements Comparable<Key> {

  public static Key of(String name) {
    return new Key("", name);
  }

  @Override
  public int compareTo(Key other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  /** {@code name} or {@code namespace/name}. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
